//! How the store uses its connections, and what happens when they break.
//!
//! Connections are not tested before each use, which would double the round trips of a read. Instead, the first failure of
//! a broken connection condemns all connections opened before it. Anything that can safely run twice, a read or the
//! beginning of a unit of work, is then retried on a fresh connection.
//!
//! A connection to a server that takes no writes is not broken. When a write meets one, a fresh connection is opened to
//! look for a server that takes writes. If it finds one, all connections opened before are dropped. If not, they stay for
//! reads.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Executor, postgres::PgConnectOptions};
use tokio::{sync::Mutex, time::timeout};
use vestibule_ports::{PoolUsage, StoreError};

use crate::{
    ages::Ages,
    errors::{Failure, Harm, harm},
    manner::shares_sessions,
    pool::{Lease, Pool},
    under_way::UnderWay,
    unfit::Unfit,
    writable::{ASK, takes_writes},
};

/// How long a look that found no writable server is not repeated.
const FUTILE: Duration = Duration::from_millis(100);
/// How often to check whether a pooler shares sessions. Where two connections are not available, nothing is learnt.
const INSPECTIONS: u8 = 3;

/// How the pool uses the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The most connections; at least 1.
    pub max_connections: u32,
    /// The longest wait for a connection, including opening it.
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

/// Runs a query by [`Connections::alone`]: the connections, how its rows are fetched, and the query.
macro_rules! alone {
    ($connections:expr, $fetch:ident, $query:expr) => {
        $connections
            .alone(|mut lease: $crate::pool::Lease| async move { ($query.$fetch(&mut *lease).await, lease) })
            .await
    };
}
pub(crate) use alone;

/// The connections, and the handling of broken ones.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    pool: Arc<Pool>,
    /// Held while a connection is opened to look for a writable server.
    last_look: Arc<Mutex<Option<Look>>>,
    /// How many inspections are left.
    inspections: Arc<AtomicU8>,
}

/// An attempt to open a connection to a writable server.
#[derive(Debug, Clone, Copy)]
struct Look {
    began: Instant,
    ended: Instant,
    found: Found,
}

/// The result of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// A writable server.
    Writable,
    /// A read-only server.
    ReadOnly,
    /// No server, or no free slot for a connection.
    Nothing,
}

impl Connections {
    /// Creates the pool without connecting.
    pub(crate) fn lazy(url: &str, options: PostgresOptions, ages: Ages) -> Result<Self, StoreError> {
        let (server, is_pooled) = crate::url::parse(url).map_err(|error| StoreError::Failed(error.into()))?;
        // Poolers refuse this default of the driver, and it changes nothing: numbers are sent in binary.
        let mut server = server.extra_float_digits(None);
        if server.get_application_name().is_none() {
            server = server.application_name("vestibule");
        }
        let pool = Pool::new(server, is_pooled, options, ages);
        Ok(Self { pool, last_look: Arc::default(), inspections: Arc::new(AtomicU8::new(INSPECTIONS)) })
    }

    /// Fails if the address leads to an undeclared pooler that shares sessions. Checked once.
    pub(crate) async fn inspect(&self) -> Result<(), StoreError> {
        let left = self.inspections.load(Ordering::Relaxed);
        if self.pool.manner.is_pooled || left == 0 {
            return Ok(());
        }
        let found = timeout(self.pool.wait(), shares_sessions(&self.pool.server)).await;
        match found {
            Ok(Ok(true)) => return Err(StoreError::Unfit(Unfit::SharedSessions.into())),
            Ok(Ok(false)) => self.inspections.store(0, Ordering::Relaxed),
            // The next statement reports what is wrong.
            Ok(Err(_)) => {}
            Err(_) => self.inspections.store(left - 1, Ordering::Relaxed),
        }
        Ok(())
    }

    /// Runs one statement outside a unit of work, and again if its connection was broken. So it must be safe to run twice:
    /// a read, or a compare-and-swap.
    pub(crate) async fn alone<T, Done>(&self, statement: impl Fn(Lease) -> Done + Send + Sync) -> Result<T, StoreError>
    where
        T: Send,
        Done: Future<Output = (Result<T, sqlx::Error>, Lease)> + Send,
    {
        let statement = &statement;
        self.twice(|lease| async move { Ok(self.run(statement, lease).await?) }).await
    }

    /// Runs one statement outside a unit of work that must not run twice: it is retried only if the server refused the
    /// first.
    pub(crate) async fn single<T, Done>(&self, statement: impl Fn(Lease) -> Done + Send + Sync) -> Result<T, StoreError>
    where
        T: Send,
        Done: Future<Output = (Result<T, sqlx::Error>, Lease)> + Send,
    {
        let statement = &statement;
        self.twice(|lease| async move { self.run(statement, lease).await.map_err(Failure::of_single) }).await
    }

    async fn run<T, Done>(
        &self,
        statement: &(impl Fn(Lease) -> Done + Sync),
        mut lease: Lease,
    ) -> Result<T, sqlx::Error>
    where
        T: Send,
        Done: Future<Output = (Result<T, sqlx::Error>, Lease)> + Send,
    {
        lease.begin(UnderWay::Statement);
        let began = Instant::now();
        let done = async {
            if self.pool.manner.is_pooled {
                self.in_transaction(statement, lease).await
            } else {
                statement(lease).await
            }
        };
        // The server cancels a statement sooner than this: one that has not answered by now never will.
        let Ok((outcome, mut lease)) = timeout(self.pool.recovery, done).await else {
            self.pool.condemn(began);
            return Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()));
        };
        settle(outcome, &mut lease)
    }

    /// Runs a statement in its own transaction, for servers where each transaction may be in another session: the driver
    /// takes two round trips to prepare and run it, and both must be in one session.
    async fn in_transaction<T, Done>(
        &self,
        statement: &(impl Fn(Lease) -> Done + Sync),
        mut lease: Lease,
    ) -> (Result<T, sqlx::Error>, Lease)
    where
        T: Send,
        Done: Future<Output = (Result<T, sqlx::Error>, Lease)> + Send,
    {
        lease.begin(UnderWay::Unit);
        if let Err(error) = lease.execute(self.pool.manner.begin.clone()).await {
            return (Err(error), lease);
        }
        let (outcome, mut lease) = statement(lease).await;
        let ended = lease.execute(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
        let outcome = match (outcome, ended) {
            // It is unknown whether it was committed.
            (Ok(_), Err(error)) => Err(sqlx::Error::Io(io::Error::other(error))),
            (outcome, _) => outcome,
        };
        (outcome, lease)
    }

    /// Begins a transaction on its own connection; dropped, it is rolled back.
    pub(crate) async fn begin(&self) -> Result<Lease, StoreError> {
        let attempt = |mut lease: Lease| async move {
            lease.begin(UnderWay::Unit);
            match takes_writes(&mut *lease, self.pool.manner.begin.clone()).await {
                Ok(true) => Ok(lease),
                Ok(false) => Err(Failure::ReadOnly),
                // The transaction may have begun all the same.
                Err(error) => {
                    heed(&error, &mut lease);
                    Err(error.into())
                }
            }
        };
        self.twice(attempt).await
    }

    /// Fails unless the server answers and, as far as is known, takes writes and has room for them.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        let mut lease = self.writable().await?;
        lease.begin(UnderWay::Statement);
        let is_there = timeout(self.pool.recovery, self.pool.room.is_there(&mut lease)).await;
        if is_there != Ok(true) {
            return Err(Failure::NoRoom.into());
        }
        lease.end();
        Ok(())
    }

    /// A connection to a server that answers and takes writes.
    async fn writable(&self) -> Result<Lease, StoreError> {
        let attempt = |mut lease: Lease| async move {
            lease.begin(UnderWay::Statement);
            let answer = takes_writes(&mut *lease, ASK).await;
            if settle(answer, &mut lease)? { Ok(lease) } else { Err(Failure::ReadOnly) }
        };
        self.twice(attempt).await
    }

    /// Retries on a connection that was opened after the first attempt's, if that may help.
    async fn twice<T, Done>(&self, attempt: impl Fn(Lease) -> Done + Send + Sync) -> Result<T, StoreError>
    where
        Done: Future<Output = Result<T, Failure>> + Send,
    {
        let began = Instant::now();
        let taken = self.pool.take(None).await;
        let had = Instant::now();
        let first = match taken {
            Ok(lease) => attempt(lease).await,
            Err(error) => Err(error.into()),
        };
        let failure = match first {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        let fresh = match failure.harm() {
            Some(Harm::Ended | Harm::Lost) => self.pool.take(Some(had)).await.map_err(Failure::from),
            Some(Harm::ReadOnly) => self.look(began).await,
            None => Err(failure),
        };
        let second = match fresh {
            Ok(lease) => attempt(lease).await,
            Err(failure) => Err(failure),
        };
        Ok(second.map_err(|failure| failure.because(|| self.pool.refusal()))?)
    }

    /// A connection to a writable server, for work that began at a given moment. Callers look one after the other. Each
    /// reuses a look that began after its own work did, or one that just failed: so refused writes do not flood a read-only
    /// server with connections.
    async fn look(&self, since: Instant) -> Result<Lease, Failure> {
        let mut last = timeout(self.pool.wait(), self.last_look.lock()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        match *last {
            Some(look) if look.refuses(since) => return Err(look.found.failure()),
            Some(look) if look.began > since => {
                drop(last);
                return Ok(self.pool.take(Some(look.began)).await?);
            }
            _ => {}
        }
        let began = Instant::now();
        let taken = timeout(self.pool.short_wait(), self.pool.take(Some(began))).await;
        let taken = taken.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        let found = match &taken {
            Ok(lease) if lease.is_writable() => Found::Writable,
            Ok(_) => Found::ReadOnly,
            Err(_) => Found::Nothing,
        };
        *last = Some(Look { began, ended: Instant::now(), found });
        let lease = taken?;
        if found != Found::Writable {
            return Err(found.failure());
        }
        self.pool.condemn(began);
        Ok(lease)
    }

    /// How to reach the server with a connection outside the pool.
    pub(crate) fn server(&self) -> &PgConnectOptions {
        &self.pool.server
    }

    /// Whether each transaction may be in another session.
    pub(crate) fn is_pooled(&self) -> bool {
        self.pool.manner.is_pooled
    }

    pub(crate) fn usage(&self) -> PoolUsage {
        self.pool.usage()
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Look {
    /// Whether work that began at this moment need not look itself.
    fn refuses(self, since: Instant) -> bool {
        self.found != Found::Writable && (self.began > since || self.ended.elapsed() < FUTILE)
    }
}

impl Found {
    /// The result for a caller that did not look itself.
    fn failure(self) -> Failure {
        match self {
            Self::Nothing => sqlx::Error::PoolTimedOut.into(),
            Self::Writable | Self::ReadOnly => Failure::ReadOnly,
        }
    }
}

/// After a statement: the driver reads the rest of its answer before the next statement. A broken connection is dropped.
fn settle<T>(outcome: Result<T, sqlx::Error>, lease: &mut Lease) -> Result<T, sqlx::Error> {
    lease.end();
    outcome.inspect_err(|error| heed(error, lease))
}

/// Drops a connection that an error shows to be broken, and those condemned with it.
fn heed(error: &sqlx::Error, lease: &mut Lease) {
    lease.note(error);
    match harm(error) {
        Some(Harm::Ended) => lease.give_up(),
        Some(Harm::Lost) => lease.condemn(),
        Some(Harm::ReadOnly) | None => {}
    }
}
