//! The one error of every storage port.

use std::{error::Error, sync::Arc};

/// A key that must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UniqueKey {
    /// The id of an account.
    AccountId,
    /// The e-mail address of an account.
    AccountEmail,
    /// The user name of an account.
    AccountUsername,
    /// The identity of an account at a provider.
    AccountIdentity,
    /// The telephone number of a dossier.
    DossierPhone,
    /// The name of a place.
    PlaceName,
}

/// Why this program cannot work on a schema; every text says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The schema has a step that this program does not know.
    #[error(
        "the database is newer than this program: step {0} of its schema is not known here; use the newer program, or restore an \
         earlier backup"
    )]
    Newer(i64),
    /// A step differs from this program's.
    #[error(
        "step {0} of the schema of the database is not that of this program, for example because a development version made it: use the \
         program that made it, or another database"
    )]
    Different(i64),
}

impl From<SchemaError> for StoreError {
    fn from(error: SchemaError) -> Self {
        Self::Unfit(error.into())
    }
}

/// Why storage did not do what was asked.
///
/// Adapters translate their driver's errors by constraint name or SQLSTATE, never by message text.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another row has this key; the unit of work stays usable.
    #[error("the unique key {0:?} is taken")]
    Conflict(UniqueKey),
    /// Another unit holds a lock that is needed, or two units collided: a retry may help.
    #[error("the store is busy")]
    Busy(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The store is unreachable, read-only, shutting down, or not migrated yet.
    #[error("the store is unavailable")]
    Unavailable(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The store answers, but this program cannot work on it. Waiting does not help; the cause says what does.
    #[error("the store cannot be used")]
    Unfit(#[source] Box<dyn Error + Send + Sync>),
    /// A stored value breaks a rule of the domain.
    #[error("the stored {what} is corrupt")]
    Corrupt {
        /// Which value of which aggregate, without its content.
        what: &'static str,
    },
    /// Anything that should not happen.
    #[error("the store failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Work that was done for several callers at once has failed.
#[derive(Debug, thiserror::Error)]
#[error("the shared work failed")]
struct Shared(#[source] Arc<StoreError>);

impl StoreError {
    /// A copy of the error of work that was done for several callers, one for each of them.
    pub fn shared(error: &Arc<Self>) -> Self {
        let cause = || Box::new(Shared(Arc::clone(error)));
        match **error {
            Self::Conflict(key) => Self::Conflict(key),
            Self::Corrupt { what } => Self::Corrupt { what },
            Self::Busy(_) => Self::Busy(Some(cause())),
            Self::Unavailable(_) => Self::Unavailable(Some(cause())),
            Self::Unfit(_) => Self::Unfit(cause()),
            Self::Failed(_) => Self::Failed(cause()),
        }
    }

    /// The same error for each of `count` callers.
    pub fn of_all<T>(self, count: usize) -> Vec<Result<T, Self>> {
        let error = Arc::new(self);
        (0..count).map(|_| Err(Self::shared(&error))).collect()
    }
}
