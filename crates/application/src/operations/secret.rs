//! Whether the store was used with the secret that this node has.
//!
//! What is kept is a digest under a key derived from the secret: who reads the store learns nothing of the secret.

use vestibule_ports::StoreError;

use crate::{
    Identity, Operator,
    fault::{Fault, faults_into},
};

/// Why this node must not work on the store.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The store was used with another secret.
    #[error("the store was used with another secret than this one")]
    Another,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(SecretError: StoreError);

impl Identity {
    /// Compares the secret with the one that the store was first used with; the first to ask makes its own the one. Safe
    /// when several nodes do it at once.
    pub async fn check_secret(&self) -> Result<(), SecretError> {
        let ours = self.core.fingerprint();
        let mut unit = self.core.begin().await?;
        if unit.fingerprint().claim(&ours).await? != ours {
            return Err(SecretError::Another);
        }
        Ok(unit.commit().await?)
    }

    /// Whether the secret is that of the store, or the store has none yet. An operator may have made another one its secret since this
    /// node began.
    pub async fn has_our_secret(&self) -> Result<bool, Fault> {
        let kept = self.core.read().fingerprint().find().await?;
        Ok(kept.is_none_or(|kept| kept == self.core.fingerprint()))
    }

    /// Makes the secret the one of the store. Whatever was digested or sealed with another one is void. Tells the servers that use
    /// the store meanwhile, as far as it sees them: those with another secret are about to end.
    pub async fn adopt_secret(&self, _operator: Operator) -> Result<Vec<String>, Fault> {
        let servers = self.core.ports.store.servers().await?;
        let mut unit = self.core.begin().await?;
        unit.fingerprint().replace(&self.core.fingerprint()).await?;
        unit.commit().await?;
        Ok(servers)
    }
}
