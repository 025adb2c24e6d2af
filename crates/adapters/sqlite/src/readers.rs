//! The read-only connections.
//!
//! The driver's pool pings each connection when it comes back, which is a second round trip to its thread per read. A read
//! leaves no transaction behind, so here a connection goes straight back on the stack. The one last used is taken first, so
//! that few threads and caches stay warm.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use vestibule_ports::{PoolUsage, StoreError};

use crate::{
    errors::{spares_connection, translate},
    file::{DatabaseFile, Sighting},
};

/// An idle connection and when it was opened.
struct Idle {
    connection: SqliteConnection,
    opened: Instant,
}

/// A bounded stack of read-only connections, opened on demand.
pub(crate) struct Readers {
    file: Arc<DatabaseFile>,
    options: SqliteConnectOptions,
    limit: u32,
    wait: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

impl Readers {
    pub(crate) fn new(file: Arc<DatabaseFile>, options: SqliteConnectOptions, limit: u32, wait: Duration) -> Self {
        let permits = Semaphore::new(limit as usize);
        Self { file, options, limit, wait, permits, idle: Mutex::default() }
    }

    /// A connection for one statement; `Busy` if none is free in time, `Unavailable` without a file or after `close`.
    pub(crate) async fn take(&self) -> Result<Reader<'_>, StoreError> {
        let sighting = self.file.glance()?;
        let permit = match self.permits.try_acquire() {
            Ok(permit) => permit,
            Err(_) => match timeout(self.wait, self.permits.acquire()).await {
                Ok(permit) => permit.map_err(|_| StoreError::Unavailable(None))?,
                Err(elapsed) => return Err(StoreError::Busy(Some(elapsed.into()))),
            },
        };
        let idle = self.idle().pop().filter(|idle| idle.opened >= sighting.since);
        let idle = if let Some(idle) = idle {
            idle
        } else {
            let opened = Instant::now();
            Idle { connection: self.options.connect().await.map_err(translate)?, opened }
        };
        Ok(Reader { readers: self, idle: Some(idle), sighting, broken: false, _permit: permit })
    }

    pub(crate) fn usage(&self) -> PoolUsage {
        let idle = u32::try_from(self.idle().len()).unwrap_or(u32::MAX);
        let taken = self.limit.saturating_sub(u32::try_from(self.permits.available_permits()).unwrap_or(u32::MAX));
        PoolUsage { open: idle + taken, idle, limit: self.limit, writers: 0 }
    }

    /// Waits for running reads, as long as a reader would, and closes every connection.
    pub(crate) async fn close(&self) {
        let all = timeout(self.wait, self.permits.acquire_many(self.limit)).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle());
        for Idle { connection, .. } in idle {
            // A failed close of a read-only connection loses nothing.
            let _ = connection.close().await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A read-only connection that goes back when it is dropped, even in the middle of a statement: the driver's thread cancels
/// an abandoned statement before it begins the next.
pub(crate) struct Reader<'a> {
    readers: &'a Readers,
    idle: Option<Idle>,
    sighting: Sighting,
    broken: bool,
    _permit: SemaphorePermit<'a>,
}

impl Reader<'_> {
    /// The file that it reads.
    pub(crate) fn sighting(&self) -> Sighting {
        self.sighting
    }

    /// Closes the connection on drop, with any open transaction, instead of keeping it.
    pub(crate) fn give_up(&mut self) {
        self.broken = true;
    }

    /// Translates an error of a statement, and drops the connection if it may be at fault.
    pub(crate) fn failed(&mut self, error: sqlx::Error) -> StoreError {
        self.broken |= !spares_connection(&error);
        translate(error)
    }
}

#[expect(clippy::expect_used, reason = "only drop takes the connection out")]
impl Deref for Reader<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.idle.as_ref().expect("a reader has its connection until it is dropped").connection
    }
}

#[expect(clippy::expect_used, reason = "only drop takes the connection out")]
impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.idle.as_mut().expect("a reader has its connection until it is dropped").connection
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if !self.broken && !self.readers.permits.is_closed() {
            self.readers.idle().extend(self.idle.take());
        }
    }
}
