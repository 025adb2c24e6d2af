//! What PostgreSQL and its driver report, in the words of the ports.

use sqlx::{error::DatabaseError, migrate::MigrateError};
use vestibule_ports::{StoreError, UniqueKey};

/// What the SQLSTATEs mean to a caller (PostgreSQL documentation, appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Another row has the key.
    Taken(UniqueKey),
    /// Another unit was in the way.
    Busy,
    /// The server ended the connection.
    Severed,
    /// The server does not serve us now: it refuses, lacks something, or has not been migrated yet.
    Unavailable,
    /// A mistake.
    Other,
}

impl Trouble {
    fn of(error: &dyn DatabaseError) -> Self {
        let code = error.code().unwrap_or_default();
        match code.as_ref() {
            "23505" => error.constraint().and_then(key_of).map_or(Self::Other, Self::Taken),
            // A row that is referred to was removed by another unit; serialization failure, deadlock; no lock, or no
            // end of the statement, within the time given.
            "23503" | "40001" | "40P01" | "55P03" | "57014" => Self::Busy,
            // Idle in a transaction for too long; administrator, crash, start, dropped database, idle for too long.
            "25P03" | "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => Self::Severed,
            // A standby; no such database, table or column, as before the migration.
            "25006" | "3D000" | "42P01" | "42703" => Self::Unavailable,
            code => match code.get(..2) {
                // Connection exceptions.
                Some("08") => Self::Severed,
                // Wrong credentials; out of connections, memory or disk; the disk fails.
                Some("28" | "53" | "58") => Self::Unavailable,
                _ => Self::Other,
            },
        }
    }
}

fn key_of(constraint: &str) -> Option<UniqueKey> {
    match constraint {
        "accounts_pkey" => Some(UniqueKey::AccountId),
        "accounts_email_key" => Some(UniqueKey::AccountEmail),
        "accounts_username_key" => Some(UniqueKey::AccountUsername),
        "accounts_google_user_id_key" | "accounts_facebook_user_id_key" | "accounts_apple_user_id_key" => {
            Some(UniqueKey::AccountIdentity)
        }
        "dossiers_phone_key_key" => Some(UniqueKey::DossierPhone),
        _ => None,
    }
}

/// Translates an error of the driver.
pub(crate) fn translate(error: sqlx::Error) -> StoreError {
    match &error {
        // A protocol error is a connection that broke off in the middle of an answer, or a proxy without a server.
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed => StoreError::Unavailable(Some(error.into())),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt { what: "column" },
        sqlx::Error::Database(database) => match Trouble::of(database.as_ref()) {
            Trouble::Taken(key) => StoreError::Conflict(key),
            Trouble::Busy => StoreError::Busy(Some(error.into())),
            Trouble::Severed | Trouble::Unavailable => StoreError::Unavailable(Some(error.into())),
            Trouble::Other => StoreError::Failed(error.into()),
        },
        _ => StoreError::Failed(error.into()),
    }
}

/// Whether the connection that reported this error is gone, so that a fresh one may do better.
pub(crate) fn severed(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(database) => Trouble::of(database.as_ref()) == Trouble::Severed,
        _ => false,
    }
}

/// Whether an attempt to connect failed as while the server starts or is replaced.
pub(crate) fn starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        // It starts, or has all the connections that it takes for now.
        sqlx::Error::Database(database) => matches!(database.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

/// Translates an error of the migrator.
pub(crate) fn translate_migration(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => translate(error),
        other => StoreError::Failed(other.into()),
    }
}
