//! The open connections and the queue for them.
//!
//! The driver's own pool pings each connection when it comes back, which is a second round trip per read, and hands it to
//! the longest waiter. Here a connection that has answered goes straight back, and first to waiters on the runtime that
//! opened it: waiters elsewhere would be woken through that runtime for each answer.

use std::{
    collections::VecDeque,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{Error, postgres::PgConnectOptions};
use tokio::{
    runtime::{Handle, Id},
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};
use vestibule_ports::PoolUsage;

use crate::{
    ages::Ages,
    connections::PostgresOptions,
    errors::{Harm, crowded, harm, starting},
    manner::Manner,
    room::Room,
    under_way::UnderWay,
    wire::Wire,
    writable::greet,
};

/// How long after a statement must have ended its answer may still arrive.
const LATE: Duration = Duration::from_secs(5);
/// How long a connection may take to answer a ping. A server that vanished never answers.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);
/// A connection idle for this long is closed.
const LONGEST_IDLE: Duration = Duration::from_mins(10);
/// Bounds the memory that the server keeps per connection.
const LONGEST_LIFE: Duration = Duration::from_mins(30);
/// The pause after a working connection could not be replaced.
const RENEWAL_PAUSE: Duration = Duration::from_secs(1);
/// A task that has waited longer goes first, on any runtime.
const PATIENCE: Duration = Duration::from_millis(20);
/// The first pause before retrying a server that is starting; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// A bounded set of connections, opened on demand.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) server: PgConnectOptions,
    pub(crate) manner: Manner,
    limit: u32,
    wait: Duration,
    /// The longest that a statement may take to end, whether or not a caller waits for it; longer than the server allows
    /// it.
    pub(crate) recovery: Duration,
    ages: Ages,
    pub(crate) room: Room,
    state: Mutex<State>,
    /// Notified when a connection comes back after `close`.
    returned: Notify,
}

#[derive(Debug)]
struct State {
    /// The one used last is at the end.
    idle: Vec<Pooled>,
    /// How many more may be opened.
    free: u32,
    waiting: VecDeque<Waiter>,
    /// Connections opened by then are no longer used.
    condemned: Option<Instant>,
    /// Why the last attempt to open a connection failed, until one succeeds.
    refusal: Option<String>,
    /// No working connection is replaced before then: an attempt is running or has failed.
    renewal: Option<Instant>,
    closed: bool,
}

#[derive(Debug)]
struct Pooled {
    connection: Wire,
    home: Id,
    opened: Instant,
    /// When it last worked.
    used: Instant,
    /// Whether the server took writes when the connection was opened.
    writable: bool,
}

/// A slot of the pool: with a connection, or free to open one.
type Place = Option<Pooled>;

#[derive(Debug)]
struct Waiter {
    home: Id,
    since: Instant,
    place: oneshot::Sender<Place>,
}

/// The result of asking for a connection.
enum Claim<'a> {
    Granted(Lease),
    Waiting(Waiting<'a>),
}

/// A waiter's turn; a slot that was given but not taken goes back.
struct Waiting<'a> {
    pool: &'a Pool,
    place: oneshot::Receiver<Place>,
}

/// A connection that goes back when it is dropped, after whatever is in progress on it has been ended.
#[derive(Debug)]
pub(crate) struct Lease {
    pool: Arc<Pool>,
    pooled: Place,
    /// The connection that goes back if its replacement cannot be opened.
    spare: Place,
    under_way: Option<UnderWay>,
    given_up: bool,
}

impl Pool {
    pub(crate) fn new(server: PgConnectOptions, is_pooled: bool, options: PostgresOptions, ages: Ages) -> Arc<Self> {
        let limit = options.max_connections.max(1);
        let state = State {
            idle: Vec::new(),
            free: limit,
            waiting: VecDeque::new(),
            condemned: None,
            refusal: None,
            renewal: None,
            closed: false,
        };
        Arc::new(Self {
            server,
            manner: Manner::new(is_pooled, options),
            limit,
            wait: options.acquire_timeout,
            recovery: options.statement_timeout + options.statement_timeout.min(LATE),
            ages,
            room: Room::default(),
            state: Mutex::new(state),
            returned: Notify::new(),
        })
    }

    /// A connection, within the time limit; if a moment is given, one opened since then.
    pub(crate) async fn take(self: &Arc<Self>, since: Option<Instant>) -> Result<Lease, Error> {
        match self.claim(Handle::current().id(), since)? {
            Claim::Granted(lease) if lease.is_trusted(since) => Ok(lease),
            claim => {
                let made_ready = async {
                    let mut lease = match claim {
                        Claim::Granted(lease) => lease,
                        Claim::Waiting(mut turn) => {
                            let place = (&mut turn.place).await.map_err(|_| Error::PoolClosed)?;
                            self.lease(place)
                        }
                    };
                    lease.make_ready(since).await?;
                    Ok(lease)
                };
                timeout(self.wait, made_ready).await.map_err(|_| Error::PoolTimedOut)?
            }
        }
    }

    /// Treats every connection opened by then as broken: idle ones now, the others when they come back.
    pub(crate) fn condemn(&self, by: Instant) {
        let mut state = self.state();
        state.condemned = state.condemned.max(Some(by));
        let before = state.idle.len();
        state.idle.retain(|pooled| pooled.opened > by);
        state.free += count(before - state.idle.len());
    }

    /// Why the last attempt to open a connection failed.
    pub(crate) fn refusal(&self) -> Option<String> {
        self.state().refusal.clone()
    }

    /// The longest wait for a connection.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// The longest attempt to open a connection that a caller can do without.
    pub(crate) fn short_wait(&self) -> Duration {
        self.wait / 2
    }

    pub(crate) fn usage(&self) -> PoolUsage {
        let state = self.state();
        let (open, limit) = (self.limit.saturating_sub(state.free), self.limit);
        PoolUsage { open, idle: count(state.idle.len()), limit, writers: limit }
    }

    /// Closes idle connections and waits for busy ones as long as a caller would wait for a connection.
    pub(crate) async fn close(&self) {
        let idle = self.end();
        let closed = async {
            for pooled in idle {
                // A failed close of an idle connection loses nothing.
                let _ = pooled.connection.close().await;
            }
            while self.usage().open > 0 {
                self.returned.notified().await;
            }
        };
        let _ = timeout(self.wait, closed).await;
    }

    fn end(&self) -> Vec<Pooled> {
        let mut state = self.state();
        state.closed = true;
        state.waiting.clear();
        let idle = std::mem::take(&mut state.idle);
        state.free += count(idle.len());
        idle
    }

    /// If no other slot is free, a connection opened before the given moment is claimed, to be replaced.
    fn claim(self: &Arc<Self>, home: Id, since: Option<Instant>) -> Result<Claim<'_>, Error> {
        let mut state = self.state();
        if state.closed {
            return Err(Error::PoolClosed);
        }
        let at_home = state.idle.iter().rposition(|pooled| pooled.home == home && pooled.is_since(since));
        let place = if let Some(at) = at_home {
            Some(state.idle.remove(at))
        } else if state.free > 0 {
            state.free -= 1;
            None
        } else if let Some(at) = state.idle.iter().rposition(|pooled| pooled.is_since(since)) {
            Some(state.idle.remove(at))
        } else if let Some(earlier) = state.idle.pop() {
            Some(earlier)
        } else {
            let (sender, place) = oneshot::channel();
            state.waiting.push_back(Waiter { home, since: Instant::now(), place: sender });
            return Ok(Claim::Waiting(Waiting { pool: self, place }));
        };
        drop(state);
        Ok(Claim::Granted(self.lease(place)))
    }

    fn lease(self: &Arc<Self>, place: Place) -> Lease {
        Lease { pool: Arc::clone(self), pooled: place, spare: None, under_way: None, given_up: false }
    }

    /// Gives a slot to the waiter whose turn it is, or keeps it.
    fn put(&self, mut place: Place) {
        let mut state = self.state();
        if state.closed {
            state.free += 1;
            self.returned.notify_one();
            return;
        }
        place = place.filter(|pooled| state.condemned.is_none_or(|condemned| pooled.opened > condemned));
        while let Some(waiter) = state.next_waiter(place.as_ref()) {
            match waiter.place.send(place) {
                Ok(()) => return,
                Err(refused) => place = refused,
            }
        }
        let Some(pooled) = place else {
            state.free += 1;
            return;
        };
        let now = pooled.used;
        state.idle.push(pooled);
        if now.duration_since(state.idle[0].used) > LONGEST_IDLE {
            state.idle.remove(0);
            state.free += 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a working connection may be replaced now; if so, no other one is until this attempt has ended.
    fn may_renew(&self) -> bool {
        let mut state = self.state();
        let now = Instant::now();
        let may = state.renewal.is_none_or(|renewal| renewal <= now);
        if may {
            state.renewal = Some(now + self.short_wait() + RENEWAL_PAUSE);
        }
        may
    }

    /// Sets when a working connection may next be replaced.
    fn renew_from(&self, renewal: Option<Instant>) {
        self.state().renewal = renewal;
    }

    async fn connect(&self) -> Result<Pooled, Error> {
        let opened = Instant::now();
        let mut connection = Wire::open(&self.server, !self.manner.is_pooled).await?;
        let writable = greet(&mut connection, &self.manner).await?;
        self.state().refusal = None;
        Ok(Pooled { connection, home: Handle::current().id(), opened, used: opened, writable })
    }
}

fn count(connections: usize) -> u32 {
    u32::try_from(connections).unwrap_or(u32::MAX)
}

impl State {
    /// The first waiter on the connection's runtime, unless the first waiter of all has waited too long.
    fn next_waiter(&mut self, place: Option<&Pooled>) -> Option<Waiter> {
        let at_home = place.and_then(|pooled| self.waiting.iter().position(|waiter| waiter.home == pooled.home));
        match at_home {
            Some(at) if at > 0 && self.waiting[0].since.elapsed() < PATIENCE => self.waiting.remove(at),
            _ => self.waiting.pop_front(),
        }
    }
}

impl Pooled {
    /// Whether it was opened since a moment, if one is given.
    fn is_since(&self, since: Option<Instant>) -> bool {
        since.is_none_or(|since| self.opened > since)
    }

    /// Whether it should be replaced, if possible.
    fn is_old(&self, ages: Ages) -> bool {
        self.opened.elapsed() > if self.writable { LONGEST_LIFE } else { ages.read_only }
    }

    /// Whether it may have broken unnoticed.
    fn is_doubtful(&self, ages: Ages) -> bool {
        self.used.elapsed() > ages.untested
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.place.close();
        if let Ok(place) = self.place.try_recv() {
            self.pool.put(place);
        }
    }
}

impl Lease {
    /// Notes the start of work that must not be cut off; replaces any earlier note.
    pub(crate) fn begin(&mut self, what: UnderWay) {
        self.under_way = Some(what);
    }

    /// Notes that no work is in progress.
    pub(crate) fn end(&mut self) {
        self.under_way = None;
    }

    /// Keeps the connection from going back.
    pub(crate) fn give_up(&mut self) {
        self.given_up = true;
    }

    /// Drops the connection, and all that were opened before it last worked. Later ones may lead to a working server: when
    /// many connections fail one after the other, the fresh ones stay.
    pub(crate) fn condemn(&mut self) {
        self.give_up();
        if let Some(pooled) = &self.pooled {
            self.pool.condemn(pooled.used);
        }
    }

    /// Notes what an error says about the server, whatever happens to the connection.
    pub(crate) fn note(&self, error: &Error) {
        self.pool.room.note(error);
    }

    /// Whether the server took writes when the connection was opened.
    pub(crate) fn is_writable(&self) -> bool {
        self.pooled.as_ref().is_some_and(|pooled| pooled.writable)
    }

    /// Whether the connection can be used without a test.
    fn is_trusted(&self, since: Option<Instant>) -> bool {
        let ages = self.pool.ages;
        self.pooled
            .as_ref()
            .is_some_and(|pooled| pooled.is_since(since) && !pooled.is_old(ages) && !pooled.is_doubtful(ages))
    }

    /// Makes sure that the slot has a working connection.
    async fn make_ready(&mut self, since: Option<Instant>) -> Result<(), Error> {
        let ages = self.pool.ages;
        if self.pooled.as_ref().is_some_and(|pooled| !pooled.is_since(since)) {
            self.spare = self.pooled.take();
        }
        if self.pooled.as_ref().is_some_and(|pooled| pooled.is_old(ages)) && self.pool.may_renew() {
            self.renew().await;
        }
        if let Some(pooled) = self.pooled.take_if(|pooled| pooled.is_doubtful(ages)) {
            self.test(pooled).await;
        }
        if self.pooled.is_none() { self.open().await } else { Ok(()) }
    }

    /// Replaces a working connection; if that fails, it stays in use.
    async fn renew(&mut self) {
        self.spare = self.pooled.take();
        let renewal = match timeout(self.pool.short_wait(), self.pool.connect()).await {
            Ok(Ok(fresh)) => {
                (self.pooled, self.spare) = (Some(fresh), None);
                None
            }
            Ok(Err(error)) if crowded(&error) => {
                self.spare = None;
                None
            }
            Ok(Err(_)) | Err(_) => {
                self.pooled = self.spare.take();
                Some(Instant::now() + RENEWAL_PAUSE)
            }
        };
        self.pool.renew_from(renewal);
    }

    /// Keeps a connection that answers a ping.
    async fn test(&mut self, mut pooled: Pooled) {
        match timeout(SIGN_OF_LIFE, pooled.connection.ping()).await {
            Ok(Ok(())) => self.pooled = Some(pooled),
            Ok(Err(error)) if harm(&error) != Some(Harm::Lost) => {}
            Ok(Err(_)) | Err(_) => self.pool.condemn(pooled.used),
        }
    }

    /// Opens a connection; if the server is starting, waits for it.
    async fn open(&mut self) -> Result<(), Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.pool.connect().await {
                Ok(fresh) => {
                    (self.pooled, self.spare) = (Some(fresh), None);
                    return Ok(());
                }
                Err(error) if starting(&error) => {
                    self.pool.state().refusal = Some(error.to_string());
                    // The connection to be replaced may itself take the server's last slot.
                    self.spare.take_if(|_| crowded(&error));
                    sleep(pause).await;
                }
                Err(error) => return Err(error),
            }
            pause *= 2;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match (self.pooled.take(), self.under_way) {
            (Some(_), _) if self.given_up => self.pool.put(None),
            (Some(pooled), Some(under_way)) => {
                let recovery = recover(self.pool.lease(None), pooled, under_way);
                // Without a runtime nothing can be awaited: the connection is closed, and the server notices.
                if let Ok(runtime) = Handle::try_current() {
                    runtime.spawn(recovery);
                }
            }
            (Some(pooled), None) => self.pool.put(Some(Pooled { used: Instant::now(), ..pooled })),
            (None, _) => self.pool.put(self.spare.take()),
        }
    }
}

/// Ends what is in progress on a connection. It goes back only once that has ended, even if this task is cancelled. A
/// server that does not answer counts as lost.
async fn recover(mut lease: Lease, mut pooled: Pooled, under_way: UnderWay) {
    match timeout(lease.pool.recovery, under_way.end(&mut pooled.connection)).await {
        Ok(Ok(())) => lease.pooled = Some(pooled),
        Ok(Err(error)) if harm(&error) != Some(Harm::Lost) => {}
        Ok(Err(_)) | Err(_) => lease.pool.condemn(pooled.used),
    }
}

#[expect(clippy::expect_used, reason = "whoever gives the connection up does not use it after")]
impl Deref for Lease {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.pooled.as_ref().expect("a lease has its connection until it is dropped").connection
    }
}

#[expect(clippy::expect_used, reason = "whoever gives the connection up does not use it after")]
impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Wire {
        &mut self.pooled.as_mut().expect("a lease has its connection until it is dropped").connection
    }
}
