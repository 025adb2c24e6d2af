//! The store, or the blobs, that a case is given, and the run of a case.

use std::{any::Any, ops::Deref, sync::Arc, time::Duration};

use vestibule_ports::{Blobs, Store};

/// How long a case may take before it counts as stuck, such as on a lock that nobody releases.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A fresh, migrated store, and what must live as long as it, such as a temporary directory.
pub struct Fixture {
    store: Arc<dyn Store>,
    guard: Box<dyn Any + Send>,
}

impl Fixture {
    /// A store that needs nothing else.
    pub fn new(store: impl Store + 'static) -> Self {
        Self::guarded(store, ())
    }

    /// A store, and a guard that is dropped after the store was closed.
    pub fn guarded(store: impl Store + 'static, guard: impl Any + Send) -> Self {
        Self { store: Arc::new(store), guard: Box::new(guard) }
    }
}

impl Deref for Fixture {
    type Target = Arc<dyn Store>;

    fn deref(&self) -> &Self::Target {
        &self.store
    }
}

/// Blobs of which there are none yet, and what must live as long as they.
pub struct BlobsFixture {
    blobs: Arc<dyn Blobs>,
    guard: Box<dyn Any + Send>,
}

impl BlobsFixture {
    /// Blobs, and a guard that is dropped at the end.
    pub fn guarded(blobs: impl Blobs + 'static, guard: impl Any + Send) -> Self {
        Self { blobs: Arc::new(blobs), guard: Box::new(guard) }
    }
}

/// Runs one case on a store of its own, in a runtime with several threads; used by [`crate::conformance_suite`].
///
/// # Panics
/// If there is no store, the promise is broken, or the case takes longer than a minute.
pub fn run<Fresh, Case>(name: &str, fresh: impl FnOnce() -> Fresh, case: impl FnOnce(Arc<dyn Store>) -> Case)
where
    Fresh: Future<Output = Fixture>,
    Case: Future<Output = ()>,
{
    block_on(async {
        let fixture = fresh().await;
        patiently(name, case(Arc::clone(&fixture))).await;
        fixture.store.close().await;
        drop(fixture.guard);
    });
}

/// The same for blobs; used by [`crate::blobs_suite`].
///
/// # Panics
/// If there are no blobs, the promise is broken, or the case takes longer than a minute.
pub fn run_on_blobs<Fresh, Case>(name: &str, fresh: impl FnOnce() -> Fresh, case: impl FnOnce(Arc<dyn Blobs>) -> Case)
where
    Fresh: Future<Output = BlobsFixture>,
    Case: Future<Output = ()>,
{
    block_on(async {
        let fixture = fresh().await;
        patiently(name, case(Arc::clone(&fixture.blobs))).await;
        drop(fixture.guard);
    });
}

fn block_on(run: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(run);
}

async fn patiently(name: &str, case: impl Future<Output = ()>) {
    let finished = tokio::time::timeout(PATIENCE, case).await;
    assert!(finished.is_ok(), "{name} is stuck");
}
