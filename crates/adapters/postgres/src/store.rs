//! The door to PostgreSQL.

use async_trait::async_trait;
use vestibule_ports::{
    AdvanceSessions, Conversations, Export, Import, MigrationStatus, PoolUsage, ReadView, Store, StoreError, UnitOfWork,
};

use crate::{
    ages::Ages,
    connections::{Connections, PostgresOptions},
    migrations, servers,
    transfer::{PostgresImport, PostgresSnapshot},
    unit::PostgresUnit,
};

/// All storage in one PostgreSQL database, which other nodes may use at the same time.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pub(crate) connections: Connections,
}

impl PostgresStore {
    /// Creates a store for a `postgres://` URL; an error only if the URL is invalid. Each use looks for the server, so it
    /// may be unreachable at first.
    ///
    /// To be called within a tokio runtime.
    pub fn connect_lazy(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        Self::connect_lazy_aging(url, options, Ages::default())
    }

    /// The same, with connections trusted for longer or shorter.
    pub fn connect_lazy_aging(url: &str, options: PostgresOptions, ages: Ages) -> Result<Self, StoreError> {
        Ok(Self { connections: Connections::lazy(url, options, ages)? })
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn read(&self) -> &dyn ReadView {
        self
    }

    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(PostgresUnit::new(self.connections.begin().await?)))
    }

    fn sessions(&self) -> &dyn AdvanceSessions {
        self
    }

    fn conversations(&self) -> &dyn Conversations {
        self
    }

    async fn export(&self) -> Result<Box<dyn Export + '_>, StoreError> {
        Ok(Box::new(PostgresSnapshot::export(self).await?))
    }

    async fn import(&self) -> Result<Option<Box<dyn Import + '_>>, StoreError> {
        Ok(PostgresImport::begin(self).await?.map(|import| Box::new(import) as Box<dyn Import>))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.connections.ping().await
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        migrations::apply(&self.connections).await
    }

    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        migrations::list(&self.connections).await
    }

    async fn servers(&self) -> Result<Vec<String>, StoreError> {
        servers::seen(&self.connections).await
    }

    fn pool_usage(&self) -> PoolUsage {
        self.connections.usage()
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}

/// A count of rows.
pub(crate) fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}
