//! Storage of security events.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, EventId, SecurityEvent};

use crate::StoreError;

/// Security events, read outside a unit of work.
#[async_trait]
pub trait ReadEvents: Send + Sync {
    /// Events of one account, or of all and of none, newest first, only those before an id if one is given; at most
    /// `limit`, of which at most 1000 are given.
    async fn list(
        &self,
        account: Option<AccountId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<SecurityEvent>, StoreError>;
}

/// Security events, inside a unit of work. They stay when their account goes.
#[async_trait]
pub trait Events: Send {
    /// Adds an event; it stays if, and only if, the unit of its cause is committed.
    async fn insert(&mut self, event: &SecurityEvent) -> Result<(), StoreError>;
    /// Removes events from before a time, at most 1000 a call; how many it was.
    async fn purge_before(&mut self, time: OffsetDateTime) -> Result<u64, StoreError>;
}
