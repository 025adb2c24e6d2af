//! Storage of one-time tokens.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Digest, OneTimeToken, TokenPurpose};

use crate::StoreError;

/// One-time tokens, read outside a unit of work.
#[async_trait]
pub trait ReadTokens: Send + Sync {
    /// The unexpired token with this digest and purpose; it stays unspent.
    async fn find(
        &self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError>;
}

/// One-time tokens, known by their digest, inside a unit of work.
#[async_trait]
pub trait Tokens: Send {
    /// Stores a token, its expiry cut to whole microseconds.
    async fn insert(&mut self, token: &OneTimeToken) -> Result<(), StoreError>;
    /// Spends an unexpired token of a purpose and returns it; `None` if there is none. One atomic step with one winner.
    async fn consume(
        &mut self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError>;
    /// Removes every token of an account and purpose and returns how many.
    async fn remove_of_account(&mut self, account: AccountId, purpose: TokenPurpose) -> Result<u64, StoreError>;
    /// Removes tokens that have expired by `now` (cut to whole microseconds), at most 1000 a call, and returns how many.
    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError>;
}
