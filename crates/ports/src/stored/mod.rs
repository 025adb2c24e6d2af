//! Entities as the primitives that a store keeps, and the way there and back.
//!
//! One file per aggregate that is read as entities, one struct per row, whose fields are named as the columns. A store copies columns
//! and parses nothing: `TryFrom` reads a row, and what breaks a rule of the domain is [`StoreError::Corrupt`], by the name
//! of the column and without the value; `From` makes the row of an entity. Lists of columns are no part of this: each store
//! has its own.
#![expect(
    missing_docs,
    reason = "a field has the name of its column, which is explained in the schema and in the domain"
)]

mod accounts;
mod codes;
mod conversations;
mod dossiers;
mod events;
mod mailbox;
mod outbox;
mod places;
mod profiles;
mod review;
mod sessions;
mod throttles;
mod tokens;

pub use accounts::{StoredAccount, account_id};
pub use codes::{StoredCode, StoredLiveCode};
pub use conversations::{StoredConversation, StoredMessage, parts};
pub use dossiers::StoredDossier;
pub use events::StoredEvent;
pub use mailbox::StoredReceivedMail;
pub use outbox::StoredOutboxMail;
pub use places::StoredPlace;
pub use profiles::{StoredProfile, StoredProfileChange, StoredProfileSummary};
pub use sessions::StoredSession;
pub use throttles::StoredThrottle;
use time::OffsetDateTime;
pub use tokens::StoredToken;
use uuid::Uuid;
use vestibule_domain::{Actor, Digest, account::to_microseconds};

use crate::StoreError;

/// What a store keeps times as, to the microsecond.
pub trait StoredTime: Sized {
    /// The stored form of a time, cut to whole microseconds.
    fn of(time: OffsetDateTime) -> Self;
    /// The time; none if there is no such time.
    fn read(self) -> Option<OffsetDateTime>;
}

/// For stores that have a type for times.
impl StoredTime for OffsetDateTime {
    fn of(time: OffsetDateTime) -> Self {
        to_microseconds(time)
    }

    fn read(self) -> Option<OffsetDateTime> {
        Some(self)
    }
}

/// For stores that have none: whole microseconds since 1970-01-01 UTC.
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

/// Restores every row, or fails with the first that is corrupt.
pub fn restore_all<Row, Entity>(rows: Vec<Row>) -> Result<Vec<Entity>, StoreError>
where
    Row: TryInto<Entity, Error = StoreError>,
{
    rows.into_iter().map(TryInto::try_into).collect()
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

/// Reads who did something, from two columns.
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
