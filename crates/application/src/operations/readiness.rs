//! Whether requests can be served.

use vestibule_ports::PoolUsage;

use crate::{Fault, Identity};

/// What readiness was judged by. A mail server that is down does not make a node unready: requests are unaffected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Steps of the schema that the store does not have yet; zero when ready.
    pub pending_migrations: usize,
    /// Whether the store is used with the secret of this node, or with none yet.
    pub is_our_secret: bool,
}

impl Readiness {
    /// Whether requests can be served.
    pub const fn is_ready(&self) -> bool {
        self.pending_migrations == 0 && self.is_our_secret
    }
}

/// Gauges of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Password hashes that wait for a thread.
    pub queued_hashes: usize,
    /// Connections to the store.
    pub pool: PoolUsage,
}

impl Identity {
    /// Asks the store, the migrations and whose secret it is; an error means that the store does not answer or takes no writes.
    pub async fn readiness(&self) -> Result<Readiness, Fault> {
        self.core.ports.store.ping().await?;
        let pending_migrations = self.migrations().await?.iter().filter(|step| !step.applied).count();
        let is_our_secret = pending_migrations > 0 || self.has_our_secret().await?;
        Ok(Readiness { pending_migrations, is_our_secret })
    }

    /// How queues and connections are used at this moment.
    pub fn usage(&self) -> Usage {
        Usage { queued_hashes: self.ports.hasher.queued(), pool: self.core.ports.store.pool_usage() }
    }
}
