//! Messages that come while others are on their way to the server go there together: of many small statements, most of the
//! work is parsing them, beginning and committing.
//!
//! So many senders are under way at most. A message that comes while there are fewer goes out at once, alone; nothing waits for
//! company. One that has sent takes those that wait along in one statement, in a task of its own, so that no message that is
//! cancelled takes others with it. If the server refuses the statement, it has stored none of them, and each is tried alone.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{Stream, TryStreamExt};
use sqlx::PgConnection;
use time::OffsetDateTime;
use tokio::{runtime::Handle, sync::oneshot};
use uuid::Uuid;
use vestibule_ports::{
    StoreError,
    stored::{StoredConversation, StoredMessage},
};

use crate::{
    columns::columns,
    connections::Connections,
    errors::{harm, shared},
    pool::Lease,
};

/// The most messages of a statement: it holds the locks of all their conversations until it has committed.
const MOST: usize = 32;

/// A row of `messages`.
pub(crate) type MessageRow = StoredMessage<OffsetDateTime>;

/// The senders that are under way, and the messages that wait for one.
pub(crate) struct Appends {
    connections: Connections,
    most_senders: usize,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    senders: usize,
    waiting: Vec<Waiting>,
}

struct Waiting {
    row: Arc<MessageRow>,
    answer: oneshot::Sender<Answer>,
}

/// The right to send; when it is dropped, what waits has it.
pub(crate) struct Turn(Arc<Appends>);

/// How a message goes out.
pub(crate) enum Place {
    /// Alone, now.
    Turn(Turn),
    /// It waits.
    Queue(oneshot::Receiver<Answer>),
}

/// What a message that has waited is told.
pub(crate) enum Answer {
    /// To go out alone, now: no other waits.
    Turn(Turn),
    /// It was stored with others; the conversation is so.
    Stored(StoredConversation),
    /// It was not stored with others, and is to be tried alone.
    Alone,
    /// Whether it was stored with others is not known.
    Failed(StoreError),
}

impl Appends {
    /// A quarter of the connections send at most: so more go together, and reads find a connection.
    pub(crate) fn new(connections: Connections) -> Arc<Self> {
        let most_senders = usize::try_from(connections.usage().limit / 4).unwrap_or(1).max(1);
        Arc::new(Self { connections, most_senders, queue: Mutex::default() })
    }

    pub(crate) fn place(self: &Arc<Self>, row: &Arc<MessageRow>) -> Place {
        let mut queue = self.queue();
        if queue.senders < self.most_senders {
            queue.senders += 1;
            return Place::Turn(Turn(Arc::clone(self)));
        }
        let (answer, place) = oneshot::channel();
        queue.waiting.push(Waiting { row: Arc::clone(row), answer });
        Place::Queue(place)
    }

    /// The messages that go out next, of each conversation one, without those that were cancelled; the turn ends if there are
    /// none.
    fn next(&self) -> Vec<Waiting> {
        let mut queue = self.queue();
        let (mut together, mut conversations) = (Vec::new(), HashSet::new());
        for waiting in std::mem::take(&mut queue.waiting) {
            if waiting.answer.is_closed() {
                continue;
            }
            if together.len() < MOST && conversations.insert(waiting.row.account_id) {
                together.push(waiting);
            } else {
                queue.waiting.push(waiting);
            }
        }
        if together.is_empty() {
            queue.senders -= 1;
        }
        together
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, together: &[Waiting]) -> Result<Option<Vec<StoredConversation>>, StoreError> {
        let rows: Vec<&MessageRow> = together.iter().map(|waiting| &*waiting.row).collect();
        let rows = rows.as_slice();
        let statement = |mut lease: Lease| async move {
            let outcome = match append_all(rows, &mut lease).await {
                // Of one of them the account is gone or the client's id is taken; or a lock was not to be had.
                Err(error) if error.as_database_error().is_some() && harm(&error).is_none() => Ok(None),
                outcome => outcome.map(Some),
            };
            (outcome, lease)
        };
        self.connections.single(statement).await
    }
}

impl fmt::Debug for Appends {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Appends").field("most_senders", &self.most_senders).finish_non_exhaustive()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut together = self.0.next();
        let turn = match together.len() {
            0 => return,
            _ => Self(Arc::clone(&self.0)),
        };
        if together.len() > 1 {
            // Without a runtime nothing can be sent: those that wait are told so when this ends.
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(send(turn, together));
            }
        } else if let Some(only) = together.pop() {
            // One that was cancelled at this moment drops the turn, which passes it on.
            drop(only.answer.send(Answer::Turn(turn)));
        }
    }
}

async fn send(turn: Turn, together: Vec<Waiting>) {
    let outcome = turn.0.send(&together).await;
    drop(turn);
    match outcome {
        Ok(Some(stored)) => {
            let mut stored: HashMap<Uuid, _> = stored.into_iter().map(|row| (row.account_id, row)).collect();
            tell(together, |row| stored.remove(&row.account_id).map_or(Answer::Alone, Answer::Stored));
        }
        Ok(None) => tell(together, |_| Answer::Alone),
        Err(error) => {
            let error = Arc::new(error);
            tell(together, |_| Answer::Failed(shared(&error)));
        }
    }
}

fn tell(together: Vec<Waiting>, mut answer: impl FnMut(&MessageRow) -> Answer) {
    for waiting in together {
        // One that was cancelled meanwhile may be stored all the same.
        let _ = waiting.answer.send(answer(&waiting.row));
    }
}

/// Stores messages of as many conversations; those whose client's id is taken are left out. The rows of the conversations are
/// locked in one order, so that no two of these statements wait for each other.
macro_rules! append_all {
    ([$rows:ident] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query_as!(
            StoredConversation,
            "WITH given AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], \
             $6::text[], $7::timestamptz[], $8::text[]) given (account_id, id, author" $(+ ", " + $name)* + ")), \
             next AS (\
             INSERT INTO conversations AS c (account_id, written_seq, written_by_user) \
             SELECT account_id, 1, CASE side WHEN 'user' THEN 1 ELSE 0 END FROM given \
             LEFT JOIN LATERAL (SELECT true AS is_known FROM messages m WHERE m.account_id = given.account_id \
             AND m.side = given.side AND m.client_id = given.client_id LIMIT 1) known ON true \
             WHERE is_known IS NULL ORDER BY account_id \
             ON CONFLICT (account_id) DO UPDATE SET written_seq = c.written_seq + 1, \
             written_by_user = c.written_by_user + excluded.written_by_user RETURNING c.*), \
             stored AS (INSERT INTO messages (account_id, seq, by_user, id, author" $(+ ", " + $name)* +
             ") SELECT account_id, written_seq, written_by_user, id, author" $(+ ", " + $name)* +
             " FROM next JOIN given USING (account_id)) \
             SELECT account_id AS \"account_id!\", written_seq AS \"written_seq!\", \
             written_by_user AS \"written_by_user!\", user_read_seq AS \"user_read_seq!\", \
             user_read_by_user AS \"user_read_by_user!\", staff_read_seq AS \"staff_read_seq!\", \
             staff_read_by_user AS \"staff_read_by_user!\" FROM next",
            &column($rows, |row| row.account_id),
            &column($rows, |row| row.id),
            &column($rows, |row| row.author)
            $(, &column($rows, |row| row.$field.clone()) as _)*
        )
    };
}

async fn append_all(
    rows: &[&MessageRow],
    connection: &mut PgConnection,
) -> Result<Vec<StoredConversation>, sqlx::Error> {
    all(columns!(messages append_all [rows]).fetch(connection)).await
}

fn column<T>(rows: &[&MessageRow], value: impl Fn(&MessageRow) -> T) -> Vec<T> {
    rows.iter().map(|row| value(row)).collect()
}

/// The rows of a statement. What the server reports behind a row does not say that the statement was undone.
pub(crate) async fn all<T>(rows: impl Stream<Item = Result<T, sqlx::Error>>) -> Result<Vec<T>, sqlx::Error> {
    let (mut rows, mut all) = (pin!(rows), Vec::new());
    loop {
        match rows.try_next().await {
            Ok(Some(row)) => all.push(row),
            Ok(None) => return Ok(all),
            Err(error) if all.is_empty() => return Err(error),
            Err(error) => return Err(sqlx::Error::Io(std::io::Error::other(error))),
        }
    }
}
