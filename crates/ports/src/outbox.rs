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
    /// Mails that wait or are being delivered.
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
    /// A mail that waits, is being delivered or was given up.
    async fn find(&self, id: MailId) -> Result<Option<OutboxEntry>, StoreError>;
    /// Mails that wait or are being delivered, oldest first, at most `limit`.
    async fn list_waiting(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;
    /// Mails that were given up, the last one first, at most `limit`.
    async fn list_dead(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;
}

/// The outbox, inside a unit of work.
///
/// A leased mail is named by its id and its `attempts`: who holds an older lease can no longer touch the mail.
#[async_trait]
pub trait Outbox: Send {
    /// Adds a mail; it is delivered if, and only if, the unit is committed.
    async fn insert(&mut self, mail: &OutboxMail) -> Result<(), StoreError>;
    /// Removes a mail that was never leased; false if there is none. Within the unit that added it, the same work is done
    /// and nothing stays.
    async fn withdraw(&mut self, id: MailId) -> Result<bool, StoreError>;
    /// Takes up to `limit` mails that are due and unexpired, oldest due first, for delivery until `until`, and counts the
    /// attempt. Concurrent calls never get the same mail; a mail not settled by `until` is due again.
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
    /// Makes a mail that waits, or each of them, due now, unless it is leased or due already; how many it was.
    async fn hasten(&mut self, id: Option<MailId>, now: OffsetDateTime) -> Result<u64, StoreError>;
    /// Gives a leased mail up: it stays as a dead letter, without its content; false if the lease is no longer held.
    async fn bury(&mut self, id: MailId, attempts: u32, now: OffsetDateTime, reason: &str) -> Result<bool, StoreError>;
    /// Brings back what a clock that was ahead has put off. What is due more than [`OutboxMail::LONGEST_WAIT`] and
    /// [`CLOCK_SKEW`] from now is due now; a lease that ends more than `lease` and [`CLOCK_SKEW`] from now ends `lease`
    /// from now. How many mails it was.
    ///
    /// [`CLOCK_SKEW`]: vestibule_domain::CLOCK_SKEW
    async fn recall(&mut self, now: OffsetDateTime, lease: Duration) -> Result<u64, StoreError>;
    /// Gives up, with the reason `expired`, what is past its expiry and not leased; how many it was.
    async fn bury_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError>;
    /// Removes dead letters given up before a time, at most 1000 a call; how many it was.
    async fn purge_dead(&mut self, before: OffsetDateTime) -> Result<u64, StoreError>;
}
