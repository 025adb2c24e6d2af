//! Storage of sessions.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, Session, SessionId, TokenEpoch, TokenUse};

use crate::StoreError;

/// Sessions, read outside a unit of work.
#[async_trait]
pub trait ReadSessions: Send + Sync {
    /// A session, expired or not, with its account if it has one, in one round trip.
    async fn find(&self, id: SessionId) -> Result<Option<Session<Account>>, StoreError>;
    /// Many sessions, expired or not, without their accounts, in no particular order; those that are gone are absent.
    async fn find_many(&self, ids: &[SessionId]) -> Result<Vec<Session>, StoreError>;
    /// Sessions of an account, expired or not, without the account, the one that began last first, at most `limit`.
    async fn list_of_account(&self, account: AccountId, limit: u32) -> Result<Vec<Session>, StoreError>;
}

/// A use of the token with a number, if that is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// Its session.
    pub session: SessionId,
    /// Its number.
    pub counter: u32,
    /// The use.
    pub this: TokenUse,
}

/// A session as it was before a use, with its account if it has one.
pub type Advanced = Session<Account>;

/// Uses of current tokens, outside a unit of work.
#[async_trait]
pub trait AdvanceSessions: Send + Sync {
    /// Counts sessions on and notes the uses; of each, in the order given, what was there before. Each is a
    /// compare-and-swap of its own, with one winner: none if the session has another counter, if it has an account
    /// that is not active or has another epoch, or if another transaction is changing it, which is not waited for. All are
    /// durable when it returns; in one round trip where the store can. No two may be of one session.
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError>;
}

/// Sessions, inside a unit of work.
#[async_trait]
pub trait Sessions: Send {
    /// Adds a session and ends its account's others but for the `keep - 1` that were used last; how many ended. Units that
    /// add to one account wait for each other, so that it never has more than `keep`. An anonymous session ends no other.
    async fn insert(&mut self, session: &Session, keep: u32) -> Result<u64, StoreError>;
    /// Lets a session live on although its account has another token epoch; false if it is gone, or anonymous.
    async fn rebind(&mut self, id: SessionId, epoch: TokenEpoch) -> Result<bool, StoreError>;
    /// Ends a session; false if it was gone.
    async fn remove(&mut self, id: SessionId) -> Result<bool, StoreError>;
    /// Ends every session of an account; how many there were.
    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError>;
    /// Removes anonymous sessions that began by a time, at most 1000 a call; how many it was.
    async fn purge_anonymous_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError>;
    /// Removes sessions that began by a time, at most 1000 a call; how many it was.
    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError>;
}
