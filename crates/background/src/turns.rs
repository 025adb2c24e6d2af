//! A fixed number of turns, and a bounded queue for them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Why a job was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDone {
    /// Too many waited for a turn already, or the wait was too long.
    Overloaded,
    /// The job panicked, or the pool ended.
    Lost,
}

/// Turns to run a job, handed out in the order of asking.
#[derive(Debug)]
pub struct Turns {
    permits: Arc<Semaphore>,
    at_once: usize,
    waiting: AtomicUsize,
    queue: usize,
    max_wait: Duration,
}

impl Turns {
    /// For `at_once` jobs at a time and `queue` that wait, each for `max_wait` at most.
    #[must_use]
    pub fn new(at_once: usize, queue: usize, max_wait: Duration) -> Self {
        let permits = Arc::new(Semaphore::new(at_once));
        Self { permits, at_once, waiting: AtomicUsize::new(0), queue, max_wait }
    }

    /// How many jobs may run at a time.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.at_once
    }

    /// How many wait for a turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Waits for a turn, which lasts until the permit is dropped; dropping the future gives up the place in the queue.
    pub async fn take(&self) -> Result<OwnedSemaphorePermit, NotDone> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _place = Place::take(&self.waiting, self.queue)?;
        match timeout(self.max_wait, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(permit) => permit.map_err(|_| NotDone::Lost),
            Err(_) => Err(NotDone::Overloaded),
        }
    }
}

/// A place in the queue, given up when dropped.
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
