//! Storage of the fingerprint of the secret.

use async_trait::async_trait;
use vestibule_domain::Digest;

use crate::StoreError;

/// Reading the fingerprint of the secret.
#[async_trait]
pub trait ReadFingerprint: Send + Sync {
    /// The stored fingerprint; none before the first claim.
    async fn find(&self) -> Result<Option<Digest>, StoreError>;
}

/// The fingerprint of the secret that digests and seals everything in this store; there is at most one.
#[async_trait]
pub trait Fingerprint: Send {
    /// Stores the fingerprint if there is none yet, and returns the stored one: one atomic step with one winner.
    async fn claim(&mut self, fingerprint: &Digest) -> Result<Digest, StoreError>;
    /// Stores a fingerprint and replaces any other.
    async fn replace(&mut self, fingerprint: &Digest) -> Result<(), StoreError>;
}
