//! Hashing of passwords.

use async_trait::async_trait;
use vestibule_domain::{NewPassword, PasswordHash};

/// Why a password was neither hashed nor compared.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The queue is full, or the wait was too long: try again later.
    #[error("password hashing is overloaded")]
    Overloaded,
    /// Hashing failed.
    #[error("password hashing failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMatch {
    /// Another password.
    Wrong,
    /// The right one.
    Right,
    /// The stored hash is of a kind that no password can be compared with; the text says why.
    Unusable(&'static str),
    /// The right one, but its hash does not have the present cost and should be recomputed.
    Outdated,
}

/// Hashes passwords slowly, off the async threads, behind a bounded queue.
///
/// A comparison needs a turn that was reserved before. The caller counts a guess between the two, so a guess that an
/// overloaded hasher rejects is never counted.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a new password with the present cost.
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashError>;

    /// Waits for a turn to compare; `Overloaded` at once if the queue is full, or after the longest wait. A dropped turn is
    /// given back.
    async fn reserve(&self) -> Result<Box<dyn HashTurn>, HashError>;

    /// How many callers wait for a turn now.
    fn queued(&self) -> usize;
}

/// The right to compare once, without waiting.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HashTurn: Send {
    /// Compares a candidate with a hash. Without a hash (an unknown account) the answer is `Wrong`, in the time that a
    /// comparison takes; with a hash of another kind it is `Unusable`, in the same time.
    async fn verify(self: Box<Self>, candidate: &str, hash: Option<PasswordHash>) -> Result<PasswordMatch, HashError>;
}
