//! Rows of security events.

use std::net::IpAddr;

use uuid::Uuid;
use vestibule_domain::{AccountId, EventId, Origin, RequestId, SecurityEvent, Source};

use super::{StoredTime, account_id, actor, actor_columns, time, valid};
use crate::StoreError;

rows! {
    /// A row of a security event.
    pub struct StoredEvent<T> {
        pub id: Uuid,
        pub kind: String,
        pub account_id: Option<Uuid>,
        pub actor: String,
        pub actor_id: Option<Uuid>,
        pub source: Option<String>,
        pub request_id: Option<String>,
        pub at: T,
    }
}

impl<T: StoredTime> TryFrom<StoredEvent<T>> for SecurityEvent {
    type Error = StoreError;

    fn try_from(row: StoredEvent<T>) -> Result<Self, StoreError> {
        Ok(Self {
            id: valid(EventId::from_uuid(row.id), "id of a security event")?,
            kind: valid(row.kind.parse(), "kind of a security event")?,
            account: row.account_id.map(account_id).transpose()?,
            actor: actor(&row.actor, row.actor_id, "actor of a security event")?,
            origin: origin(row.source, row.request_id)?,
            at: time(row.at, "time of a security event")?,
        })
    }
}

impl<T: StoredTime> From<&SecurityEvent> for StoredEvent<T> {
    fn from(event: &SecurityEvent) -> Self {
        let (actor, actor_id) = actor_columns(event.actor);
        let origin = event.origin.as_ref();
        Self {
            id: event.id.uuid(),
            kind: event.kind.as_str().to_owned(),
            account_id: event.account.map(AccountId::uuid),
            actor: actor.to_owned(),
            actor_id,
            source: origin.map(|origin| origin.source.to_string()),
            request_id: origin.map(|origin| origin.request.as_str().to_owned()),
            at: T::of(event.at),
        }
    }
}

fn origin(source: Option<String>, request: Option<String>) -> Result<Option<Origin>, StoreError> {
    let what = "origin of a security event";
    match (source, request) {
        (None, None) => Ok(None),
        (Some(source), Some(request)) => {
            let address: IpAddr = valid(source.parse(), what)?;
            Ok(Some(Origin { source: Source::new(address), request: valid(RequestId::parse(&request), what)? }))
        }
        _ => Err(StoreError::Corrupt { what }),
    }
}
