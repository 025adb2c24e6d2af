//! The store or blobs that a case gets, and how a case is run.

use std::{
    any::Any,
    ops::Deref,
    panic::resume_unwind,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex, Weak, mpsc},
    thread,
    time::Duration,
};

use vestibule_ports::{Blobs, Store};

use crate::promises::{print_statements, promise};

/// How long a case may take before it counts as stuck, for example on a lock that is never released.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// The extra wait for a case that never yields and so cannot be timed out.
const GRACE: Duration = Duration::from_secs(10);

/// A fresh, migrated store, and the place that holds its data, such as a temporary directory.
pub struct Fixture {
    store: Arc<dyn Store>,
    place: Option<Place>,
}

impl Fixture {
    /// A store whose data vanish with it.
    pub fn forgetting(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), place: None }
    }

    /// A store that keeps its data in a place: each call opens the same place, which the first call may create. The
    /// function owns what the place needs, such as the guard of a temporary directory, and is dropped after every store was
    /// closed.
    pub async fn reopening<Opened, Opening>(open: impl Fn() -> Opening + Send + Sync + 'static) -> Self
    where
        Opened: Store + 'static,
        Opening: Future<Output = Opened> + Send + 'static,
    {
        let open = move || -> BoxedOpening {
            let opening = open();
            Box::pin(async move { Arc::new(opening.await) as Arc<dyn Store> })
        };
        let place = Place { open: Box::new(open), opened: Mutex::default() };
        Self { store: place.open().await, place: Some(place) }
    }
}

type BoxedOpening = Pin<Box<dyn Future<Output = Arc<dyn Store>> + Send>>;

/// Where a store keeps its data.
pub struct Place {
    open: Box<dyn Fn() -> BoxedOpening + Send + Sync>,
    opened: Mutex<Vec<Weak<dyn Store>>>,
}

impl Place {
    /// Opens it once more, in addition to what is already open.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        let store = (self.open)().await;
        self.opened.lock().unwrap().push(Arc::downgrade(&store));
        store
    }

    /// Closes what is still open.
    async fn close(self) {
        let opened = std::mem::take(&mut *self.opened.lock().unwrap());
        for store in opened.iter().filter_map(Weak::upgrade) {
            store.close().await;
        }
    }
}

/// Gives a case as many fresh stores as it asks for.
pub struct Supply {
    fresh: Box<dyn Fn() -> Pin<Box<dyn Future<Output = Fixture>>>>,
    given: Mutex<Vec<Fixture>>,
}

impl Supply {
    /// Two stores.
    pub(crate) async fn pair(&self) -> [Arc<dyn Store>; 2] {
        [self.store().await, self.store().await]
    }

    async fn store(&self) -> Arc<dyn Store> {
        let fixture = (self.fresh)().await;
        let store = Arc::clone(&fixture);
        self.given.lock().unwrap().push(fixture);
        store
    }

    async fn close(&self) {
        let given = std::mem::take(&mut *self.given.lock().unwrap());
        for fixture in given {
            fixture.store.close().await;
        }
    }
}

impl Deref for Fixture {
    type Target = Arc<dyn Store>;

    fn deref(&self) -> &Self::Target {
        &self.store
    }
}

/// Empty blob storage, and the guard that must outlive it.
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

/// Runs one case on its own store, in a runtime with several threads; used by [`crate::conformance_suite`].
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
            drop(fixture.place);
        });
    });
}

/// Runs one case on its own place, whose first store was dropped without being closed; used by
/// [`crate::conformance_suite`].
///
/// # Panics
/// If the store keeps nothing, the promise is broken, or the case takes longer than a minute.
pub fn run_reopening<Fresh, Case>(
    name: &'static str,
    fresh: impl FnOnce() -> Fresh + Send + 'static,
    case: impl FnOnce(Arc<Place>) -> Case + Send + 'static,
) where
    Fresh: Future<Output = Fixture>,
    Case: Future<Output = ()>,
{
    watched(name, || {
        block_on(async {
            let Fixture { store, place } = fresh().await;
            drop(store);
            let place =
                place.expect("a store whose data go with it is tested with `conformance_suite!(fresh, forgetting)`");
            let place = Arc::new(place);
            patiently(case(Arc::clone(&place))).await;
            Arc::into_inner(place).expect("a case gives its place back").close().await;
        });
    });
}

/// Runs one case on as many stores as it asks for; used by [`crate::conformance_suite`].
///
/// # Panics
/// If there is no store, the promise is broken, or the case takes longer than a minute.
pub fn run_on_several<Fresh, Case>(
    name: &'static str,
    fresh: impl Fn() -> Fresh + Send + 'static,
    case: impl FnOnce(Rc<Supply>) -> Case + Send + 'static,
) where
    Fresh: Future<Output = Fixture> + 'static,
    Case: Future<Output = ()>,
{
    watched(name, || {
        block_on(async {
            let supply = Rc::new(Supply { fresh: Box::new(move || Box::pin(fresh())), given: Mutex::default() });
            patiently(case(Rc::clone(&supply))).await;
            supply.close().await;
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

/// Runs a case on its own thread and watches it; a failed case is reported with its promise.
fn watched(name: &'static str, case: impl FnOnce() + Send + 'static) {
    print_statements();
    let promise = promise(name).unwrap_or_default();
    let (running, ended) = mpsc::channel::<()>();
    let case = thread::spawn(move || {
        let _running = running;
        case();
    });
    // Nothing is ever sent: when the thread ends, however it ends, the channel closes.
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
