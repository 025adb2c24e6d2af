//! How the store uses its connections, and what happens when they break.
//!
//! A connection is not tested before each use, which would double the round trips of a read. Instead the first failure
//! of a broken connection condemns every connection that was opened before it, and whatever may as well be done twice,
//! a read or the beginning of a unit of work, is done once more on another connection.

use std::{sync::Arc, time::Duration};

use sqlx::{Executor, PgConnection};
use vestibule_ports::{PoolUsage, StoreError};

use crate::{
    errors::{severed, translate},
    pool::{Lease, Pool, UnderWay},
};

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

/// The connections, and what is done about those that break.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    pool: Arc<Pool>,
}

impl Connections {
    /// Makes the pool; nothing is connected yet.
    pub(crate) fn lazy(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        let mut server = crate::url::parse(url).map_err(|error| StoreError::Failed(error.into()))?;
        server = server.options([
            ("statement_timeout", milliseconds(options.statement_timeout)),
            ("lock_timeout", milliseconds(options.lock_timeout)),
            ("idle_in_transaction_session_timeout", milliseconds(IDLE_IN_TRANSACTION)),
            // Whatever the database or the role has as its default: what is acknowledged is on the disk.
            ("synchronous_commit", "on".to_owned()),
        ]);
        if server.get_application_name().is_none() {
            server = server.application_name("vestibule");
        }
        Ok(Self { pool: Pool::new(server, options.max_connections.max(1), options.acquire_timeout) })
    }

    /// Runs one statement outside a unit of work, once more if its connection was broken, so that it must be one that may
    /// as well run twice: a read, or a compare-and-swap.
    pub(crate) async fn alone<T, Done>(&self, statement: impl Fn(Lease) -> Done + Send + Sync) -> Result<T, StoreError>
    where
        Done: Future<Output = (Result<T, sqlx::Error>, Lease)> + Send,
    {
        let statement = &statement;
        let attempt = || async move {
            let mut lease = self.pool.take().await?;
            lease.begin(UnderWay::Statement);
            let (outcome, lease) = statement(lease).await;
            settle(outcome, lease)
        };
        self.twice(attempt).await
    }

    /// Begins a transaction on a connection of its own; rolled back unless it is ended before it is dropped.
    pub(crate) async fn begin(&self) -> Result<Lease, StoreError> {
        let attempt = || async {
            let mut lease = self.pool.take().await?;
            lease.begin(UnderWay::Unit);
            match lease.execute("BEGIN").await {
                Ok(_) => Ok(lease),
                Err(error) => settle(Err(error), lease),
            }
        };
        self.twice(attempt).await
    }

    async fn twice<T, Done>(&self, attempt: impl Fn() -> Done + Send + Sync) -> Result<T, StoreError>
    where
        Done: Future<Output = Result<T, sqlx::Error>> + Send,
    {
        match attempt().await {
            Err(error) if severed(&error) => {
                self.pool.condemn();
                attempt().await
            }
            outcome => outcome,
        }
        .map_err(translate)
    }

    /// A connection that leaves the pool, for work that takes as long as it takes.
    pub(crate) async fn detached(&self) -> Result<PgConnection, StoreError> {
        let lease = self.pool.take().await.map_err(translate)?;
        lease.detach().ok_or(StoreError::Unavailable(None))
    }

    pub(crate) fn usage(&self) -> PoolUsage {
        self.pool.usage()
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// After a statement: the driver reads what is left of its answer before the next one. A broken connection is given up.
fn settle<T>(outcome: Result<T, sqlx::Error>, mut lease: Lease) -> Result<T, sqlx::Error> {
    match &outcome {
        Err(error) if severed(error) => lease.discard(),
        _ => lease.end(),
    }
    outcome
}

fn milliseconds(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
