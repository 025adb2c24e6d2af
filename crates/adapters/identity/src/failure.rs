//! Failures between us and a provider, in words without secrets.

use std::{error::Error, time::Duration};

use vestibule_ports::IdentityError;

/// Why a provider could not help; without URLs, which contain tokens, and without bodies.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot make a request to the provider")]
    Request(#[source] hyper::http::Error),
    #[error("cannot reach the provider")]
    Connection(#[source] hyper_util::client::legacy::Error),
    #[error("the provider's answer broke off, or is too long")]
    Body(#[source] Box<dyn Error + Send + Sync>),
    #[error("the provider has not answered within {} ms", .0.as_millis())]
    TimedOut(Duration),
    #[error("the provider answered with status {0}")]
    Status(u16),
    #[error("the provider's {0} is invalid")]
    Nonsense(&'static str),
    #[error("the provider's keys could not be fetched a moment ago")]
    KeysMissing,
    #[error("the provider does not know our id or our key")]
    NotKnownThere,
    #[error("our own signature cannot be made")]
    Signing(#[source] jsonwebtoken::errors::Error),
    #[error("the server is stopping")]
    Stopping,
}

impl From<Failure> for IdentityError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(Box::new(failure))
    }
}

/// Runs a whole proof within its time limit.
pub(crate) async fn within<T>(
    total: Duration,
    proof: impl Future<Output = Result<T, IdentityError>>,
) -> Result<T, IdentityError> {
    match tokio::time::timeout(total, proof).await {
        Ok(result) => result,
        Err(_) => Err(Failure::TimedOut(total).into()),
    }
}
