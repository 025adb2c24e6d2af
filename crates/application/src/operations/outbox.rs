//! How much mail waits.

use crate::{Application, Fault, OutboxStats};

impl Application {
    /// Counts the mails of the outbox. For operators alone: the counts tell which addresses have an account.
    pub async fn outbox_stats(&self) -> Result<OutboxStats, Fault> {
        Ok(self.ports.store.read().outbox().stats().await?)
    }
}
