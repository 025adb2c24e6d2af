//! Everything that the store holds as lines of JSON, and such lines into an empty store: how an installation moves to another store.
//!
//! The first line is a header with the version of the format and the number of records of each kind; then comes one record a line,
//! in the order of kinds and keys; the last line has a digest of the lines of each kind. Two stores that hold the same give the
//! same lines.

mod export;
mod format;
mod import;

pub use export::Exporting;
pub use import::{ImportError, Importing};
