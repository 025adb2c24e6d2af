//! Translation of errors of SQLite and its driver to those of the ports.

use std::path::PathBuf;

use sqlx::{error::DatabaseError, migrate::MigrateError};
use vestibule_ports::{SchemaError, StoreError};

/// Why a database file is not used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is missing, and may not be created.
    #[error(
        "there is no database at {}: a new one is made only where there never was one, so put the file back from a \
         backup, or correct the path",
        .0.display()
    )]
    Missing(PathBuf),
    /// The file is unreachable: moved, deleted, or not permitted.
    #[error("the database file {} cannot be used", .0.display())]
    Unreachable(PathBuf, #[source] std::io::Error),
    /// Another server works on the file.
    #[error(
        "another server serves from the database {} already: one SQLite file is for one server; stop the other, give this one another \
         DATABASE_URL, or use PostgreSQL for several nodes",
        .0.display()
    )]
    Served(PathBuf),
    /// The path now names another file than the one that the unit of work began on.
    #[error("the database file was replaced by another one")]
    Replaced,
    /// The file is damaged, or is not a database.
    #[error("the database file is damaged or is not a database: put it back from a backup")]
    Damaged(#[source] sqlx::Error),
    /// The schema is older than this program.
    #[error("the database has not been migrated to the schema of this program: run `vestibule migrate`")]
    NotMigrated,
}

impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Missing(_) | OpenError::Served(_) | OpenError::Damaged(_) => Self::Unfit(error.into()),
            OpenError::Unreachable(..) | OpenError::Replaced | OpenError::NotMigrated => {
                Self::Unavailable(Some(error.into()))
            }
        }
    }
}

/// What the primary result codes of SQLite mean to a caller (<https://sqlite.org/rescode.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Busy,
    Unavailable,
    Damaged,
    Other,
}

impl Trouble {
    fn of(error: &dyn DatabaseError) -> Self {
        let extended = extended_code(error);
        // A referenced row was removed by another unit since it was read.
        if extended == FOREIGN_KEY {
            return Self::Busy;
        }
        match extended & 0xFF {
            // BUSY, LOCKED.
            5 | 6 => Self::Busy,
            // PERM, READONLY, IOERR, FULL, CANTOPEN.
            3 | 8 | 10 | 13 | 14 => Self::Unavailable,
            // CORRUPT, NOTADB.
            11 | 26 => Self::Damaged,
            _ => Self::Other,
        }
    }
}

/// `CONSTRAINT_FOREIGNKEY`: a referenced row is missing.
const FOREIGN_KEY: i32 = 787;

fn extended_code(error: &dyn DatabaseError) -> i32 {
    error.code().and_then(|code| code.parse().ok()).unwrap_or_default()
}

/// Translates an error of the driver.
pub(crate) fn translate(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::PoolTimedOut => StoreError::Busy(Some(error.into())),
        // If SQLite has already rolled back by itself, the driver's count of transactions is off; the connection is
        // replaced before its next use.
        sqlx::Error::InvalidSavePointStatement
        | sqlx::Error::BeginFailed
        | sqlx::Error::Io(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => StoreError::Unavailable(Some(error.into())),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt { what: "column" },
        sqlx::Error::Database(database) => match Trouble::of(database.as_ref()) {
            Trouble::Busy => StoreError::Busy(Some(error.into())),
            Trouble::Unavailable => StoreError::Unavailable(Some(error.into())),
            Trouble::Damaged => OpenError::Damaged(error).into(),
            Trouble::Other => StoreError::Failed(error.into()),
        },
        _ => StoreError::Failed(error.into()),
    }
}

/// Whether a connection that reported this error may be used again.
pub(crate) fn spares_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => matches!(Trouble::of(database.as_ref()), Trouble::Busy | Trouble::Other),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => true,
        _ => false,
    }
}

/// Translates an error of the migrator.
pub(crate) fn translate_migration(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => translate(error),
        MigrateError::VersionMissing(version) => SchemaError::Newer(version).into(),
        MigrateError::VersionMismatch(version) => SchemaError::Different(version).into(),
        other => StoreError::Failed(other.into()),
    }
}
