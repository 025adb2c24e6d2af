//! Failures between us and the server, in words that do not reveal what was looked up.

use std::{error::Error, time::Duration};

use vestibule_ports::GeocodeError;

/// Why a look-up has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("too many look-ups wait for their turn")]
    TooManyWait,
    #[error("the Nominatim server asked for a pause")]
    AskedToWait,
    #[error("cannot make a request to the Nominatim server")]
    Request(#[source] hyper::http::Error),
    #[error("cannot reach the Nominatim server")]
    Connection(#[source] hyper_util::client::legacy::Error),
    #[error("the answer of the Nominatim server broke off")]
    Body(#[source] Box<dyn Error + Send + Sync>),
    #[error("the Nominatim server has not answered within {} ms", .0.as_millis())]
    TimedOut(Duration),
    #[error("the Nominatim server answered with status {0}")]
    Status(u16),
    #[error("the answer of the Nominatim server is too long")]
    TooLong,
    #[error("the Nominatim server's {0} is invalid")]
    Nonsense(&'static str),
}

impl Failure {
    /// Whether a retry may soon help.
    fn is_passing(&self) -> bool {
        match self {
            Self::TooManyWait | Self::AskedToWait | Self::Connection(_) | Self::Body(_) | Self::TimedOut(_) => true,
            Self::Status(status) => *status == 429 || *status >= 500,
            Self::Request(_) | Self::TooLong | Self::Nonsense(_) => false,
        }
    }
}

impl From<Failure> for GeocodeError {
    fn from(failure: Failure) -> Self {
        if failure.is_passing() { Self::Unavailable(Box::new(failure)) } else { Self::Failed(Box::new(failure)) }
    }
}
