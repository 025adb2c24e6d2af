//! Storage of mail that waits for delivery.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    MailId,
    mail::{OutboxEntry, OutboxMail},
};

use crate::StoreError;

/// How full the outbox is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxStats {
    /// Mails that are waiting or being delivered.
    pub waiting: u64,
    /// When the oldest of them was written.
    pub oldest: Option<OffsetDateTime>,
    /// Mails that were given up.
    pub dead: u64,
}

/// The outbox, read outside a unit of work.
#[async_trait]
pub trait ReadOutbox: Send + Sync {
    /// How full it is.
    async fn stats(&self) -> Result<OutboxStats, StoreError>;
    /// A mail that is waiting, is being delivered or was given up.
    async fn find(&self, id: MailId) -> Result<Option<OutboxEntry>, StoreError>;
    /// Mails that are waiting or being delivered, oldest first, at most `limit`; 0 returns none.
    async fn list_waiting(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;
    /// Mails that were given up, the latest first, at most `limit`; 0 returns none.
    async fn list_dead(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;
}

/// The outbox, inside a unit of work.
///
/// A lease is named by the mail's id and its `attempts`: the holder of an older lease can no longer touch the mail.
#[async_trait]
pub trait Outbox: Send {
    /// Adds a mail, its times cut to whole microseconds; it is delivered if, and only if, the unit commits.
    async fn insert(&mut self, mail: &OutboxMail) -> Result<(), StoreError>;
    /// Removes a mail that was never leased; false if there is none. In the unit that added it, this does the same work and
    /// leaves nothing.
    async fn withdraw(&mut self, id: MailId) -> Result<bool, StoreError>;
    /// Leases up to `limit` mails that are due and unexpired, oldest due first, until `until`, and counts the attempt; a
    /// limit of 0 leases none. Concurrent calls never get the same mail; a mail not settled by `until` is due again.
    async fn lease(
        &mut self,
        now: OffsetDateTime,
        until: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError>;
    /// Removes a delivered mail; false if the lease is no longer held.
    async fn settle(&mut self, id: MailId, attempts: u32) -> Result<bool, StoreError>;
    /// Puts a leased mail back until `due_at`, with the reason; false if the lease is no longer held.
    async fn retry(
        &mut self,
        id: MailId,
        attempts: u32,
        due_at: OffsetDateTime,
        reason: &str,
    ) -> Result<bool, StoreError>;
    /// Makes one waiting mail, or all of them, due now, unless it is leased or already due; returns how many.
    async fn hasten(&mut self, id: Option<MailId>, now: OffsetDateTime) -> Result<u64, StoreError>;
    /// Gives up a leased mail, which stays as a dead letter without its content; false if the lease is no longer held.
    async fn bury(&mut self, id: MailId, attempts: u32, now: OffsetDateTime, reason: &str) -> Result<bool, StoreError>;
    /// Corrects times written by a clock that was ahead, and returns how many mails that was. Mail due more than
    /// [`OutboxMail::LONGEST_WAIT`] plus [`CLOCK_SKEW`] from now becomes due now. A lease that ends more than `lease` plus
    /// [`CLOCK_SKEW`] from now ends `lease` from now.
    ///
    /// [`CLOCK_SKEW`]: vestibule_domain::CLOCK_SKEW
    async fn recall(&mut self, now: OffsetDateTime, lease: Duration) -> Result<u64, StoreError>;
    /// Gives up mail that has expired by `now` (cut to whole microseconds) and is not leased, with the reason `expired`;
    /// returns how many.
    async fn bury_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError>;
    /// Removes dead letters given up before a time (cut to whole microseconds), at most 1000 a call, and returns how many.
    async fn purge_dead(&mut self, before: OffsetDateTime) -> Result<u64, StoreError>;
}
