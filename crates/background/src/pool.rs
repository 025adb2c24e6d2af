//! Threads that give way, one for each turn.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use tokio::sync::oneshot;

use crate::{
    priority,
    turns::{NotDone, Turns},
};

#[cfg(test)]
mod tests;

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs on threads of its own, which end after what they are doing when the pool is dropped.
#[derive(Debug)]
pub struct Pool {
    turns: Turns,
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts a thread for each turn, named for the work; fails if the system gives no more threads.
    pub fn start(work: &'static str, turns: Turns) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..turns.at_once() {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("{work}-{number}")).spawn(move || run_jobs(work, &queue))?;
        }
        Ok(Self { turns, jobs })
    }

    /// Waits for a turn, runs a job and gives its result. A dropped future gives up its place; a job that has begun is
    /// finished, and keeps its turn until then.
    pub async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        let turn = self.turns.take().await?;
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
}

fn run_jobs(work: &str, queue: &Mutex<Receiver<Job>>) {
    priority::give_way(work);
    loop {
        // A job never runs under the lock, so a poisoned one is still whole.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!(work, "a job panicked; its thread goes on");
        }
    }
}
