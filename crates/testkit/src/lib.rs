//! What tests of several crates need: a manual clock, seeded randomness, builders and doubles.
//!
//! It must never be a dependency of shipped code, and holds no promise of a port: those are in the conformance suite. To
//! add a double, add a file named after what it stands for.

pub mod accounts;
pub mod clock;
pub mod geocoder;
pub mod hasher;
pub mod identity;
pub mod lines;
pub mod mailer;
pub mod postgres;
#[cfg(feature = "provider")]
pub mod provider;
pub mod randomness;
pub mod renderer;
pub mod store;

pub use accounts::AccountBuilder;
pub use clock::FixedClock;
pub use geocoder::ScriptedGeocoder;
pub use hasher::InstantHasher;
pub use identity::ScriptedProvider;
pub use lines::Lines;
pub use mailer::RecordingMailer;
pub use postgres::PostgresCluster;
#[cfg(feature = "provider")]
pub use provider::LocalProvider;
pub use randomness::SeededRandomness;
pub use renderer::{EchoRenderer, InstantRenderer};
pub use store::BrokenStore;
