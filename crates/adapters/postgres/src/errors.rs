//! Translation of errors of PostgreSQL and its driver to those of the ports.

use sqlx::{
    error::DatabaseError,
    postgres::{PgDatabaseError, PgSeverity},
};
use vestibule_ports::{StoreError, UniqueKey};

use crate::{tls::TlsFault, unfit::Unfit};

/// Why work on a connection was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The driver's error.
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
    /// The driver's error; the server may have done the work all the same, so it must not be repeated.
    #[error(transparent)]
    Uncertain(sqlx::Error),
    /// A write met a read-only server.
    #[error("the PostgreSQL server takes no writes: it is a standby, or `default_transaction_read_only` is on")]
    ReadOnly,
    /// A write met a server that had refused earlier writes.
    #[error("the PostgreSQL server takes no writes: its disk is full")]
    NoRoom,
    /// No connection could be opened in time.
    #[error("no connection to the PostgreSQL server: {0}")]
    NoConnection(String),
}

/// What an error says about the connection that reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Harm {
    /// It has ended. That says nothing about others.
    Ended,
    /// It is unusable, and so are those opened before it.
    Lost,
    /// It leads to a read-only server. Reads succeed.
    ReadOnly,
}

/// What the SQLSTATEs mean to a caller (PostgreSQL documentation, appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Another row has the key.
    Taken(UniqueKey),
    /// Another unit interfered.
    Busy,
    /// The connection is no longer what it was; a fresh one may do better.
    Harmed(Harm),
    /// The server cannot serve us now: it refuses, lacks something, or has not been migrated yet.
    Unavailable,
    /// A bug.
    Other,
}

impl Trouble {
    fn of(error: &dyn DatabaseError) -> Self {
        let code = error.code().unwrap_or_default();
        match code.as_ref() {
            "23505" => error.constraint().and_then(key_of).map_or(Self::Other, Self::Taken),
            // A referenced row was removed by another unit; serialization failure, deadlock; lock or statement timeout.
            "23503" | "40001" | "40P01" | "55P03" | "57014" => Self::Busy,
            // The server's session timeouts: idle in a transaction, in a transaction, idle.
            "25P03" | "25P04" | "57P05" => Self::Harmed(Harm::Ended),
            // Shut down by an administrator or after a crash; starting; the database was dropped. Then: the session's state
            // is gone or stale, such as a prepared statement that the server does not know, already has, or planned before
            // a migration, or a transaction. A proxy has switched servers behind the connection, or another node has
            // migrated the schema.
            "57P01" | "57P02" | "57P03" | "57P04" | "26000" | "42P05" | "0A000" | "25P01" => Self::Harmed(Harm::Lost),
            // A write in a read-only transaction; operations impossible during recovery, such as a write lock.
            "25006" | "55000" => Self::Harmed(Harm::ReadOnly),
            // No such database, table or column, as before the migration.
            "3D000" | "42P01" | "42703" => Self::Unavailable,
            code => match code.get(..2) {
                // Connection exceptions.
                Some("08") => Self::Harmed(Harm::Lost),
                // Wrong credentials; out of connections, memory or disk space; disk failure. A fresh connection leads to
                // the same server.
                Some("28" | "53" | "58") => Self::Unavailable,
                // Among them 25P02, which follows a failed statement of the same unit, and damaged data (XX001, XX002).
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
        "places_name_key" => Some(UniqueKey::PlaceName),
        _ => None,
    }
}

/// An error of the server in its own words. The driver would add a line number of the server's source, which does not help
/// an operator.
#[derive(Debug, thiserror::Error)]
#[error("the PostgreSQL server says: {message} (SQLSTATE {code})")]
struct Reported {
    message: String,
    code: String,
}

fn reported(error: sqlx::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match error.as_database_error() {
        Some(database) => {
            let code = database.code().unwrap_or_default().into_owned();
            Reported { message: database.message().to_owned(), code }.into()
        }
        None => error.into(),
    }
}

/// Translates an error of the driver.
pub(crate) fn translate(error: sqlx::Error) -> StoreError {
    let error = match TlsFault::of(error) {
        Ok(fault) => return StoreError::Unavailable(Some(fault.into())),
        Err(error) => error,
    };
    match &error {
        // A protocol error means a connection that broke in the middle of an answer, or a proxy without a server.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            StoreError::Unavailable(Some(error.into()))
        }
        // The pool's reason not to use a server, or an unreadable TLS file.
        sqlx::Error::Configuration(_) => match error {
            sqlx::Error::Configuration(cause) => StoreError::Unfit(cause),
            error => StoreError::Failed(error.into()),
        },
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt { what: "column" },
        sqlx::Error::Database(database) => match Trouble::of(database.as_ref()) {
            Trouble::Taken(key) => StoreError::Conflict(key),
            Trouble::Busy => StoreError::Busy(Some(reported(error))),
            Trouble::Harmed(_) | Trouble::Unavailable => StoreError::Unavailable(Some(reported(error))),
            Trouble::Other => StoreError::Failed(reported(error)),
        },
        _ => StoreError::Failed(error.into()),
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Driver(error) | Failure::Uncertain(error) => translate(error),
            Failure::ReadOnly | Failure::NoRoom | Failure::NoConnection(_) => Self::Unavailable(Some(failure.into())),
        }
    }
}

impl Failure {
    /// For a statement that must not run twice: if the server reports an error, it has not run it.
    pub(crate) fn of_single(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::Database(_)) { Self::Driver(error) } else { Self::Uncertain(error) }
    }

    /// With the cause of a failed wait, if there is one.
    pub(crate) fn because(self, refusal: impl FnOnce() -> Option<String>) -> Self {
        match self {
            Self::Driver(sqlx::Error::PoolTimedOut) => {
                refusal().map_or(Self::Driver(sqlx::Error::PoolTimedOut), Self::NoConnection)
            }
            failure => failure,
        }
    }

    /// What it says about the connection, if that makes a retry worthwhile.
    pub(crate) fn harm(&self) -> Option<Harm> {
        match self {
            Self::Driver(error) => harm(error),
            Self::Uncertain(_) | Self::NoRoom | Self::NoConnection(_) => None,
            Self::ReadOnly => Some(Harm::ReadOnly),
        }
    }
}

/// What an error says about the connection that reported it, if anything: a fresh one may do better.
pub(crate) fn harm(error: &sqlx::Error) -> Option<Harm> {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => Some(Harm::Lost),
        sqlx::Error::Database(database) => match Trouble::of(database.as_ref()) {
            Trouble::Harmed(harm) => Some(harm),
            // For example when a standby ends a session because of a recovery conflict.
            Trouble::Busy | Trouble::Other if is_fatal(database.as_ref()) => Some(Harm::Ended),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the server ends the connection after this error, whatever its SQLSTATE.
fn is_fatal(error: &dyn DatabaseError) -> bool {
    error
        .try_downcast_ref::<PgDatabaseError>()
        .is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

/// Whether a connection attempt failed the way it does while the server starts or is replaced.
pub(crate) fn starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(database) => database.code().as_deref() == Some("57P03") || crowded(error),
        _ => false,
    }
}

/// Whether the server's disk is full.
pub(crate) fn is_out_of_room(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("53100"))
}

/// Whether the server has no connection slot left.
pub(crate) fn crowded(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("53300"))
}

/// Translates an error of a schema step, which needs more privileges than other statements.
pub(crate) fn translate_migration(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // Insufficient privilege.
    if code.as_deref() == Some("42501") { StoreError::Unfit(Unfit::NotOwner.into()) } else { translate(error) }
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, error::Error, fmt};

    use sqlx::error::ErrorKind;

    use super::*;

    /// An error of the server with this SQLSTATE.
    #[derive(Debug)]
    struct Answer(&'static str);

    impl fmt::Display for Answer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }
    }

    impl Error for Answer {}

    impl DatabaseError for Answer {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }
    }

    fn answer(code: &'static str) -> sqlx::Error {
        sqlx::Error::Database(Box::new(Answer(code)))
    }

    #[test]
    fn what_is_wrong_with_a_connection_is_told_by_its_sqlstate() {
        for (expected, codes) in [
            (Harm::Ended, &["25P03", "25P04", "57P05"][..]),
            (Harm::Lost, &["57P01", "57P02", "57P03", "57P04"]),
            (Harm::Lost, &["08000", "08001", "08003", "08004", "08006", "08007", "08P01"]),
            (Harm::Lost, &["26000", "42P05", "0A000", "25P01"]),
            (Harm::ReadOnly, &["25006", "55000"]),
        ] {
            for code in codes {
                assert_eq!(harm(&answer(code)), Some(expected), "{code}");
                assert!(matches!(translate(answer(code)), StoreError::Unavailable(_)), "{code}");
            }
        }
    }

    #[test]
    fn a_connection_outlives_every_other_error() {
        for code in ["40001", "40P01", "55P03", "57014", "23503"] {
            assert_eq!(harm(&answer(code)), None, "{code}");
            assert!(matches!(translate(answer(code)), StoreError::Busy(_)), "{code}");
        }
        for code in ["28000", "28P01", "3D000", "53100", "53200", "53300", "58030", "58P01", "42P01", "42703"] {
            assert_eq!(harm(&answer(code)), None, "{code}");
            assert!(matches!(translate(answer(code)), StoreError::Unavailable(_)), "{code}");
        }
        for code in ["25P02", "42501", "42601", "22P02", "XX000", "XX001", "XX002", "57000"] {
            assert_eq!(harm(&answer(code)), None, "{code}");
            assert!(matches!(translate(answer(code)), StoreError::Failed(_)), "{code}");
        }
    }

    #[test]
    fn a_broken_answer_is_a_lost_connection() {
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(harm(&sqlx::Error::Io(broken)), Some(Harm::Lost));
        assert_eq!(harm(&sqlx::Error::PoolTimedOut), None);
    }
}
