//! Storage of refresh families.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, FamilyId, RefreshFamily, TokenSubject, TokenUse};

use crate::StoreError;

/// Refresh families, read outside a unit of work.
#[async_trait]
pub trait ReadFamilies: Send + Sync {
    /// A family, expired or not, with its account, in one round trip.
    async fn find(&self, id: FamilyId) -> Result<Option<(RefreshFamily, Account)>, StoreError>;
}

/// A use of the token with a number, if that is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// Its family.
    pub family: FamilyId,
    /// Its number.
    pub counter: u32,
    /// The use.
    pub this: TokenUse,
}

/// A family as it was before a use, with its account.
pub type Advanced = (RefreshFamily, Account);

/// Uses of current tokens, outside a unit of work.
#[async_trait]
pub trait AdvanceFamilies: Send + Sync {
    /// Counts families on and notes the uses; of each, in the order given, what was there before. Each is a
    /// compare-and-swap of its own, with one winner: none if the family has another counter, if its account is not active
    /// or has another subject, or if somebody else is changing it at this moment, whom nobody waits for. All are durable
    /// when it returns; in one round trip where the store can. No two may be of one family.
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError>;
}

/// Refresh families, inside a unit of work.
#[async_trait]
pub trait Families: Send {
    /// Adds a family and ends the account's others but for the `keep - 1` that were used last; how many ended. Units that
    /// add to one account wait for each other, so that it never has more than `keep`.
    async fn insert(&mut self, family: &RefreshFamily, keep: u32) -> Result<u64, StoreError>;
    /// Lets a family live on although its account has another token subject; false if it is gone.
    async fn rebind(&mut self, id: FamilyId, subject: TokenSubject) -> Result<bool, StoreError>;
    /// Ends a family; false if it was gone.
    async fn remove(&mut self, id: FamilyId) -> Result<bool, StoreError>;
    /// Ends every family of an account; how many there were.
    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError>;
    /// Removes families that began by a time, at most 1000 a call; how many it was.
    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError>;
}
