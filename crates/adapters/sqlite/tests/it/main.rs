//! The promises of the ports on SQLite, and those of a database file.

#![expect(clippy::unwrap_used, reason = "a test that meets an error is to fail on the spot")]

mod conformance;
mod crash;
mod erasures;
mod files;
mod groups;
mod plans;
mod searches;
mod sets;
mod speed;
mod statements;
mod tally;
mod unreadable;

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vestibule_ports::Store;
use vestibule_sqlite::{SqliteOptions, SqliteStore};

/// The path of a database in a temporary directory.
fn database(directory: &TempDir) -> PathBuf {
    directory.path().join("vestibule.db")
}

/// A migrated store on a file, which is made if there is none.
async fn open(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path, SqliteOptions { create: true, ..SqliteOptions::default() }).await.unwrap();
    store.migrate().await.unwrap();
    store
}
