//! Handing mail to a mail server.

use async_trait::async_trait;
use vestibule_domain::mail::Mail;

/// Why a mail server did not take a mail; the texts contain neither address nor content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailerError {
    /// The server is down, slow or answered 4xx: try again later.
    #[error("not now: {0}")]
    Transient(String),
    /// The server answered 5xx to this mail: a retry does not help.
    #[error("never: {0}")]
    Permanent(String),
}

/// Sends mail.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one mail over; `Ok` means that the server has taken responsibility for it.
    async fn send(&self, mail: &Mail) -> Result<(), MailerError>;
}
