//! Storage of what the secret is known by.

use async_trait::async_trait;
use vestibule_domain::Digest;

use crate::StoreError;

/// The fingerprint of the secret that everything here was digested and sealed with; there is at most one.
#[async_trait]
pub trait Fingerprint: Send {
    /// Keeps the fingerprint if there is none yet, and returns the one that is kept: one atomic step with one winner.
    async fn claim(&mut self, fingerprint: &Digest) -> Result<Digest, StoreError>;
    /// Puts a fingerprint in the place of any other.
    async fn replace(&mut self, fingerprint: &Digest) -> Result<(), StoreError>;
}
