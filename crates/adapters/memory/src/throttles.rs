//! Throttles, by key.

use std::sync::Arc;

use async_trait::async_trait;
use rpds::HashTrieMapSync;
use time::OffsetDateTime;
use vestibule_domain::{
    ThrottleRule,
    account::to_microseconds,
    throttle::{ThrottleState, Throttled},
};
use vestibule_ports::{StoreError, Throttles, stored::StoredKeyedThrottle};

use crate::{
    state::{PURGE_LIMIT, rows},
    store::MemoryUnit,
};

/// The state of each key.
#[derive(Clone, Default)]
pub(crate) struct ThrottleTable(HashTrieMapSync<Arc<str>, ThrottleState>);

impl ThrottleTable {
    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredKeyedThrottle<i64>> {
        self.0.iter().map(|(key, state)| StoredKeyedThrottle::of(key.to_string(), state))
    }

    /// Takes a key as it stands.
    pub(crate) fn restore(&mut self, key: &str, state: ThrottleState) {
        self.0.insert_mut(Arc::from(key), state);
    }
}

#[async_trait]
impl Throttles for MemoryUnit {
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError> {
        let table = &mut self.state.throttles.0;
        let taken = ThrottleState::take(table.get(key).copied(), rule, to_microseconds(now));
        if let Some(state) = ThrottleState::left_by(taken) {
            table.insert_mut(Arc::from(key), state);
        }
        Ok(taken)
    }

    async fn reset(&mut self, key: &str) -> Result<(), StoreError> {
        self.state.throttles.0.remove_mut(key);
        Ok(())
    }

    async fn purge_ended(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let table = &mut self.state.throttles.0;
        let ended: Vec<_> = table
            .iter()
            .filter(|(_, state)| state.window_ends_at <= now)
            .map(|(key, _)| Arc::clone(key))
            .take(PURGE_LIMIT)
            .collect();
        for key in &ended {
            table.remove_mut(key);
        }
        Ok(rows(ended.len()))
    }
}
