//! Places found offline: the cities of GeoNames with 5,000 inhabitants or more, embedded in the binary.
//!
//! `scripts/gazetteer` makes `data/places.bin` from two pinned packages, in the format of `format.rs`. It is read at the
//! first look-up and stays in memory, about 9 MB. `fold.rs` decides when two spellings are one name, `question.rs` takes a
//! text apart, `areas.rs` knows countries and regions, `gazetteer.rs` chooses. This crate must never use the network or the
//! file system, and never guess: a part of a text that it does not understand makes the place unknown. A nickname, such as
//! `NYC`, is a line in `words.rs`.
//!
//! The data are from GeoNames (geonames.org), under CC BY 4.0; see `NOTICE.md`.

mod areas;
mod cities;
pub mod fold;
pub mod format;
mod gazetteer;
mod geocoder;
mod question;
mod words;

pub use format::DamagedData;
pub use geocoder::{DATA, OfflineGeocoder};
