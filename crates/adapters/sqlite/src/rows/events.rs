//! Rows of security events.

use std::net::IpAddr;

use uuid::Uuid;
use vestibule_domain::{AccountId, Actor, EventId, Origin, RequestId, SecurityEvent, Source};
use vestibule_ports::StoreError;

use super::{time, word};

/// A row of `security_events`.
pub(crate) struct EventRow {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) actor: String,
    pub(crate) actor_id: Option<Uuid>,
    pub(crate) source: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) at: i64,
}

impl TryFrom<EventRow> for SecurityEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let id = EventId::from_uuid(row.id).map_err(|_| StoreError::Corrupt { what: "id of a security event" })?;
        Ok(Self {
            id,
            kind: word(&row.kind, "kind of a security event")?,
            account: row.account_id.map(account).transpose()?,
            actor: actor(&row.actor, row.actor_id)?,
            origin: origin(row.source, row.request_id)?,
            at: time(row.at, "time of a security event")?,
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

fn account(id: Uuid) -> Result<AccountId, StoreError> {
    AccountId::from_uuid(id).map_err(|_| StoreError::Corrupt { what: "account of a security event" })
}

fn actor(word: &str, id: Option<Uuid>) -> Result<Actor, StoreError> {
    match (word, id) {
        ("anyone", None) => Ok(Actor::Anyone),
        ("account", Some(id)) => account(id).map(Actor::Account),
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
            let request = RequestId::parse(&request).map_err(|_| StoreError::Corrupt { what })?;
            Ok(Some(Origin { source: Source::new(address), request }))
        }
        _ => Err(StoreError::Corrupt { what }),
    }
}
