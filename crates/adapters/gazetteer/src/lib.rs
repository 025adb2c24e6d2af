//! Places found offline: the cities of GeoNames with 5,000 inhabitants or more, inside the binary.
//!
//! `data/places.bin` is made by `scripts/gazetteer` from two pinned packages; its form is that of `format.rs`. It is read at the
//! first look-up and stays in memory, about 9 MB. `fold.rs` says when two spellings are one name, `question.rs` takes a
//! text apart, `areas.rs` knows countries and regions, `gazetteer.rs` chooses. This crate must never use the network or the file
//! system, and never guess: a part of a text that it does not understand makes the place unknown. A nickname, such as `NYC`, is
//! a line in `words.rs`.
//!
//! The data is of GeoNames (geonames.org), under CC BY 4.0; see `NOTICE.md`.

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
