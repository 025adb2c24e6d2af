//! Storage of refresh families.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, FamilyId, RefreshFamily, TokenSubject};

use crate::StoreError;

/// Refresh families, read outside a unit of work.
#[async_trait]
pub trait ReadFamilies: Send + Sync {
    /// A family, expired or not, with its account, in one round trip.
    async fn find(&self, id: FamilyId) -> Result<Option<(RefreshFamily, Account)>, StoreError>;
}

/// Refresh families, inside a unit of work.
#[async_trait]
pub trait Families: Send {
    /// Adds a family and ends the account's others but for the `keep - 1` that were used last; how many ended. Units that
    /// add to one account wait for each other, so that it never has more than `keep`.
    async fn insert(&mut self, family: &RefreshFamily, keep: u32) -> Result<u64, StoreError>;
    /// Gives a family the counter, the last use and the expiry of `next` if it still has the counter before; false if
    /// another use came first, or the family is gone. One atomic compare-and-swap with one winner.
    async fn advance(&mut self, next: &RefreshFamily) -> Result<bool, StoreError>;
    /// Lets a family live on although its account has another token subject; false if it is gone.
    async fn rebind(&mut self, id: FamilyId, subject: TokenSubject) -> Result<bool, StoreError>;
    /// Ends a family; false if it was gone.
    async fn remove(&mut self, id: FamilyId) -> Result<bool, StoreError>;
    /// Ends every family of an account; how many there were.
    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError>;
    /// Removes families that have expired, at most 1000 a call; how many it was.
    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError>;
}
