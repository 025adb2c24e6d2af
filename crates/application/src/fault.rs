//! What can go wrong in every use case.

use std::error::Error;

use vestibule_domain::throttle::Throttled;
use vestibule_ports::{BlobError, GeocodeError, HashError, LetterError, SealBroken, SignerError, StoreError};

/// Why a use case could not be carried out, for reasons that have nothing to do with what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Too many tries.
    #[error("too many tries; the next one is granted in {retry_after} s")]
    Throttled {
        /// Whole seconds to wait.
        retry_after: u64,
    },
    /// A queue is full or a lock is held: again in a moment.
    #[error("the server is overloaded")]
    Overloaded(#[source] Box<dyn Error + Send + Sync>),
    /// The store cannot be reached.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The store is not one that this program can work on, until an operator does what the cause says.
    #[error("the store cannot be used")]
    Unfit(#[source] Box<dyn Error + Send + Sync>),
    /// What should not happen.
    #[error("an internal error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl Fault {
    pub(crate) fn throttled(throttled: Throttled, now: time::OffsetDateTime) -> Self {
        Self::Throttled { retry_after: throttled.retry_after(now) }
    }
}

/// An error with all its causes in one line, for logs and operators, never for clients. A cause that the error before it
/// has told already, as some do, is told once.
pub fn chain(error: &dyn Error) -> String {
    std::iter::successors(error.source(), |error| (*error).source()).fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.ends_with(&cause) { text } else { format!("{text}: {cause}") }
    })
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::Overloaded(error.into()),
            StoreError::Unavailable(_) => Self::Unavailable(error.into()),
            StoreError::Unfit(_) => Self::Unfit(error.into()),
            StoreError::Conflict(_) | StoreError::Corrupt { .. } | StoreError::Failed(_) => {
                Self::Internal(error.into())
            }
        }
    }
}

impl From<HashError> for Fault {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded => Self::Overloaded(error.into()),
            HashError::Failed(_) => Self::Internal(error.into()),
        }
    }
}

impl From<BlobError> for Fault {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Unavailable(_) => Self::Unavailable(error.into()),
            BlobError::Failed(_) => Self::Internal(error.into()),
        }
    }
}

impl From<GeocodeError> for Fault {
    fn from(error: GeocodeError) -> Self {
        match error {
            GeocodeError::Unavailable(_) => Self::Unavailable(error.into()),
            GeocodeError::Failed(_) => Self::Internal(error.into()),
        }
    }
}

impl From<SealBroken> for Fault {
    fn from(error: SealBroken) -> Self {
        Self::Internal(error.into())
    }
}

impl From<LetterError> for Fault {
    fn from(error: LetterError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<SignerError> for Fault {
    fn from(error: SignerError) -> Self {
        Self::Internal(error.into())
    }
}

/// Lets `?` turn a port's error into a use case's error by way of [`Fault`].
macro_rules! faults_into {
    ($refused:ty: $($error:ty),+) => {
        $(impl From<$error> for $refused {
            fn from(error: $error) -> Self {
                Self::Fault(error.into())
            }
        })+
    };
}

pub(crate) use faults_into;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("talking to the server: {0}")]
    struct Talkative(#[source] std::fmt::Error);

    #[test]
    fn a_store_that_is_away_is_told_once_with_its_cause() {
        let fault = Fault::from(StoreError::Unavailable(Some("connection refused".into())));
        assert_eq!(chain(&fault), "the store is unavailable: connection refused");
        assert_eq!(chain(&Fault::from(StoreError::Unavailable(None))), "the store is unavailable");
    }

    #[test]
    fn a_store_that_cannot_be_used_is_told_once_with_what_to_do() {
        let fault = Fault::from(StoreError::Unfit("make another database".into()));
        assert_eq!(chain(&fault), "the store cannot be used: make another database");
    }

    #[test]
    fn every_cause_that_says_something_new_is_told() {
        let fault = Fault::from(StoreError::Busy(Some("deadlock detected".into())));
        assert_eq!(chain(&fault), "the server is overloaded: the store is busy: deadlock detected");
    }

    #[test]
    fn a_cause_that_its_error_tells_itself_is_not_told_again() {
        let error = Talkative(std::fmt::Error);
        assert_eq!(chain(&error), error.to_string());
    }
}
