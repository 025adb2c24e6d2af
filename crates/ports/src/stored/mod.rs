//! Conversion between entities and the primitives that a store keeps.
//!
//! One file per aggregate that is read as entities, one struct per row, its fields named after the columns. A store copies
//! columns and parses nothing. `TryFrom` reads a row; a value that breaks a rule of the domain is [`StoreError::Corrupt`]
//! with the column's name but not the value. `From` makes the row of an entity. Column lists are not part of this: each
//! store has its own.
//!
//! A [`Record`] is a row of any kind. Behind the feature `serde`, rows and records have a form as JSON: an object with the column
//! names and, in a record, its kind as `record`. Ids are texts, bytes are hexadecimal digits, and times are whole microseconds.
//! This is the format of an export.

#[macro_use]
mod rows;

mod accounts;
mod codes;
mod conversations;
#[cfg(feature = "serde")]
mod digits;
mod dossiers;
mod events;
mod fingerprint;
mod mailbox;
mod outbox;
mod places;
mod profiles;
mod records;
mod review;
mod sessions;
mod sources;
mod throttles;
mod tokens;

pub use accounts::{StoredAccount, account_id};
pub use codes::{StoredCode, StoredLiveCode};
pub use conversations::{StoredConversation, StoredMessage, parts};
pub use dossiers::{StoredDocumentKey, StoredDossier};
pub use events::StoredEvent;
pub use fingerprint::StoredFingerprint;
pub use mailbox::StoredReceivedMail;
pub use outbox::{StoredOutboxEntry, StoredOutboxMail, StoredOutboxRow};
pub use places::StoredPlace;
pub use profiles::{StoredProfile, StoredProfileChange, StoredProfileSummary};
pub use records::{Counts, Kind, Record, RecordKey};
pub use sessions::StoredSession;
pub use sources::StoredSource;
pub use throttles::{StoredKeyedThrottle, StoredThrottle};
use time::OffsetDateTime;
pub use tokens::StoredToken;
use uuid::Uuid;
use vestibule_domain::{Actor, Digest, account::to_microseconds, id::Id96};

use crate::{Page, StoreError};

/// The type that a store keeps times in, precise to the microsecond.
pub trait StoredTime: Sized {
    /// The stored form of a time, cut to whole microseconds.
    fn of(time: OffsetDateTime) -> Self;
    /// The time; none if the value is out of range.
    fn read(self) -> Option<OffsetDateTime>;
}

/// For stores with a time type.
impl StoredTime for OffsetDateTime {
    fn of(time: OffsetDateTime) -> Self {
        to_microseconds(time)
    }

    fn read(self) -> Option<OffsetDateTime> {
        Some(self)
    }
}

/// For stores without one: whole microseconds since 1970-01-01 UTC.
impl StoredTime for i64 {
    fn of(time: OffsetDateTime) -> Self {
        micros(time)
    }

    fn read(self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self) * 1_000).ok()
    }
}

/// A time as whole microseconds since 1970-01-01 UTC.
pub fn micros(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or(i64::MAX)
}

/// A row that the log can name.
pub trait Keyed {
    /// Its id, or its owner's id with its number there.
    fn key(&self) -> (Uuid, Option<i64>);
}

macro_rules! keyed {
    ($($row:ident $(<$time:ident>)? ($id:ident $(, $number:ident)?)),+ $(,)?) => {
        $(impl $(<$time>)? Keyed for $row $(<$time>)? {
            fn key(&self) -> (Uuid, Option<i64>) {
                (self.$id, keyed!(@ self $($number)?))
            }
        })+
    };
    (@ $row:ident $number:ident) => { Some($row.$number) };
    (@ $row:ident) => { None };
}

keyed!(
    StoredAccount<T>(id),
    StoredConversation(account_id),
    StoredDossier<T>(account_id),
    StoredEvent<T>(id),
    StoredMessage<T>(account_id, seq),
    StoredOutboxEntry<T>(id),
    StoredOutboxMail<T>(id),
    StoredPlace<T>(id),
    StoredProfile<T>(id),
    StoredProfileChange<T>(profile_id, number),
    StoredProfileSummary(id),
    StoredReceivedMail<T>(id),
    StoredSession<T>(id),
);

/// The entity of one row among many. An unreadable row is skipped and logged, so that a list, a queue or a worker does not
/// stop at it.
pub fn readable<Row, Entity>(row: Row) -> Option<Entity>
where
    Row: Keyed + TryInto<Entity, Error = StoreError>,
{
    readable_by(row, TryInto::try_into)
}

/// Like [`readable`], with another conversion.
pub fn readable_by<Row, Entity>(row: Row, read: impl FnOnce(Row) -> Result<Entity, StoreError>) -> Option<Entity>
where
    Row: Keyed,
{
    let key = row.key();
    read(row).inspect_err(|error| left_out(key, error)).ok()
}

/// The entities of many rows, without the unreadable ones, as in [`readable`].
pub fn readable_all<Row, Entity>(rows: Vec<Row>) -> Vec<Entity>
where
    Row: Keyed + TryInto<Entity, Error = StoreError>,
{
    rows.into_iter().filter_map(readable).collect()
}

/// The page that begins rows, without the unreadable ones; `rows` has one more row than the page may have. If every row of
/// the page is unreadable, `after` becomes the key of the last one, to read on from: a page is empty only at the end.
pub fn readable_page<Row, Entity, Key>(
    mut rows: Vec<Row>,
    limit: u32,
    after: &mut Key,
    key: impl Fn(&Row) -> Key,
) -> Option<Page<Entity>>
where
    Row: Keyed + TryInto<Entity, Error = StoreError>,
{
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().map(key).filter(|_| has_more);
    let items = readable_all(rows);
    match last {
        Some(last) if items.is_empty() => {
            *after = last;
            None
        }
        _ => Some(Page { items, has_more }),
    }
}

/// Logs a skipped row.
fn left_out((key, number): (Uuid, Option<i64>), error: &StoreError) {
    tracing::error!(
        %error,
        %key,
        number,
        // As URLs and the command line spell it.
        id = Id96::from_uuid(key).ok().map(tracing::field::display),
        "a stored row cannot be read and is left out: see \"Rows that cannot be read\" in docs/operations.md"
    );
}

fn valid<T, E>(parsed: Result<T, E>, what: &'static str) -> Result<T, StoreError> {
    parsed.map_err(|_| StoreError::Corrupt { what })
}

/// Reads a value that may be missing.
fn optional<S, T, E>(
    stored: Option<S>,
    parse: impl FnOnce(S) -> Result<T, E>,
    what: &'static str,
) -> Result<Option<T>, StoreError> {
    stored.map(|stored| valid(parse(stored), what)).transpose()
}

fn time(stored: impl StoredTime, what: &'static str) -> Result<OffsetDateTime, StoreError> {
    stored.read().ok_or(StoreError::Corrupt { what })
}

fn optional_time(stored: Option<impl StoredTime>, what: &'static str) -> Result<Option<OffsetDateTime>, StoreError> {
    stored.map(|stored| time(stored, what)).transpose()
}

/// Reads an actor from two columns.
fn actor(word: &str, id: Option<Uuid>, what: &'static str) -> Result<Actor, StoreError> {
    match (word, id) {
        ("anyone", None) => Ok(Actor::Anyone),
        ("account", Some(id)) => account_id(id).map(Actor::Account),
        ("operator", None) => Ok(Actor::Operator),
        _ => Err(StoreError::Corrupt { what }),
    }
}

fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::Anyone => ("anyone", None),
        Actor::Account(id) => ("account", Some(id.uuid())),
        Actor::Operator => ("operator", None),
    }
}

/// Reads the 32 bytes of a digest.
pub fn digest(bytes: Vec<u8>, what: &'static str) -> Result<Digest, StoreError> {
    valid(bytes.try_into(), what).map(Digest::new)
}
