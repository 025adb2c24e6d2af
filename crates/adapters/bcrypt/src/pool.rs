//! A fixed number of low threads, and the turns to use them, for which no more than a few wait.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

#[cfg(test)]
mod tests;

/// Why a job was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// Too many waited for a turn already, or the wait was too long.
    Overloaded,
    /// The job panicked, or the pool ended.
    Lost,
}

/// Runs jobs on threads of its own; dropping it ends the threads after what they are doing.
pub(crate) struct Pool {
    /// A permit for each thread, handed out in the order of asking.
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    limit: usize,
    max_wait: Duration,
    jobs: Sender<Option<Job>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a thread does; none is its end.
type Job = Box<dyn FnOnce() + Send>;

impl Pool {
    /// Starts the threads.
    pub(crate) fn start(threads: usize, queue_limit: usize, max_wait: Duration) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let spawn = |number| {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("bcrypt-{number}")).spawn(move || work(&queue))
        };
        Ok(Self {
            turns: Arc::new(Semaphore::new(threads)),
            waiting: AtomicUsize::new(0),
            limit: queue_limit,
            max_wait,
            jobs,
            threads: (0..threads).map(spawn).collect::<io::Result<_>>()?,
        })
    }

    /// How many wait for a turn.
    pub(crate) fn queued(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Waits for a turn; dropping the future gives up the place in the queue.
    pub(crate) async fn reserve(&self) -> Result<Turn, NotDone> {
        let turn = |permit| Turn { jobs: self.jobs.clone(), permit };
        if let Ok(permit) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn(permit));
        }
        let _place = Place::take(&self.waiting, self.limit)?;
        match timeout(self.max_wait, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(permit) => permit.map(turn).map_err(|_| NotDone::Lost),
            Err(_) => Err(NotDone::Overloaded),
        }
    }

    /// Waits for a turn and uses it.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        self.reserve().await?.run(job).await
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for _ in &self.threads {
            // Fails only where every thread has ended already.
            let _ = self.jobs.send(None);
        }
        for thread in self.threads.drain(..) {
            // A thread's panic is not ours to pass on, least of all while dropping.
            let _ = thread.join();
        }
    }
}

/// The right to run one job on a thread that is free for it; given back when dropped.
pub(crate) struct Turn {
    jobs: Sender<Option<Job>>,
    permit: OwnedSemaphorePermit,
}

impl Turn {
    /// Runs a job and gives its result. A job that has begun is finished, whoever still listens.
    pub(crate) async fn run<T: Send + 'static>(self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        let Self { jobs, permit } = self;
        let (answer, result) = oneshot::channel();
        let job = move || {
            // Nobody listens when the request ended while the job ran.
            let _ = answer.send(job());
            drop(permit);
        };
        jobs.send(Some(Box::new(job))).map_err(|_| NotDone::Lost)?;
        result.await.map_err(|_| NotDone::Lost)
    }
}

/// A place among those who wait, given up when dropped.
struct Place<'waiting>(&'waiting AtomicUsize);

impl<'waiting> Place<'waiting> {
    fn take(waiting: &'waiting AtomicUsize, limit: usize) -> Result<Self, NotDone> {
        let fits = |count| (count < limit).then_some(count + 1);
        waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).map_err(|_| NotDone::Overloaded)?;
        Ok(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn work(queue: &Mutex<Receiver<Option<Job>>>) {
    lower_priority();
    loop {
        // No code of others runs under the lock, so a poisoned one is still whole.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Some(job)) = job else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a hashing job panicked; its thread goes on");
        }
    }
}

/// Sets the calling thread, and no other, to nice 19: whatever else wants a core gets it first, so that cheap requests
/// stay quick during a storm of sign-ins. Linux counts niceness per thread.
#[cfg(target_os = "linux")]
fn lower_priority() {
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::warn!(%error, "hashing runs at normal priority");
    }
}

/// Elsewhere niceness belongs to the whole process, which must not be slowed down.
#[cfg(not(target_os = "linux"))]
fn lower_priority() {}
