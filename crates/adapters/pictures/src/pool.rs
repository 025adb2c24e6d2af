//! A fixed number of threads that give way to other work, and a bounded queue for them.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use crate::priority;

/// Why a job was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// Too many waited for a turn already, or the wait was too long.
    Overloaded,
    /// The job panicked, or the pool ended.
    Lost,
}

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs on threads of its own, which end after what they are doing when the pool is dropped.
pub(crate) struct Pool {
    /// A permit for each thread, handed out in the order of asking.
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    limit: usize,
    max_wait: Duration,
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts the threads.
    pub(crate) fn start(threads: usize, limit: usize, max_wait: Duration) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("pictures-{number}")).spawn(move || work(&queue))?;
        }
        Ok(Self { turns: Arc::new(Semaphore::new(threads)), waiting: AtomicUsize::new(0), limit, max_wait, jobs })
    }

    /// Waits for a turn, runs a job and gives its result. A dropped future gives up its place; a job that has begun is
    /// finished, and keeps its turn until then.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        let turn = self.turn().await?;
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Given back also by a panic.
            let _turn = turn;
            if !answer.is_closed() {
                // Nothing listens when the request ended while the job ran.
                let _ = answer.send(job());
            }
        });
        self.jobs.send(job).map_err(|_| NotDone::Lost)?;
        result.await.map_err(|_| NotDone::Lost)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, NotDone> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let _place = Place::take(&self.waiting, self.limit)?;
        match timeout(self.max_wait, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(turn) => turn.map_err(|_| NotDone::Lost),
            Err(_) => Err(NotDone::Overloaded),
        }
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

fn work(queue: &Mutex<Receiver<Job>>) {
    priority::give_way();
    loop {
        // No code of others runs under the lock, so a poisoned one is still whole.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("rendering a picture panicked; its thread goes on");
        }
    }
}

#[cfg(test)]
mod tests;
