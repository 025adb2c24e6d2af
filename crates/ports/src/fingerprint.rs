//! Storage of what the secret is known by.

use async_trait::async_trait;
use vestibule_domain::Digest;

use crate::StoreError;

/// Reading the fingerprint of the secret.
#[async_trait]
pub trait ReadFingerprint: Send + Sync {
    /// The fingerprint that is kept; none before the first claim.
    async fn find(&self) -> Result<Option<Digest>, StoreError>;
}

/// The fingerprint of the secret that everything here was digested and sealed with; there is at most one.
#[async_trait]
pub trait Fingerprint: Send {
    /// Keeps the fingerprint if there is none yet, and returns the one that is kept: one atomic step with one winner.
    async fn claim(&mut self, fingerprint: &Digest) -> Result<Digest, StoreError>;
    /// Puts a fingerprint in the place of any other.
    async fn replace(&mut self, fingerprint: &Digest) -> Result<(), StoreError>;
}
