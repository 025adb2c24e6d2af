//! A fixed number of turns to hash, with a bounded wait queue, and the hashing threads: per turn one of low priority and
//! one of normal priority. A hash that stalls on the first is restarted on the second.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{sync::OwnedSemaphorePermit, time::sleep};
use vestibule_background::{NotDone, Turns, give_way};

use crate::{
    attempts::Attempts,
    effort::{Begun, Meter},
    priority::{Pressure, Priority},
};

#[cfg(test)]
mod tests;

/// How often a low-priority job is checked, and so how soon a stall is noticed.
const LOOK: Duration = Duration::from_millis(200);

/// Runs jobs on threads of its own; dropping it ends the threads after what they are doing, and waits for those that do not
/// give way.
pub(crate) struct Pool {
    turns: Turns,
    lanes: Arc<Lanes>,
    equal_threads: Vec<JoinHandle<()>>,
}

/// The channels to the threads. Each lane has as many threads as there are turns, so no job waits for a thread, except on
/// the low-priority lane behind stalled jobs that were restarted.
struct Lanes {
    gives_way: Sender<Option<Job>>,
    equal: Sender<Option<Job>>,
    pressure: Arc<Pressure>,
    /// How often the progress of a low-priority job is checked.
    look: Duration,
}

impl Lanes {
    fn of(&self, priority: Priority) -> &Sender<Option<Job>> {
        match priority {
            Priority::GivesWay => &self.gives_way,
            Priority::Equal => &self.equal,
        }
    }

    fn give_way<T: Send + 'static>(
        self: &Arc<Self>,
        attempts: Arc<Attempts<T>>,
        permit: OwnedSemaphorePermit,
    ) -> Result<(), NotDone> {
        attempts.keep_permit(permit);
        // Only the thread keeps the job, and with it the permit.
        let (watched, pressure) = (Arc::downgrade(&attempts), Arc::clone(&self.pressure));
        let job: Job = Box::new(move |begun| {
            attempts.run(begun.clone());
            // A stall that was noticed is recorded already.
            if let Some(_permit) = attempts.take_permit() {
                pressure.note(begun.ended());
            }
        });
        self.gives_way.send(Some(job)).map_err(|_| NotDone::Lost)?;
        // A task, because the turn stays taken even after its request has ended.
        tokio::spawn(Arc::clone(self).watch(watched));
        Ok(())
    }

    fn begin_equal<T: Send + 'static>(
        &self,
        attempts: Arc<Attempts<T>>,
        permit: OwnedSemaphorePermit,
    ) -> Result<(), NotDone> {
        let job: Job = Box::new(move |begun| {
            attempts.run(begun);
            drop(permit);
        });
        self.equal.send(Some(job)).map_err(|_| NotDone::Lost)
    }

    /// Watches a low-priority job until it ends or stalls; a stalled job is restarted without waiting for its end.
    async fn watch<T: Send + 'static>(self: Arc<Self>, attempts: Weak<Attempts<T>>) {
        loop {
            sleep(self.look).await;
            let Some(attempts) = attempts.upgrade() else { return };
            if let Some(effort) = attempts.so_far()
                && effort.is_held_up()
            {
                if let Some(permit) = attempts.take_permit() {
                    self.pressure.note(effort);
                    // Fails only if the pool has ended; the first attempt continues.
                    let _ = self.begin_equal(attempts, permit);
                }
                return;
            }
        }
    }
}

/// A job of a thread; none ends the thread.
type Job = Box<dyn FnOnce(Begun) + Send>;

impl Pool {
    /// Starts two threads for each turn.
    pub(crate) fn start(turns: Turns) -> io::Result<Self> {
        let (gives_way, gives_way_queue) = mpsc::channel();
        let (equal, equal_queue) = mpsc::channel();
        let mut equal_threads = Vec::new();
        for (priority, queue) in [(Priority::GivesWay, gives_way_queue), (Priority::Equal, equal_queue)] {
            let queue = Arc::new(Mutex::new(queue));
            for number in 0..turns.at_once() {
                let queue = Arc::clone(&queue);
                let name = match priority {
                    Priority::GivesWay => format!("bcrypt-{number}"),
                    Priority::Equal => format!("bcrypt-eq-{number}"),
                };
                let thread = thread::Builder::new().name(name).spawn(move || work(priority, &queue))?;
                if priority == Priority::Equal {
                    equal_threads.push(thread);
                }
            }
        }
        let lanes = Arc::new(Lanes { gives_way, equal, pressure: Arc::default(), look: LOOK });
        Ok(Self { turns, lanes, equal_threads })
    }

    /// How many callers wait for a turn.
    pub(crate) fn queued(&self) -> usize {
        self.turns.waiting()
    }

    /// Waits for a turn; dropping the future gives up the place in the queue.
    pub(crate) async fn reserve(&self) -> Result<Turn, NotDone> {
        let permit = self.turns.take().await?;
        Ok(Turn { lanes: Arc::clone(&self.lanes), permit })
    }

    /// Waits for a turn and uses it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl Fn() -> T + Send + Sync + 'static,
    ) -> Result<T, NotDone> {
        self.reserve().await?.run(job).await
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for _ in &self.equal_threads {
            for priority in [Priority::GivesWay, Priority::Equal] {
                // Fails only if every thread has ended.
                let _ = self.lanes.of(priority).send(None);
            }
        }
        // The others may be stalled for long by restarted jobs.
        for thread in self.equal_threads.drain(..) {
            // Do not pass on a thread's panic, least of all in drop.
            let _ = thread.join();
        }
    }
}

/// The right to run one job on a free thread; given back when dropped.
pub(crate) struct Turn {
    lanes: Arc<Lanes>,
    permit: OwnedSemaphorePermit,
}

impl Turn {
    /// Runs a job and returns its result. A started job is finished even if its result is no longer awaited; a stalled job
    /// runs twice.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        job: impl Fn() -> T + Send + Sync + 'static,
    ) -> Result<T, NotDone> {
        let Self { lanes, permit } = self;
        let now = Instant::now();
        let (attempts, result) = Attempts::new(job, now);
        match lanes.pressure.priority(now) {
            Priority::GivesWay => lanes.give_way(Arc::new(attempts), permit)?,
            Priority::Equal => lanes.begin_equal(Arc::new(attempts), permit)?,
        }
        result.await.map_err(|_| NotDone::Lost)
    }
}

fn work(priority: Priority, queue: &Mutex<Receiver<Option<Job>>>) {
    if priority == Priority::GivesWay {
        give_way("bcrypt");
    }
    let meter = Arc::new(Meter::of_this_thread());
    loop {
        // No foreign code runs under the lock, so a poisoned one is still consistent.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Some(job)) = job else { return };
        if catch_unwind(AssertUnwindSafe(|| job(Begun::now(&meter)))).is_err() {
            tracing::error!("a hashing job panicked; its thread continues");
        }
    }
}
