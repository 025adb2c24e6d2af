//! Rows of security events.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Actor, EventId, Origin, RequestId, SecurityEvent, Source};
use vestibule_ports::StoreError;

use super::{account_id, valid, word};

/// A row of `security_events`.
pub(crate) struct EventRow {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) actor: String,
    pub(crate) actor_id: Option<Uuid>,
    pub(crate) source: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) at: OffsetDateTime,
}

impl TryFrom<EventRow> for SecurityEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: valid(EventId::from_uuid(row.id), "id of a security event")?,
            kind: word(&row.kind, "kind of a security event")?,
            account: row.account_id.map(account_id).transpose()?,
            actor: actor(&row.actor, row.actor_id)?,
            origin: origin(row.source, row.request_id)?,
            at: row.at,
        })
    }
}

/// The columns of an actor.
pub(crate) fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::Anyone => ("anyone", None),
        Actor::Account(id) => ("account", Some(id.uuid())),
        Actor::Operator => ("operator", None),
    }
}

fn actor(word: &str, id: Option<Uuid>) -> Result<Actor, StoreError> {
    match (word, id) {
        ("anyone", None) => Ok(Actor::Anyone),
        ("account", Some(id)) => account_id(id).map(Actor::Account),
        ("operator", None) => Ok(Actor::Operator),
        _ => Err(StoreError::Corrupt { what: "actor of a security event" }),
    }
}

fn origin(source: Option<String>, request: Option<String>) -> Result<Option<Origin>, StoreError> {
    let what = "origin of a security event";
    match (source, request) {
        (None, None) => Ok(None),
        (Some(source), Some(request)) => {
            let address: IpAddr = word(&source, what)?;
            let request = valid(RequestId::parse(&request), what)?;
            Ok(Some(Origin { source: Source::new(address), request }))
        }
        _ => Err(StoreError::Corrupt { what }),
    }
}
