//! Storage of sessions.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, Session, SessionId, TokenEpoch, TokenUse};

use crate::StoreError;

/// Sessions, read outside a unit of work.
#[async_trait]
pub trait ReadSessions: Send + Sync {
    /// A session, expired or not, with its account if it has one; one round trip.
    async fn find(&self, id: SessionId) -> Result<Option<Session<Account>>, StoreError>;
    /// The sessions with these ids, expired or not, without their accounts, in no particular order; unknown ids are absent.
    async fn find_many(&self, ids: &[SessionId]) -> Result<Vec<Session>, StoreError>;
    /// Sessions of an account, expired or not, without the account, the newest first, at most `limit`; 0 returns none.
    async fn list_of_account(&self, account: AccountId, limit: u32) -> Result<Vec<Session>, StoreError>;
}

/// A use of the token with this number, which counts only if that token is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    pub session: SessionId,
    /// Its number.
    pub counter: u32,
    pub token_use: TokenUse,
}

/// A session as it was before a use, with its account if it has one.
pub type Advanced = Session<Account>;

/// Uses of current tokens, outside a unit of work.
#[async_trait]
pub trait AdvanceSessions: Send + Sync {
    /// Advances the counters of sessions and records the uses, their times cut to whole microseconds; returns what was
    /// there before, in the order given. Each is a compare-and-swap of its own, with one winner. The answer is none if the
    /// session has another counter, if its account is not active or has another epoch, or if another transaction is
    /// changing the session, which is not waited for. All are durable when this returns; one round trip where the store
    /// can. No two uses may name one session.
    async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError>;
}

/// Sessions, inside a unit of work.
#[async_trait]
pub trait Sessions: Send {
    /// Adds a session, its times cut to whole microseconds, and ends all other sessions of its account except the
    /// `keep - 1` last used; returns how many ended. Units that add to one account wait for each other, so it never has more
    /// than `keep`. An anonymous session ends no other.
    async fn insert(&mut self, session: &Session, keep: u32) -> Result<u64, StoreError>;
    /// Binds a session to the new token epoch of its account; false if the session is gone or anonymous.
    async fn rebind(&mut self, id: SessionId, epoch: TokenEpoch) -> Result<bool, StoreError>;
    /// Ends a session; false if it was gone.
    async fn remove(&mut self, id: SessionId) -> Result<bool, StoreError>;
    /// Ends every session of an account and returns how many.
    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError>;
    /// Removes anonymous sessions that began by a time (cut to whole microseconds), at most 1000 a call, and returns how
    /// many.
    async fn purge_anonymous_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError>;
    /// Removes sessions that began by a time (cut to whole microseconds), at most 1000 a call, and returns how many.
    async fn purge_begun(&mut self, by: OffsetDateTime) -> Result<u64, StoreError>;
}
