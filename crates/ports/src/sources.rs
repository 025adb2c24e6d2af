//! Storage of the sources from which an account signed in before.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Source};

use crate::StoreError;

/// Known sources, read outside a unit of work.
#[async_trait]
pub trait ReadSources: Send + Sync {
    /// Whether the account signed in from this source before.
    async fn contains(&self, account: AccountId, source: Source) -> Result<bool, StoreError>;
}

/// Known sources, inside a unit of work.
#[async_trait]
pub trait Sources: Send {
    /// Records a use of a source at `now`, cut to whole microseconds. It replaces the time of the last use, even a later
    /// one that a clock ahead of time wrote.
    async fn remember(&mut self, account: AccountId, source: Source, now: OffsetDateTime) -> Result<(), StoreError>;
    /// Forgets every source of an account and returns how many.
    async fn forget_all(&mut self, account: AccountId) -> Result<u64, StoreError>;
    /// Forgets sources not used since a time (cut to whole microseconds), at most 1000 a call, and returns how many.
    async fn purge_unused(&mut self, since: OffsetDateTime) -> Result<u64, StoreError>;
}
