//! The fingerprint of the secret.

use async_trait::async_trait;
use vestibule_domain::Digest;
use vestibule_ports::{Fingerprint, ReadFingerprint, StoreError};

use crate::store::{MemoryStore, MemoryUnit};

#[async_trait]
impl ReadFingerprint for MemoryStore {
    async fn find(&self) -> Result<Option<Digest>, StoreError> {
        Ok(self.snapshot()?.fingerprint)
    }
}

#[async_trait]
impl Fingerprint for MemoryUnit {
    async fn claim(&mut self, fingerprint: &Digest) -> Result<Digest, StoreError> {
        Ok(*self.state.fingerprint.get_or_insert(*fingerprint))
    }

    async fn replace(&mut self, fingerprint: &Digest) -> Result<(), StoreError> {
        self.state.fingerprint = Some(*fingerprint);
        Ok(())
    }
}
