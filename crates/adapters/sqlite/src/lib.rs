//! Storage in one SQLite file: a pool of readers, one writer, and reads that never wait for a transaction.
//!
//! One file per aggregate, named as in the ports and in the other stores. Beside them: the door (`store`), the unit of work
//! (`unit`, `group`), the connections (`readers`, `writer`, `file`, `room`), the schema (`migrations`), export and
//! import (`transfer`), the columns (`columns`) and the driver's errors (`errors`). This crate must never contain a rule of
//! the domain, read the clock, or match on an error's text. To add an aggregate, add a migration, a file with its statements, and its columns.

mod accounts;
mod codes;
mod columns;
mod conversations;
mod dossiers;
mod errors;
mod events;
mod file;
mod fingerprint;
mod group;
mod mailbox;
mod migrations;
mod outbox;
mod places;
mod profiles;
mod readers;
mod room;
mod sessions;
mod sources;
mod store;
mod throttles;
mod tokens;
mod transfer;
mod unit;
mod writer;

pub use errors::OpenError;
pub use migrations::steps as migration_steps;
pub use store::{SqliteOptions, SqliteStore};
