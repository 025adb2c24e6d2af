//! Storage of security events.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, EventId, SecurityEvent};

use crate::StoreError;

/// Security events, read outside a unit of work.
#[async_trait]
pub trait ReadEvents: Send + Sync {
    /// Events, newest first: those of one account, or, without one, all of them, also those without an account. Only events
    /// before an id if one is given; at most `limit`, capped at 1000; 0 returns none.
    async fn list(
        &self,
        account: Option<AccountId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<SecurityEvent>, StoreError>;
}

/// Security events, inside a unit of work. They outlive their account.
#[async_trait]
pub trait Events: Send {
    /// Adds an event, its time cut to whole microseconds; it is stored if, and only if, the unit commits.
    async fn insert(&mut self, event: &SecurityEvent) -> Result<(), StoreError>;
    /// Removes events before a time (cut to whole microseconds), at most 1000 a call, and returns how many.
    async fn purge_before(&mut self, time: OffsetDateTime) -> Result<u64, StoreError>;
}
