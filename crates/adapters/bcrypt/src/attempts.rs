//! A job that may be begun a second time, on another thread.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::effort::{Begun, Effort};

/// A job of which the first result counts.
pub(crate) struct Attempts<T> {
    job: Box<dyn Fn() -> T + Send + Sync>,
    sent: Instant,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// None once there is a result.
    answer: Option<oneshot::Sender<T>>,
    /// The right to run, where another attempt may take it over.
    permit: Option<OwnedSemaphorePermit>,
    /// The last attempt.
    begun: Option<Begun>,
}

impl<T> Attempts<T> {
    /// A job that is about to be sent to a thread, and where its result comes.
    pub(crate) fn new(job: impl Fn() -> T + Send + Sync + 'static, sent: Instant) -> (Self, oneshot::Receiver<T>) {
        let (answer, result) = oneshot::channel();
        let state = State { answer: Some(answer), permit: None, begun: None };
        (Self { job: Box::new(job), sent, state: Mutex::new(state) }, result)
    }

    /// Runs the job, unless there is a result already or nothing waits for one.
    pub(crate) fn run(&self, begun: Begun) {
        {
            let mut state = self.state();
            if state.answer.as_ref().is_none_or(oneshot::Sender::is_closed) {
                return;
            }
            state.begun = Some(begun);
        }
        let result = (self.job)();
        if let Some(answer) = self.state().answer.take() {
            // Nothing listens when the request ended while the job ran.
            let _ = answer.send(result);
        }
    }

    /// What it took so far; none where the system does not tell.
    pub(crate) fn so_far(&self) -> Option<Effort> {
        // The threads of a lane may all be held up by what they began before.
        self.state().begun.as_ref().map_or_else(|| Some(Effort::none_since(self.sent)), Begun::so_far)
    }

    /// Keeps the right to run until it is taken; otherwise it ends with the job.
    pub(crate) fn keep_permit(&self, permit: OwnedSemaphorePermit) {
        self.state().permit = Some(permit);
    }

    /// Gives the right to run to the one that asks first: the first attempt at its end, or a second one.
    pub(crate) fn take_permit(&self) -> Option<OwnedSemaphorePermit> {
        self.state().permit.take()
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No code of others runs under the lock, so a poisoned one is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
