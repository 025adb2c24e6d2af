//! Notices between nodes, by LISTEN and NOTIFY.
//!
//! A notice is published after the transaction that it announces, in a transaction of its own: PostgreSQL commits
//! transactions with a NOTIFY one after the other, across the whole cluster. Each node listens on its own connection, which
//! a task reads all the time, because the server keeps notices for the slowest listener.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sqlx::{
    Acquire,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};
use uuid::Uuid;
use vestibule_domain::AccountId;
use vestibule_ports::{Bus, BusError, Notice, Subscription};

use crate::{
    connections::{Connections, alone},
    errors::Failure,
    servers,
    store::PostgresStore,
    writable::{ASK, takes_writes},
};

const CHANNEL: &str = "vestibule_conversations";
/// The most notices in one notification: a notice takes less than 96 bytes, and a notification less than 8000.
const TOGETHER: usize = 80;
/// How many notifications may wait to be read here; a node that falls further behind is told that it missed some.
const BACKLOG: usize = 1_024;
/// The most notifications taken at once.
const AT_ONCE: usize = 64;

/// How a listening connection is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// How often the server is pinged.
    pub every: Duration,
    /// The longest wait for its answer; after that the connection counts as lost.
    pub patience: Duration,
}

/// Every 10 s, within 5 s.
impl Default for Heartbeat {
    fn default() -> Self {
        Self { every: Duration::from_secs(10), patience: Duration::from_secs(5) }
    }
}

/// Why a subscription ended.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error(transparent)]
    Failed(#[from] Failure),
    #[error("the connection was closed")]
    Closed,
    #[error("the server does not answer")]
    Silent,
    #[error("notices come faster than they are read")]
    Late,
    #[error(
        "a pooler, as `pgbouncer=true` in DATABASE_URL says, does not pass on what is told by NOTIFY: messages from other nodes come up \
         to 2 s late"
    )]
    Pooled,
}

impl From<sqlx::Error> for Lost {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Lost> for BusError {
    fn from(lost: Lost) -> Self {
        Self(lost.into())
    }
}

/// Carries notices between all nodes on one database.
#[derive(Debug, Clone)]
pub struct PostgresBus {
    connections: Connections,
    heartbeat: Heartbeat,
    /// Whether it has warned that nothing can be received behind a pooler.
    told: Arc<AtomicBool>,
}

impl PostgresStore {
    /// The bus of the database: it publishes on the connections of the store.
    pub fn bus(&self) -> PostgresBus {
        self.bus_with(Heartbeat::default())
    }

    /// The same, with another way to check connections.
    pub fn bus_with(&self, heartbeat: Heartbeat) -> PostgresBus {
        PostgresBus { connections: self.connections.clone(), heartbeat, told: Arc::default() }
    }
}

#[async_trait]
impl Bus for PostgresBus {
    async fn publish(&self, notices: &[Notice]) -> Result<(), BusError> {
        let payloads: Vec<String> = notices.chunks(TOGETHER).map(written).collect();
        let payloads = payloads.as_slice();
        // The announced change is already on disk: do not wait for the disk again.
        let told = alone!(
            self.connections,
            execute,
            sqlx::query!(
                "SELECT pg_notify($1, payload) \
                 FROM set_config('synchronous_commit', 'off', true), unnest($2::text[]) payload",
                CHANNEL,
                payloads,
            )
        );
        told.map(drop).map_err(|error| BusError(error.into()))
    }

    async fn subscribe(&self) -> Result<Box<dyn Subscription>, BusError> {
        // In a shared session LISTEN would end up with another client and harm it.
        if self.connections.is_pooled() {
            if self.told.swap(true, Ordering::Relaxed) {
                pending::<()>().await;
            }
            return Err(Lost::Pooled.into());
        }
        let listener = timeout(self.heartbeat.patience, listen(&self.connections)).await;
        let mut listener = listener.unwrap_or(Err(Lost::Silent))?;
        let (sender, heard) = channel(BACKLOG);
        let heartbeat = self.heartbeat;
        let pump = tokio::spawn(async move {
            let lost = pump(&mut listener, &sender, heartbeat).await;
            drop(listener);
            // The subscriber may be gone.
            let _ = sender.send(Err(lost)).await;
        });
        Ok(Box::new(PostgresSubscription { heard, lost: None, pump }))
    }
}

/// Opens a listening connection. A standby cannot listen, and a fenced-off server hears of no message.
async fn listen(connections: &Connections) -> Result<PgListener, Lost> {
    let only_one = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let mut listener = PgListener::connect_with(&only_one.connect_lazy_with(connections.server().clone())).await?;
    listener.eager_reconnect(false);
    check(&mut listener).await?;
    servers::enter(&mut *listener.acquire().await?).await?;
    // The last statement: operators recognise the connection by it in pg_stat_activity.
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Pings the server and checks that it takes writes.
async fn check(listener: &mut PgListener) -> Result<(), Lost> {
    if takes_writes(listener.acquire().await?, ASK).await? { Ok(()) } else { Err(Failure::ReadOnly.into()) }
}

/// Passes on notifications until the connection is lost.
async fn pump(
    listener: &mut PgListener,
    heard: &Sender<Result<Vec<Notice>, Lost>>,
    Heartbeat { every, patience }: Heartbeat,
) -> Lost {
    let mut beats = interval_at(Instant::now() + every, every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let received = tokio::select! {
            received = listener.try_recv() => received,
            _ = beats.tick() => {
                match timeout(patience, check(listener)).await {
                    Ok(Ok(())) => continue,
                    Ok(Err(lost)) => return lost,
                    Err(_) => return Lost::Silent,
                }
            }
        };
        let notices = match received {
            Ok(Some(notification)) => read(notification.payload()),
            Ok(None) => return Lost::Closed,
            Err(error) => return error.into(),
        };
        if !notices.is_empty() && heard.try_send(Ok(notices)).is_err() {
            return Lost::Late;
        }
    }
}

struct PostgresSubscription {
    heard: Receiver<Result<Vec<Notice>, Lost>>,
    /// Why it ended, after everything received before was passed on.
    lost: Option<Lost>,
    pump: JoinHandle<()>,
}

#[async_trait]
impl Subscription for PostgresSubscription {
    async fn next(&mut self) -> Result<Vec<Notice>, BusError> {
        let (mut heard, mut notices) = (Vec::new(), Vec::new());
        if self.lost.is_none() {
            self.heard.recv_many(&mut heard, AT_ONCE).await;
        }
        for outcome in heard {
            match outcome {
                Ok(more) => notices.extend(more),
                Err(lost) => self.lost = Some(lost),
            }
        }
        if notices.is_empty() { Err(self.lost.take().unwrap_or(Lost::Closed).into()) } else { Ok(notices) }
    }
}

impl Drop for PostgresSubscription {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

/// Notices as the text of a notification: the id and the numbers of each, without spaces.
fn written(notices: &[Notice]) -> String {
    let one = |notice: &Notice| {
        let Notice { conversation, seq, read_by_user, read_by_staff } = notice;
        format!("{},{seq},{read_by_user},{read_by_staff}", conversation.uuid().simple())
    };
    notices.iter().map(one).collect::<Vec<_>>().join(";")
}

/// The notices of a text. Invalid ones are skipped: any user of the database may write to the channel.
fn read(text: &str) -> Vec<Notice> {
    text.split(';').filter_map(read_one).collect()
}

fn read_one(text: &str) -> Option<Notice> {
    let mut parts = text.split(',');
    let conversation = AccountId::from_uuid(Uuid::try_parse(parts.next()?).ok()?).ok()?;
    let mut number = || parts.next()?.parse().ok();
    Some(Notice { conversation, seq: number()?, read_by_user: number()?, read_by_staff: number()? })
}

#[cfg(test)]
mod tests {
    use vestibule_domain::id::Id96;

    use super::*;

    #[test]
    fn notices_are_read_as_they_were_written_and_fit() {
        let notices: Vec<Notice> = (0..TOGETHER)
            .map(|number| Notice {
                conversation: Id96::from_bytes([u8::try_from(number).unwrap(); 12]).into(),
                seq: u64::MAX,
                read_by_user: u64::MAX - number as u64,
                read_by_staff: u64::MAX,
            })
            .collect();
        let text = written(&notices);
        assert!(text.len() < 8_000, "{}", text.len());
        assert_eq!(read(&text), notices);
    }

    #[test]
    fn what_is_no_notice_is_passed_over() {
        let good = Notice { conversation: Id96::from_bytes([7; 12]).into(), seq: 1, read_by_user: 2, read_by_staff: 3 };
        let id = good.conversation.uuid().simple();
        let text = format!(";x;{id};{id},1,2;{id},-1,2,3;{id},1,2,3,of a later version;00,1,2,3;");
        assert_eq!(read(&text), [good]);
    }
}
