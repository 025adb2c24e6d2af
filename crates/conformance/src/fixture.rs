//! The store, or the blobs, that a case is given, and the run of a case.

use std::{
    any::Any,
    ops::Deref,
    panic::resume_unwind,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use vestibule_ports::{Blobs, Store};

use crate::promises::{print_statements, promise};

/// How long a case may take before it counts as stuck, such as on a lock that nobody releases.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// How much longer a case that never yields, and so cannot be timed out, is waited for.
const GRACE: Duration = Duration::from_secs(10);

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
pub fn run<Fresh, Case>(
    name: &'static str,
    fresh: impl FnOnce() -> Fresh + Send + 'static,
    case: impl FnOnce(Arc<dyn Store>) -> Case + Send + 'static,
) where
    Fresh: Future<Output = Fixture>,
    Case: Future<Output = ()>,
{
    watched(name, || {
        block_on(async {
            let fixture = fresh().await;
            patiently(case(Arc::clone(&fixture))).await;
            fixture.store.close().await;
            drop(fixture.guard);
        });
    });
}

/// The same for blobs; used by [`crate::blobs_suite`].
///
/// # Panics
/// If there are no blobs, the promise is broken, or the case takes longer than a minute.
pub fn run_on_blobs<Fresh, Case>(
    name: &'static str,
    fresh: impl FnOnce() -> Fresh + Send + 'static,
    case: impl FnOnce(Arc<dyn Blobs>) -> Case + Send + 'static,
) where
    Fresh: Future<Output = BlobsFixture>,
    Case: Future<Output = ()>,
{
    watched(name, || {
        block_on(async {
            let fixture = fresh().await;
            patiently(case(Arc::clone(&fixture.blobs))).await;
            drop(fixture.guard);
        });
    });
}

fn block_on(run: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(run);
}

async fn patiently(case: impl Future<Output = ()>) {
    let finished = tokio::time::timeout(PATIENCE, case).await;
    assert!(finished.is_ok(), "the case is stuck: {PATIENCE:?} have passed");
}

/// Runs a case on a thread of its own, which this one watches; a case that fails is told with its promise.
fn watched(name: &'static str, case: impl FnOnce() + Send + 'static) {
    print_statements();
    let promise = promise(name).unwrap_or_default();
    let (running, ended) = mpsc::channel::<()>();
    let case = thread::spawn(move || {
        let _running = running;
        case();
    });
    // Nothing is ever sent: the end of the thread, however it ends, is the end of the channel.
    let stuck = ended.recv_timeout(PATIENCE + GRACE) == Err(mpsc::RecvTimeoutError::Timeout);
    assert!(!stuck, "{name} is stuck and never yields; it checks the promise: {promise}");
    if let Err(panicked) = case.join() {
        eprintln!("{name} has failed; the promise: {promise}");
        resume_unwind(panicked);
    }
}

#[cfg(test)]
mod tests {
    use super::watched;

    #[test]
    fn a_case_that_fails_fails_its_test() {
        watched("store::a_store_answers_a_ping", || {});
        let failed = std::panic::catch_unwind(|| {
            watched("store::a_store_answers_a_ping", || panic!("the reason"));
        });
        assert_eq!(failed.unwrap_err().downcast_ref(), Some(&"the reason"));
    }
}
