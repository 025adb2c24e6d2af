//! A fixed number of low threads behind a bounded queue.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

#[cfg(test)]
mod tests;

/// Why a job was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// The queue was full, or the job had to wait for too long; it did not begin.
    Overloaded,
    /// The job panicked, or the pool ended.
    Lost,
}

/// Runs jobs on threads of its own; dropping it drops what waits and ends the threads after what they are doing.
pub(crate) struct Pool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
    max_wait: Duration,
}

impl Pool {
    /// Starts the threads.
    pub(crate) fn start(threads: usize, queue_limit: usize, max_wait: Duration) -> io::Result<Self> {
        let queue = Arc::new(Queue { state: Mutex::default(), arrival: Condvar::new(), limit: queue_limit });
        let mut pool = Self { queue, threads: Vec::with_capacity(threads), max_wait };
        for number in 0..threads {
            let queue = Arc::clone(&pool.queue);
            let thread = thread::Builder::new().name(format!("bcrypt-{number}")).spawn(move || work(&queue))?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// How many jobs wait for a thread.
    pub(crate) fn queued(&self) -> usize {
        self.queue.lock().waiting.len()
    }

    /// Runs a job and gives its result. Dropping the future takes the job out of the queue if it has not begun.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        let (answer, mut result) = oneshot::channel();
        let ticket = self.queue.push(Box::new(move || {
            // Nobody listens when the request ended while the job ran.
            let _ = answer.send(job());
        }))?;
        if let Ok(result) = timeout(self.max_wait, &mut result).await {
            return result.map_err(|_| NotDone::Lost);
        }
        if ticket.withdraw() {
            return Err(NotDone::Overloaded);
        }
        result.await.map_err(|_| NotDone::Lost)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.queue.lock();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
        self.queue.arrival.notify_all();
        for thread in self.threads.drain(..) {
            // A thread's panic is not ours to pass on, least of all while dropping.
            let _ = thread.join();
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

struct Queue {
    state: Mutex<State>,
    arrival: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(u64, Job)>,
    tickets: u64,
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of others runs under the lock, so a poisoned state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) -> Result<Ticket<'_>, NotDone> {
        let mut state = self.lock();
        if state.waiting.len() >= self.limit {
            return Err(NotDone::Overloaded);
        }
        state.tickets += 1;
        let number = state.tickets;
        state.waiting.push_back((number, job));
        drop(state);
        self.arrival.notify_one();
        Ok(Ticket { queue: self, number })
    }

    /// The next job, once there is one; `None` once the pool ends.
    fn pop(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some((_, job)) = state.waiting.pop_front() {
                return Some(job);
            }
            state = self.arrival.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A place in the queue, given up when dropped.
struct Ticket<'queue> {
    queue: &'queue Queue,
    number: u64,
}

impl Ticket<'_> {
    /// Takes the job out of the queue; false if it has begun.
    fn withdraw(&self) -> bool {
        let mut state = self.queue.lock();
        let place = state.waiting.iter().position(|(number, _)| *number == self.number);
        let job = place.and_then(|place| state.waiting.remove(place));
        drop(state);
        job.is_some()
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

fn work(queue: &Queue) {
    lower_priority();
    while let Some(job) = queue.pop() {
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
