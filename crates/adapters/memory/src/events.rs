//! Security events, by id and so by time.

use std::{ops::Bound, sync::Arc};

use async_trait::async_trait;
use rpds::RedBlackTreeMapSync;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, EventId, SecurityEvent, account::to_microseconds};
use vestibule_ports::{Events, ReadEvents, StoreError, stored::StoredEvent};

use crate::{
    MemoryStore,
    state::{PURGE_LIMIT, rows},
    store::MemoryUnit,
};

/// The most events of a list.
const LIST_LIMIT: u32 = 1000;

/// The events, oldest first.
#[derive(Clone, Default)]
pub(crate) struct EventTable(RedBlackTreeMapSync<EventId, Arc<SecurityEvent>>);

impl EventTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredEvent<i64>> {
        self.0.values().map(|event| event.as_ref().into())
    }
}

#[async_trait]
impl ReadEvents for MemoryStore {
    async fn list(
        &self,
        account: Option<AccountId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<SecurityEvent>, StoreError> {
        let limit = usize::try_from(limit.min(LIST_LIMIT)).unwrap_or(usize::MAX);
        let before = before.map_or(Bound::Unbounded, Bound::Excluded);
        let table = &self.snapshot()?.events.0;
        let newest_first = table.range((Bound::Unbounded, before)).rev().map(|(_, event)| event);
        let matching = newest_first.filter(|event| account.is_none() || account == event.account);
        Ok(matching.take(limit).map(|event| SecurityEvent::clone(event)).collect())
    }
}

#[async_trait]
impl Events for MemoryUnit {
    async fn insert(&mut self, event: &SecurityEvent) -> Result<(), StoreError> {
        if self.state.events.0.contains_key(&event.id) {
            return Err(self.failed("a security event has this id"));
        }
        let event = SecurityEvent { at: to_microseconds(event.at), ..event.clone() };
        self.state.events.0.insert_mut(event.id, Arc::new(event));
        Ok(())
    }

    async fn purge_before(&mut self, time: OffsetDateTime) -> Result<u64, StoreError> {
        let (table, time) = (&mut self.state.events.0, to_microseconds(time));
        let old: Vec<EventId> =
            table.values().filter(|event| event.at < time).map(|event| event.id).take(PURGE_LIMIT).collect();
        for id in &old {
            table.remove_mut(id);
        }
        Ok(rows(old.len()))
    }
}
