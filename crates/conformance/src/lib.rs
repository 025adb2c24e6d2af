//! The promises of the storage ports as test cases that every store runs whole.
//!
//! A store's test binary is a function that gives a fresh, migrated store in a [`Fixture`] and one line:
//!
//! ```text
//! async fn fresh() -> vestibule_conformance::Fixture { … }
//!
//! vestibule_conformance::conformance_suite!(fresh);
//! ```
//!
//! The blobs of documents have a suite of their own, `blobs_suite!`, in `blobs.rs`.
//!
//! It must never know a store, and never promise what the ports do not say. To add a case: an `async fn(Arc<dyn Store>)`
//! in the file of its aggregate with the promise as its doc, and its name in `suite.rs`; a case that is not named there
//! is dead code, which the build refuses.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a case that meets an error is to fail on the spot"
)]
#![deny(dead_code)]

mod accounts;
mod blobs;
mod codes;
mod conversations;
mod dossiers;
mod events;
mod fingerprint;
mod fixture;
mod mailbox;
mod outbox;
mod places;
mod profiles;
mod promises;
mod reopening;
mod sessions;
mod sources;
mod store;
mod suite;
mod support;
mod throttles;
mod tokens;
mod transfer;
mod unreadable;

use blobs::__blob_faces;
pub use blobs::cases as blob_cases;
pub use fixture::{BlobsFixture, Fixture, Place, Supply, run, run_on_blobs, run_on_several, run_reopening};
use reopening::__reopening_faces;
pub use reopening::{a_store_that_was_not_migrated_is_unavailable, reopening_cases};
use suite::__faces;
pub use suite::cases;
use transfer::__transfer_faces;
pub use transfer::{copy, everything, furnish, transfer_cases};
pub use unreadable::rows_that_cannot_be_read_are_left_out;
