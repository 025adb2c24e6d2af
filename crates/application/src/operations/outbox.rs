//! How much mail waits.

use crate::{Fault, Identity, OutboxStats};

impl Identity {
    /// Counts the mails of the outbox. For operators alone: the counts tell which addresses have an account.
    pub async fn outbox_stats(&self) -> Result<OutboxStats, Fault> {
        Ok(self.core.read().outbox().stats().await?)
    }
}
