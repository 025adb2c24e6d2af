//! The store and its unit of work.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};
use vestibule_domain::AccountId;
use vestibule_ports::{
    AdvanceSessions, Conversations, Export, Import, MigrationStatus, PoolUsage, ReadView, Store, StoreError, UnitOfWork,
};

use crate::{
    state::{State, failed},
    transfer::{MemoryExport, MemoryImport},
};

/// How long a unit waits for the one before.
const PATIENCE: Duration = Duration::from_secs(5);

/// A store that keeps everything in memory; clones share it.
#[derive(Clone, Default)]
pub struct MemoryStore {
    committed: Arc<RwLock<Arc<State>>>,
    writer: Arc<Mutex<()>>,
    closed: Arc<AtomicBool>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last committed state; `Unavailable` once the store was closed.
    pub(crate) fn snapshot(&self) -> Result<Arc<State>, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable(None));
        }
        Ok(Arc::clone(&self.committed.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// A unit of work when its turn comes; `Busy` if that takes too long.
    pub(crate) async fn unit(&self) -> Result<MemoryUnit, StoreError> {
        // A free turn needs no timer, and so no runtime.
        let writer = match Arc::clone(&self.writer).try_lock_owned() {
            Ok(writer) => writer,
            Err(_) => timeout(PATIENCE, Arc::clone(&self.writer).lock_owned())
                .await
                .map_err(|elapsed| StoreError::Busy(Some(elapsed.into())))?,
        };
        let state = State::clone(&*self.snapshot()?);
        Ok(MemoryUnit { state, committed: Arc::clone(&self.committed), failed: false, _writer: writer })
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn read(&self) -> &dyn ReadView {
        self
    }

    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.unit().await?))
    }

    fn sessions(&self) -> &dyn AdvanceSessions {
        self
    }

    fn conversations(&self) -> &dyn Conversations {
        self
    }

    async fn export(&self) -> Result<Box<dyn Export + '_>, StoreError> {
        Ok(Box::new(MemoryExport::of(self.snapshot()?)))
    }

    async fn import(&self) -> Result<Option<Box<dyn Import + '_>>, StoreError> {
        let unit = self.unit().await?;
        Ok(MemoryImport::into_empty(unit).map(|import| Box::new(import) as Box<dyn Import>))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.snapshot().map(drop)
    }

    /// There is no schema.
    async fn migrate(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        Ok(Vec::new())
    }

    /// A store in memory is used only by its own process.
    async fn servers(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn pool_usage(&self) -> PoolUsage {
        PoolUsage::default()
    }

    /// Waits for the running unit; there is no connection to close.
    async fn close(&self) {
        let running = self.writer.lock().await;
        self.closed.store(true, Ordering::Release);
        drop(running);
    }
}

/// A unit of work: its own state, and the right to replace the committed one by it.
pub(crate) struct MemoryUnit {
    pub(crate) state: State,
    committed: Arc<RwLock<Arc<State>>>,
    /// Whether a call has failed: then the unit cannot be committed, as in a database.
    failed: bool,
    _writer: OwnedMutexGuard<()>,
}

impl MemoryUnit {
    /// Only a bug in the caller leads here.
    pub(crate) fn failed(&mut self, why: &'static str) -> StoreError {
        self.failed = true;
        failed(why)
    }

    /// Keeps the unit from being committed.
    pub(crate) fn spoil(&mut self) {
        self.failed = true;
    }

    /// Fails unless the account exists, like the foreign keys of a database.
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
