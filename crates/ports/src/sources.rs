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
    /// Remembers a source of an account, or that it was used again: now, also where a clock that was ahead told a later time.
    async fn remember(&mut self, account: AccountId, source: Source, now: OffsetDateTime) -> Result<(), StoreError>;
    /// Forgets every source of an account; how many there were.
    async fn forget_all(&mut self, account: AccountId) -> Result<u64, StoreError>;
    /// Forgets sources not used since a time, at most 1000 a call; how many it was.
    async fn purge_unused(&mut self, since: OffsetDateTime) -> Result<u64, StoreError>;
}
