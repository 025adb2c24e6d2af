//! The pool, and what happens when its connections break.
//!
//! A connection is not tested before each use, which would double the round trips of a read. Instead the first failure
//! of a broken connection condemns every connection that was opened before it, and whatever has no effect yet, a read
//! or the beginning of a unit of work, is done once more on another connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{
    Connection, PgPool, Postgres,
    pool::{PoolConnection, PoolConnectionMetadata},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use vestibule_ports::{PoolUsage, StoreError};

use crate::errors::{severed, translate};

/// A connection unused for longer is tested before use: something between us and the server may have dropped it.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// After this time without a statement the server rolls a unit of work back: its locks outlive no node that vanished.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(15);

/// How the pool uses the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The most connections; at least 1.
    pub max_connections: u32,
    /// The longest wait for a connection, opening it included.
    pub acquire_timeout: Duration,
    /// The longest that one statement may run.
    pub statement_timeout: Duration,
    /// The longest that one statement may wait for a lock.
    pub lock_timeout: Duration,
}

/// 16 connections; 2 s for a connection, 5 s a statement, 2 s for a lock.
impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            max_connections: 16,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(2),
        }
    }
}

/// The pool.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    pool: PgPool,
    breakage: Arc<Breakage>,
}

impl Connections {
    /// Makes the pool; nothing is connected yet.
    pub(crate) fn lazy(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        let mut server: PgConnectOptions = url.parse().map_err(translate)?;
        server = server.options([
            ("statement_timeout", milliseconds(options.statement_timeout)),
            ("lock_timeout", milliseconds(options.lock_timeout)),
            ("idle_in_transaction_session_timeout", milliseconds(IDLE_IN_TRANSACTION)),
        ]);
        if server.get_application_name().is_none() {
            server = server.application_name("vestibule");
        }
        let breakage = Arc::new(Breakage::new());
        let watch = Arc::clone(&breakage);
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections.max(1))
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(move |connection, metadata| {
                let condemned = watch.condemns(&metadata);
                Box::pin(async move {
                    if condemned {
                        Ok(false)
                    } else if metadata.idle_for > TRUSTED_IDLE {
                        Ok(connection.ping().await.is_ok())
                    } else {
                        Ok(true)
                    }
                })
            })
            .connect_lazy_with(server);
        Ok(Self { pool, breakage })
    }

    /// The pool, for the closure that is given to [`Connections::retry`] and for nothing else.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Does what may be done twice, once more if its connection was broken.
    pub(crate) async fn retry<T, Done>(&self, attempt: impl Fn() -> Done + Send + Sync) -> Result<T, StoreError>
    where
        Done: Future<Output = Result<T, sqlx::Error>> + Send,
    {
        match attempt().await {
            Err(error) if severed(&error) => {
                self.breakage.note();
                attempt().await
            }
            outcome => outcome,
        }
        .map_err(translate)
    }

    /// A connection out of the pool, for work that takes as long as it takes.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.pool.acquire().await.map_err(translate)
    }

    pub(crate) fn usage(&self) -> PoolUsage {
        PoolUsage {
            open: self.pool.size(),
            idle: u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX),
            limit: self.pool.options().get_max_connections(),
        }
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// When a connection was last seen broken.
#[derive(Debug)]
struct Breakage {
    origin: Instant,
    /// Nanoseconds after the origin.
    last: AtomicU64,
}

impl Breakage {
    fn new() -> Self {
        Self { origin: Instant::now(), last: AtomicU64::new(0) }
    }

    fn note(&self) {
        self.last.fetch_max(nanoseconds(self.origin.elapsed()), Ordering::Relaxed);
    }

    /// Whether a connection was opened before then.
    fn condemns(&self, connection: &PoolConnectionMetadata) -> bool {
        let opened = self.origin.elapsed().saturating_sub(connection.age);
        nanoseconds(opened) < self.last.load(Ordering::Relaxed)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn milliseconds(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
