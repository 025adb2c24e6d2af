//! The schema of the store.

use crate::{Fault, Identity, MigrationStatus};

impl Identity {
    /// Brings the schema up to date; safe when several nodes do it at once.
    pub async fn migrate(&self) -> Result<(), Fault> {
        Ok(self.core.ports.store.migrate().await?)
    }

    /// Every step of the schema and whether the store has it.
    pub async fn migrations(&self) -> Result<Vec<MigrationStatus>, Fault> {
        Ok(self.core.ports.store.migrations().await?)
    }

    /// Finishes what runs in the store and closes it.
    pub async fn close(&self) {
        self.core.ports.store.close().await;
    }
}
