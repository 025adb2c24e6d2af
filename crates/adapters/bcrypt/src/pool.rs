//! A fixed number of turns to hash, for which no more than a few wait, and the threads that hash: for each turn one that
//! gives way to other work, and one that does not.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use crate::priority::{self, Pressure, Priority};

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
    /// A permit for each job that may run, handed out in the order of asking.
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    limit: usize,
    max_wait: Duration,
    lanes: Arc<Lanes>,
    threads: Vec<JoinHandle<()>>,
}

/// The ways to the threads, each with as many threads as there are turns, so that no job waits for one.
struct Lanes {
    gives_way: Sender<Option<Job>>,
    equal: Sender<Option<Job>>,
    pressure: Arc<Pressure>,
}

impl Lanes {
    fn of(&self, priority: Priority) -> &Sender<Option<Job>> {
        match priority {
            Priority::GivesWay => &self.gives_way,
            Priority::Equal => &self.equal,
        }
    }
}

/// What a thread does; none is its end.
type Job = Box<dyn FnOnce() + Send>;

impl Pool {
    /// Starts the threads for so many jobs at once.
    pub(crate) fn start(at_once: usize, queue_limit: usize, max_wait: Duration) -> io::Result<Self> {
        let (gives_way, gives_way_queue) = mpsc::channel();
        let (equal, equal_queue) = mpsc::channel();
        let pressure = Arc::new(Pressure::default());
        let mut threads = Vec::new();
        for (priority, queue) in [(Priority::GivesWay, gives_way_queue), (Priority::Equal, equal_queue)] {
            let queue = Arc::new(Mutex::new(queue));
            for number in 0..at_once {
                let (queue, pressure) = (Arc::clone(&queue), Arc::clone(&pressure));
                let name = match priority {
                    Priority::GivesWay => format!("bcrypt-{number}"),
                    Priority::Equal => format!("bcrypt-eq-{number}"),
                };
                threads.push(thread::Builder::new().name(name).spawn(move || work(priority, &queue, &pressure))?);
            }
        }
        let turns = Arc::new(Semaphore::new(at_once));
        let lanes = Arc::new(Lanes { gives_way, equal, pressure });
        Ok(Self { turns, waiting: AtomicUsize::new(0), limit: queue_limit, max_wait, lanes, threads })
    }

    /// How many wait for a turn.
    pub(crate) fn queued(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Waits for a turn; dropping the future gives up the place in the queue.
    pub(crate) async fn reserve(&self) -> Result<Turn, NotDone> {
        let turn = |permit| Turn { lanes: Arc::clone(&self.lanes), permit };
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
        // More ends than a lane has threads: what is left over goes with the lane.
        for _ in &self.threads {
            for priority in [Priority::GivesWay, Priority::Equal] {
                // Fails only where every thread has ended already.
                let _ = self.lanes.of(priority).send(None);
            }
        }
        for thread in self.threads.drain(..) {
            // A thread's panic is not ours to pass on, least of all while dropping.
            let _ = thread.join();
        }
    }
}

/// The right to run one job on a thread that is free for it; given back when dropped.
pub(crate) struct Turn {
    lanes: Arc<Lanes>,
    permit: OwnedSemaphorePermit,
}

impl Turn {
    /// Runs a job and gives its result. A job that has begun is finished, whoever still listens.
    pub(crate) async fn run<T: Send + 'static>(self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        let Self { lanes, permit } = self;
        let (answer, result) = oneshot::channel();
        let job = move || {
            // Nobody listens when the request ended while the job ran.
            let _ = answer.send(job());
            drop(permit);
        };
        let lane = lanes.of(lanes.pressure.priority(Instant::now()));
        lane.send(Some(Box::new(job))).map_err(|_| NotDone::Lost)?;
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

fn work(priority: Priority, queue: &Mutex<Receiver<Option<Job>>>, pressure: &Pressure) {
    priority::set(priority);
    loop {
        // No code of others runs under the lock, so a poisoned one is still whole.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Some(job)) = job else { return };
        let effort = priority::timed(|| {
            if catch_unwind(AssertUnwindSafe(job)).is_err() {
                tracing::error!("a hashing job panicked; its thread goes on");
            }
        });
        if priority == Priority::GivesWay {
            pressure.note(effort);
        }
    }
}
