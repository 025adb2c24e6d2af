//! The outbox in SQLite.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use vestibule_domain::{
    CLOCK_SKEW, MailId,
    mail::{OutboxEntry, OutboxMail},
};
use vestibule_ports::{
    Outbox, OutboxStats, ReadOutbox, StoreError,
    stored::{StoredOutboxEntry, StoredOutboxMail, StoredTime, micros, readable_all},
};

use crate::{
    columns::{columns, insert, select},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// The columns of `outbox` that delivery needs.
type OutboxRow = StoredOutboxMail<i64>;

/// `SELECT` of what an operator sees; the argument follows the name of the table.
macro_rules! select_entries {
    ($tail:literal, $argument:expr) => {
        sqlx::query_as!(
            StoredOutboxEntry::<i64>,
            r#"SELECT id AS "id: Uuid", recipient, attempts, created_at, due_at, expires_at, dead_at, last_error
            FROM outbox "#
                + $tail,
            $argument
        )
    };
}

#[async_trait]
impl ReadOutbox for SqliteStore {
    async fn stats(&self) -> Result<OutboxStats, StoreError> {
        let mut reader = self.reader().await?;
        let stats = sqlx::query!(
            r#"SELECT
                (SELECT count(*) FROM outbox WHERE dead_at IS NULL) AS "waiting!: u64",
                (SELECT min(created_at) FROM outbox WHERE dead_at IS NULL) AS "oldest: i64",
                (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL) AS "dead!: u64""#
        )
        .fetch_one(&mut *reader)
        .await
        .map_err(|error| reader.failed(error))?;
        let oldest = stats.oldest.map(|at| at.read().ok_or(StoreError::Corrupt { what: "creation time of a mail" }));
        Ok(OutboxStats { waiting: stats.waiting, oldest: oldest.transpose()?, dead: stats.dead })
    }

    async fn find(&self, id: MailId) -> Result<Option<OutboxEntry>, StoreError> {
        let id = id.uuid();
        let mut reader = self.reader().await?;
        let row = select_entries!("WHERE id = ?", id).fetch_optional(&mut *reader).await;
        row.map_err(|error| reader.failed(error))?.map(OutboxEntry::try_from).transpose()
    }

    async fn list_waiting(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let mut reader = self.reader().await?;
        let oldest = select_entries!("WHERE dead_at IS NULL ORDER BY created_at, id LIMIT ?", limit);
        Ok(readable_all(oldest.fetch_all(&mut *reader).await.map_err(|error| reader.failed(error))?))
    }

    async fn list_dead(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let mut reader = self.reader().await?;
        let newest = select_entries!("WHERE dead_at IS NOT NULL ORDER BY dead_at DESC, id DESC LIMIT ?", limit);
        Ok(readable_all(newest.fetch_all(&mut *reader).await.map_err(|error| reader.failed(error))?))
    }
}

/// A lease is held while `leased_until` is set and `attempts` is the holder's. It ends with the outcome, or when the mail
/// is leased again after its expiry.
#[async_trait]
impl Outbox for SqliteUnit {
    async fn insert(&mut self, mail: &OutboxMail) -> Result<(), StoreError> {
        let row = OutboxRow::from(mail);
        let statement = columns!(outbox insert [row (id), "INSERT INTO outbox (id", ") VALUES (?1", ")"]);
        self.execute(statement).await.map(drop)
    }

    async fn lease(
        &mut self,
        now: OffsetDateTime,
        until: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        let (now, until) = (micros(now), micros(until));
        let leased = columns!(outbox select [
            OutboxRow,
            r#"UPDATE outbox SET leased_until = ?1, attempts = attempts + 1
            WHERE id IN (
                SELECT id FROM outbox
                WHERE dead_at IS NULL AND due_at <= ?2 AND expires_at > ?2
                    AND (leased_until IS NULL OR leased_until <= ?2)
                ORDER BY due_at, id LIMIT ?3
            )
            RETURNING id AS "id: Uuid""#,
            "",
            until,
            now,
            limit
        ]);
        let rows = leased.fetch_all(self.connection()).await.map_err(|error| self.failed(error))?;
        let mut mails: Vec<OutboxMail> = readable_all(rows);
        // The row order of RETURNING is undefined.
        mails.sort_by_key(|mail| (mail.due_at, mail.id));
        Ok(mails)
    }

    async fn withdraw(&mut self, id: MailId) -> Result<bool, StoreError> {
        let id = id.uuid();
        let statement = sqlx::query!("DELETE FROM outbox WHERE id = ? AND attempts = 0 AND dead_at IS NULL", id);
        Ok(self.execute(statement).await? == 1)
    }

    async fn settle(&mut self, id: MailId, attempts: u32) -> Result<bool, StoreError> {
        let id = id.uuid();
        let statement = sqlx::query!(
            "DELETE FROM outbox WHERE id = ? AND attempts = ? AND leased_until IS NOT NULL AND dead_at IS NULL",
            id,
            attempts
        );
        Ok(self.execute(statement).await? == 1)
    }

    async fn retry(
        &mut self,
        id: MailId,
        attempts: u32,
        due_at: OffsetDateTime,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let (id, due_at) = (id.uuid(), micros(due_at));
        let statement = sqlx::query!(
            "UPDATE outbox SET due_at = ?, last_error = ?, leased_until = NULL
            WHERE id = ? AND attempts = ? AND leased_until IS NOT NULL AND dead_at IS NULL",
            due_at,
            reason,
            id,
            attempts
        );
        Ok(self.execute(statement).await? == 1)
    }

    async fn hasten(&mut self, id: Option<MailId>, now: OffsetDateTime) -> Result<u64, StoreError> {
        let (id, now) = (id.map(MailId::uuid), micros(now));
        let statement = sqlx::query!(
            "UPDATE outbox SET due_at = ?2 WHERE dead_at IS NULL AND due_at > ?2 AND leased_until IS NULL
            AND (?1 IS NULL OR id = ?1)",
            id,
            now
        );
        self.execute(statement).await
    }

    async fn bury(&mut self, id: MailId, attempts: u32, now: OffsetDateTime, reason: &str) -> Result<bool, StoreError> {
        let (id, now) = (id.uuid(), micros(now));
        let statement = sqlx::query!(
            "UPDATE outbox SET dead_at = ?, last_error = ?, leased_until = NULL, content = x''
            WHERE id = ? AND attempts = ? AND leased_until IS NOT NULL AND dead_at IS NULL",
            now,
            reason,
            id,
            attempts
        );
        Ok(self.execute(statement).await? == 1)
    }

    async fn recall(&mut self, now: OffsetDateTime, lease: Duration) -> Result<u64, StoreError> {
        // Two statements, each over a part of the index of due times.
        let due_until = micros(now + OutboxMail::LONGEST_WAIT + CLOCK_SKEW);
        let (lease_end, lease_until, now) = (micros(now + lease), micros(now + lease + CLOCK_SKEW), micros(now));
        let statement =
            sqlx::query!("UPDATE outbox SET due_at = ? WHERE dead_at IS NULL AND due_at > ?", now, due_until);
        let put_off = self.execute(statement).await?;
        let statement = sqlx::query!(
            "UPDATE outbox SET leased_until = ? WHERE dead_at IS NULL AND due_at <= ? AND leased_until > ?",
            lease_end,
            now,
            lease_until
        );
        let leased = self.execute(statement).await?;
        Ok(put_off + leased)
    }

    async fn bury_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let now = micros(now);
        let statement = sqlx::query!(
            "UPDATE outbox SET dead_at = ?1, last_error = 'expired', leased_until = NULL, content = x''
            WHERE dead_at IS NULL AND expires_at <= ?1 AND (leased_until IS NULL OR leased_until <= ?1)",
            now
        );
        self.execute(statement).await
    }

    async fn purge_dead(&mut self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let before = micros(before);
        let statement = sqlx::query!(
            "DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox WHERE dead_at IS NOT NULL AND dead_at < ? ORDER BY dead_at LIMIT 1000
            )",
            before
        );
        self.execute(statement).await
    }
}
