//! Storage of mailed one-time codes.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, CodeId, LiveCode, OneTimeCode, TokenPurpose};

use crate::StoreError;

/// Codes; an account has at most one per purpose.
#[async_trait]
pub trait Codes: Send {
    /// Stores a code and replaces any earlier one of the same account and purpose; its expiry is cut to whole microseconds.
    async fn replace(&mut self, code: &OneTimeCode) -> Result<(), StoreError>;
    /// Takes one try off the unexpired code of an account and purpose and returns what to compare with; `None` if there is
    /// no code or no try left. One atomic step: of N concurrent calls at most as many succeed as tries were left.
    async fn take_try(
        &mut self,
        account: AccountId,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<LiveCode>, StoreError>;
    /// Spends an unexpired code; false if it was spent, was replaced or has expired. One atomic step with one winner.
    async fn consume(&mut self, id: CodeId, now: OffsetDateTime) -> Result<bool, StoreError>;
    /// Removes every code of an account and returns how many.
    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError>;
    /// Removes codes that have expired by `now` (cut to whole microseconds), at most 1000 a call, and returns how many.
    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError>;
}
