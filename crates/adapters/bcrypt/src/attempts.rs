//! A job that may be started a second time, on another thread.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::effort::{Begun, Effort};

/// A job whose first result counts.
pub(crate) struct Attempts<T> {
    job: Box<dyn Fn() -> T + Send + Sync>,
    sent: Instant,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// None once there is a result.
    answer: Option<oneshot::Sender<T>>,
    /// The right to run, while another attempt may take it over.
    permit: Option<OwnedSemaphorePermit>,
    /// The last attempt.
    begun: Option<Begun>,
}

impl<T> Attempts<T> {
    /// A job to be sent to a thread, and the receiver of its result.
    pub(crate) fn new(job: impl Fn() -> T + Send + Sync + 'static, sent: Instant) -> (Self, oneshot::Receiver<T>) {
        let (answer, result) = oneshot::channel();
        let state = State { answer: Some(answer), permit: None, begun: None };
        (Self { job: Box::new(job), sent, state: Mutex::new(state) }, result)
    }

    /// Runs the job, unless it has a result already or its result is no longer awaited.
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
            // The receiver is gone if the request ended while the job ran.
            let _ = answer.send(result);
        }
    }

    /// The effort so far; none where the system does not report it.
    pub(crate) fn so_far(&self) -> Option<Effort> {
        // All threads of a lane may be stalled by earlier jobs.
        self.state().begun.as_ref().map_or_else(|| Some(Effort::none_since(self.sent)), Begun::so_far)
    }

    /// Keeps the right to run until it is taken; otherwise it ends with the job.
    pub(crate) fn keep_permit(&self, permit: OwnedSemaphorePermit) {
        self.state().permit = Some(permit);
    }

    /// Gives the right to run to the first to ask: the first attempt at its end, or a second one.
    pub(crate) fn take_permit(&self) -> Option<OwnedSemaphorePermit> {
        self.state().permit.take()
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No foreign code runs under the lock, so a poisoned one is still consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
