//! The store and its unit of work.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard};
use vestibule_ports::{
    Accounts, AdvanceFamilies, Codes, Dossiers, Events, Families, Fingerprint, Mailbox, MigrationStatus, Outbox,
    PoolUsage, ReadAccounts, ReadDossiers, ReadEvents, ReadFamilies, ReadMailbox, ReadOutbox, ReadSources, ReadTokens,
    ReadView, Sources, Store, StoreError, Throttles, Tokens, UnitOfWork,
};

use crate::state::State;

/// A store that keeps everything in memory; clones share it.
#[derive(Clone, Default)]
pub struct MemoryStore {
    committed: Arc<RwLock<Arc<State>>>,
    writer: Arc<Mutex<()>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last committed state.
    pub(crate) fn snapshot(&self) -> Arc<State> {
        Arc::clone(&self.committed.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A unit of work.
    pub(crate) async fn unit(&self) -> MemoryUnit {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let state = State::clone(&self.snapshot());
        MemoryUnit { state, committed: Arc::clone(&self.committed), _writer: writer }
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn read(&self) -> &dyn ReadView {
        self
    }

    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.unit().await))
    }

    fn families(&self) -> &dyn AdvanceFamilies {
        self
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// There is no schema.
    async fn migrate(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        Ok(Vec::new())
    }

    fn pool_usage(&self) -> PoolUsage {
        PoolUsage::default()
    }

    /// Waits for the unit that runs; there is no connection to close.
    async fn close(&self) {
        drop(self.writer.lock().await);
    }
}

impl ReadView for MemoryStore {
    fn accounts(&self) -> &dyn ReadAccounts {
        self
    }

    fn dossiers(&self) -> &dyn ReadDossiers {
        self
    }

    fn events(&self) -> &dyn ReadEvents {
        self
    }

    fn families(&self) -> &dyn ReadFamilies {
        self
    }

    fn mailbox(&self) -> &dyn ReadMailbox {
        self
    }

    fn outbox(&self) -> &dyn ReadOutbox {
        self
    }

    fn sources(&self) -> &dyn ReadSources {
        self
    }

    fn tokens(&self) -> &dyn ReadTokens {
        self
    }
}

/// A unit of work: a state of its own, and the right to put it in the place of the committed one.
pub(crate) struct MemoryUnit {
    pub(crate) state: State,
    committed: Arc<RwLock<Arc<State>>>,
    _writer: OwnedMutexGuard<()>,
}

impl MemoryUnit {
    /// Makes its state the committed one.
    pub(crate) fn publish(self) {
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(self.state);
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnit {
    fn accounts(&mut self) -> &mut dyn Accounts {
        &mut self.state
    }

    fn codes(&mut self) -> &mut dyn Codes {
        &mut self.state
    }

    fn dossiers(&mut self) -> &mut dyn Dossiers {
        &mut self.state
    }

    fn events(&mut self) -> &mut dyn Events {
        &mut self.state
    }

    fn families(&mut self) -> &mut dyn Families {
        &mut self.state
    }

    fn fingerprint(&mut self) -> &mut dyn Fingerprint {
        &mut self.state
    }

    fn mailbox(&mut self) -> &mut dyn Mailbox {
        &mut self.state
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        &mut self.state
    }

    fn sources(&mut self) -> &mut dyn Sources {
        &mut self.state
    }

    fn throttles(&mut self) -> &mut dyn Throttles {
        &mut self.state
    }

    fn tokens(&mut self) -> &mut dyn Tokens {
        &mut self.state
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.publish();
        Ok(())
    }
}
