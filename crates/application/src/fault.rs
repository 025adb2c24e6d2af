//! What can go wrong in every use case.

use std::{error::Error, fmt, panic::Location};

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
    Overloaded(#[source] Traced),
    /// The store cannot be reached.
    #[error("the store is unavailable")]
    Unavailable(#[source] Traced),
    /// The store is not one that this program can work on, until an operator does what the cause says.
    #[error("the store cannot be used")]
    Unfit(#[source] Traced),
    /// What should not happen.
    #[error("an internal error")]
    Internal(#[source] Traced),
}

/// The error that a fault came from, with the line of the use case that met it.
#[derive(Debug)]
pub struct Traced {
    error: Box<dyn Error + Send + Sync>,
    at: &'static Location<'static>,
}

impl fmt::Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Traced {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl Traced {
    #[track_caller]
    fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), at: Location::caller() }
    }
}

impl Fault {
    pub(crate) fn throttled(throttled: Throttled, now: time::OffsetDateTime) -> Self {
        Self::Throttled { retry_after: throttled.retry_after(now) }
    }

    /// A queue is full or a lock is held.
    #[track_caller]
    pub fn overloaded(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Overloaded(Traced::new(cause))
    }

    /// The store cannot be reached.
    #[track_caller]
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Traced::new(cause))
    }

    /// The store is not one that this program can work on.
    #[track_caller]
    pub fn unfit(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unfit(Traced::new(cause))
    }

    /// What should not happen.
    #[track_caller]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(Traced::new(cause))
    }

    /// The line of the use case that met it; none for a client that tries too often.
    pub const fn at(&self) -> Option<&'static Location<'static>> {
        match self {
            Self::Throttled { .. } => None,
            Self::Overloaded(cause) | Self::Unavailable(cause) | Self::Unfit(cause) | Self::Internal(cause) => {
                Some(cause.at)
            }
        }
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
    #[track_caller]
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::overloaded(error),
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Unfit(_) => Self::unfit(error),
            StoreError::Conflict(_) | StoreError::Corrupt { .. } | StoreError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<HashError> for Fault {
    #[track_caller]
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded => Self::overloaded(error),
            HashError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<BlobError> for Fault {
    #[track_caller]
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Unavailable(_) => Self::unavailable(error),
            BlobError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<GeocodeError> for Fault {
    #[track_caller]
    fn from(error: GeocodeError) -> Self {
        match error {
            GeocodeError::Unavailable(_) => Self::unavailable(error),
            GeocodeError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<SealBroken> for Fault {
    #[track_caller]
    fn from(error: SealBroken) -> Self {
        Self::internal(error)
    }
}

impl From<LetterError> for Fault {
    #[track_caller]
    fn from(error: LetterError) -> Self {
        Self::internal(error)
    }
}

impl From<SignerError> for Fault {
    #[track_caller]
    fn from(error: SignerError) -> Self {
        Self::internal(error)
    }
}

/// Lets `?` turn a port's error into a use case's error by way of [`Fault`].
macro_rules! faults_into {
    ($refused:ty: $($error:ty),+) => {
        $(impl From<$error> for $refused {
            #[track_caller]
            fn from(error: $error) -> Self {
                Self::Fault($crate::Fault::from(error))
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
    fn a_fault_knows_the_line_that_met_it() {
        #[derive(Debug)]
        enum Refused {
            Fault(Fault),
        }
        faults_into!(Refused: StoreError);
        let met = |error: StoreError| -> Result<(), Refused> { Ok(Err(error)?) };
        let line = line!() - 1;
        let Err(Refused::Fault(fault)) = met(StoreError::Busy(None)) else { panic!("it is refused") };
        let at = fault.at().unwrap();
        assert_eq!((at.file(), at.line()), (file!(), line));
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
