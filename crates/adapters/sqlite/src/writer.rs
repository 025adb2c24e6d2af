//! The write connection, which units of work use in turn.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::{Sqlite, SqlitePool, pool::PoolConnection};
use tokio::{sync::oneshot, time::timeout};
use vestibule_ports::StoreError;

use crate::{
    errors::translate,
    file::{DatabaseFile, Sighting},
    unit::{Ground, SqliteUnit},
};

/// The write connection, and its wait queue.
pub(crate) struct Writer {
    pool: SqlitePool,
    busy: Duration,
    queue: Arc<Mutex<Queue>>,
}

/// The waiting units, in order of arrival.
#[derive(Default)]
struct Queue {
    /// Whether there is a [`Turn`].
    taken: bool,
    waiting: VecDeque<Waiting>,
}

/// Where a unit waits.
type Waiting = oneshot::Sender<Start>;

/// How a unit starts.
pub(crate) enum Start {
    /// With a transaction of its own, which it has yet to begin.
    Alone(Turn),
    /// Within the transaction of a group.
    Joined(SqliteUnit),
}

impl Writer {
    pub(crate) fn new(pool: SqlitePool, busy: Duration) -> Self {
        Self { pool, busy, queue: Arc::default() }
    }

    /// Begins a unit when its turn comes; `Busy` if that takes too long.
    pub(crate) async fn begin(&self, file: Arc<DatabaseFile>, sighting: Sighting) -> Result<SqliteUnit, StoreError> {
        match self.start().await? {
            Start::Joined(unit) => Ok(unit),
            Start::Alone(turn) => {
                let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(translate)?;
                Ok(SqliteUnit::alone(transaction, turn, Ground { file, sighting }))
            }
        }
    }

    /// The connection outside a unit of work.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.pool.acquire().await.map_err(translate)
    }

    /// The pool of this one connection.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    async fn start(&self) -> Result<Start, StoreError> {
        let Some(start) = self.queue() else { return Ok(Start::Alone(Turn(Arc::clone(&self.queue)))) };
        match timeout(self.busy, start).await {
            Ok(start) => start.map_err(|_| StoreError::Unavailable(None)),
            Err(elapsed) => Err(StoreError::Busy(Some(elapsed.into()))),
        }
    }

    /// A place in the queue; none if the turn was free and is now the caller's.
    fn queue(&self) -> Option<oneshot::Receiver<Start>> {
        let mut queue = lock(&self.queue);
        let (waiting, start) = oneshot::channel();
        let was_taken = std::mem::replace(&mut queue.taken, true);
        was_taken.then(|| {
            queue.waiting.push_back(waiting);
            start
        })
    }
}

/// The right to use the connection. There is only one; when it is dropped, it passes to the next unit in the queue.
pub(crate) struct Turn(Arc<Mutex<Queue>>);

impl Turn {
    /// Whether a unit waits.
    pub(crate) fn is_awaited(&self) -> bool {
        lock(&self.0).waiting.iter().any(|waiting| !waiting.is_closed())
    }

    /// Takes the next unit from the queue.
    pub(crate) fn next(&self) -> Option<Waiting> {
        lock(&self.0).next()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = lock(&self.0);
        let next = queue.next();
        queue.taken = next.is_some();
        drop(queue);
        if let Some(next) = next {
            // A unit cancelled at this moment drops the turn, which passes it on.
            drop(next.send(Start::Alone(Self(Arc::clone(&self.0)))));
        }
    }
}

impl Queue {
    /// The first that was not cancelled.
    fn next(&mut self) -> Option<Waiting> {
        std::iter::from_fn(|| self.waiting.pop_front()).find(|waiting| !waiting.is_closed())
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
