//! The store and its unit of work.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard};
use vestibule_domain::AccountId;
use vestibule_ports::{
    AdvanceSessions, Conversations, MigrationStatus, PoolUsage, ReadView, Store, StoreError, UnitOfWork,
};

use crate::state::{State, failed};

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
        MemoryUnit { state, committed: Arc::clone(&self.committed), failed: false, _writer: writer }
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

    fn sessions(&self) -> &dyn AdvanceSessions {
        self
    }

    fn conversations(&self) -> &dyn Conversations {
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

    /// A store in memory is used by nothing but its own process.
    async fn servers(&self) -> Result<Vec<String>, StoreError> {
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

/// A unit of work: a state of its own, and the right to put it in the place of the committed one.
pub(crate) struct MemoryUnit {
    pub(crate) state: State,
    committed: Arc<RwLock<Arc<State>>>,
    /// Whether something has failed: then the unit cannot be committed, as in a database.
    failed: bool,
    _writer: OwnedMutexGuard<()>,
}

impl MemoryUnit {
    /// What no correct caller brings about.
    pub(crate) fn failed(&mut self, why: &'static str) -> StoreError {
        self.failed = true;
        failed(why)
    }

    /// Fails unless there is such an account, as the foreign keys of a database do.
    pub(crate) fn must_have(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.state.must_have(account).inspect_err(|_| self.failed = true)
    }

    /// Makes its state the committed one.
    pub(crate) fn publish(self) {
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(self.state);
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(failed("a unit of work in which something failed cannot be committed"));
        }
        self.publish();
        Ok(())
    }
}
