//! Mail waiting for delivery.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    CLOCK_SKEW, MailId,
    mail::{OutboxEntry, OutboxMail},
};
use vestibule_ports::{
    Outbox, OutboxStats, ReadOutbox, StoreError,
    stored::{StoredOutboxEntry, StoredOutboxMail, readable_all},
};

use crate::{
    columns::{columns, insert, select},
    connections::alone,
    store::{PostgresStore, count},
    unit::PostgresUnit,
};

/// The columns of `outbox` that delivery needs.
type OutboxRow = StoredOutboxMail<OffsetDateTime>;

/// `SELECT` of what an operator sees; the argument follows the name of the table.
macro_rules! select_entries {
    ($tail:literal, $argument:expr) => {
        sqlx::query_as!(
            StoredOutboxEntry::<OffsetDateTime>,
            "SELECT id, recipient, attempts, created_at, due_at, expires_at, dead_at, last_error FROM outbox " + $tail,
            $argument
        )
    };
}

/// Leases due mail; the first argument says how its rows are locked.
macro_rules! lease {
    ($lock:literal, $now:ident, $until:ident, $limit:ident) => {
        columns!(outbox select [
            OutboxRow,
            "WITH due AS (SELECT id FROM outbox WHERE dead_at IS NULL AND due_at <= $1 AND expires_at > $1 \
               AND (leased_until IS NULL OR leased_until <= $1) ORDER BY due_at, id LIMIT $3 " $lock "), \
             leased AS (UPDATE outbox SET leased_until = $2, attempts = attempts + 1 FROM due WHERE outbox.id = due.id \
               RETURNING outbox.*) SELECT id",
            " FROM leased ORDER BY due_at, id",
            $now,
            $until,
            i64::from($limit)
        ])
    };
}

#[async_trait]
impl ReadOutbox for PostgresStore {
    async fn stats(&self) -> Result<OutboxStats, StoreError> {
        let stats = alone!(
            self.connections,
            fetch_one,
            sqlx::query!(
                r#"SELECT (SELECT count(*) FROM outbox WHERE dead_at IS NULL) AS "waiting!",
                          (SELECT min(created_at) FROM outbox WHERE dead_at IS NULL) AS oldest,
                          (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL) AS "dead!""#
            )
        )?;
        Ok(OutboxStats { waiting: count(stats.waiting), oldest: stats.oldest, dead: count(stats.dead) })
    }

    async fn find(&self, id: MailId) -> Result<Option<OutboxEntry>, StoreError> {
        let row = alone!(self.connections, fetch_optional, select_entries!("WHERE id = $1", id.uuid()))?;
        row.map(OutboxEntry::try_from).transpose()
    }

    async fn list_waiting(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = alone!(
            self.connections,
            fetch_all,
            select_entries!("WHERE dead_at IS NULL ORDER BY created_at, id LIMIT $1", i64::from(limit))
        )?;
        Ok(readable_all(rows))
    }

    async fn list_dead(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = alone!(
            self.connections,
            fetch_all,
            select_entries!("WHERE dead_at IS NOT NULL ORDER BY dead_at DESC, id DESC LIMIT $1", i64::from(limit))
        )?;
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl Outbox for PostgresUnit {
    async fn insert(&mut self, mail: &OutboxMail) -> Result<(), StoreError> {
        let row = OutboxRow::from(mail);
        let statement = columns!(outbox insert [row (id), "INSERT INTO outbox (id", ") VALUES ($1", ")"]);
        self.execute(statement).await.map(drop)
    }

    async fn lease(
        &mut self,
        now: OffsetDateTime,
        until: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        // Mail that another worker is leasing is skipped. If nothing else is due, wait for it: its unit, or one that was
        // dropped and is still rolling back, may leave it to us. A waiting unit holds no locks on mail that turned out to be
        // leased meanwhile: otherwise two units could deadlock.
        self.control("SAVEPOINT before_lease").await?;
        let outcome = lease!("FOR UPDATE SKIP LOCKED", now, until, limit).fetch_all(&mut *self.transaction).await;
        let mut rows = self.checked(outcome)?;
        if rows.is_empty() {
            self.control("ROLLBACK TO SAVEPOINT before_lease").await?;
            let outcome = lease!("FOR UPDATE", now, until, limit).fetch_all(&mut *self.transaction).await;
            rows = self.checked(outcome)?;
        }
        Ok(readable_all(rows))
    }

    async fn withdraw(&mut self, id: MailId) -> Result<bool, StoreError> {
        let statement =
            sqlx::query!("DELETE FROM outbox WHERE id = $1 AND attempts = 0 AND dead_at IS NULL", id.uuid());
        Ok(self.execute(statement).await? > 0)
    }

    async fn settle(&mut self, id: MailId, attempts: u32) -> Result<bool, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM outbox WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL AND dead_at IS NULL",
            id.uuid(),
            i64::from(attempts),
        );
        Ok(self.execute(statement).await? > 0)
    }

    async fn retry(
        &mut self,
        id: MailId,
        attempts: u32,
        due_at: OffsetDateTime,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let statement = sqlx::query!(
            "UPDATE outbox SET leased_until = NULL, due_at = $3, last_error = $4 \
             WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL AND dead_at IS NULL",
            id.uuid(),
            i64::from(attempts),
            due_at,
            storable(reason),
        );
        Ok(self.execute(statement).await? > 0)
    }

    async fn hasten(&mut self, id: Option<MailId>, now: OffsetDateTime) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "UPDATE outbox SET due_at = $2 WHERE dead_at IS NULL AND due_at > $2 AND leased_until IS NULL \
             AND ($1::uuid IS NULL OR id = $1)",
            id.map(MailId::uuid),
            now,
        );
        self.execute(statement).await
    }

    async fn bury(&mut self, id: MailId, attempts: u32, now: OffsetDateTime, reason: &str) -> Result<bool, StoreError> {
        let statement = sqlx::query!(
            "UPDATE outbox SET leased_until = NULL, dead_at = $3, last_error = $4, content = '' \
             WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL AND dead_at IS NULL",
            id.uuid(),
            i64::from(attempts),
            now,
            storable(reason),
        );
        Ok(self.execute(statement).await? > 0)
    }

    async fn recall(&mut self, now: OffsetDateTime, lease: Duration) -> Result<u64, StoreError> {
        // Two statements, each over a part of the index of due times.
        let due_until = now + OutboxMail::LONGEST_WAIT + CLOCK_SKEW;
        let statement =
            sqlx::query!("UPDATE outbox SET due_at = $1 WHERE dead_at IS NULL AND due_at > $2", now, due_until);
        let put_off = self.execute(statement).await?;
        let statement = sqlx::query!(
            "UPDATE outbox SET leased_until = $1 WHERE dead_at IS NULL AND due_at <= $2 AND leased_until > $3",
            now + lease,
            now,
            now + lease + CLOCK_SKEW,
        );
        Ok(put_off + self.execute(statement).await?)
    }

    async fn bury_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "UPDATE outbox SET leased_until = NULL, dead_at = $1, last_error = 'expired', content = '' \
             WHERE dead_at IS NULL AND expires_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)",
            now,
        );
        self.execute(statement).await
    }

    async fn purge_dead(&mut self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM outbox WHERE dead_at < $1 \
             ORDER BY dead_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            before,
        );
        self.execute(statement).await
    }
}

/// A mail server's answer may contain NUL, which PostgreSQL does not store.
pub(crate) fn storable(reason: &str) -> String {
    reason.replace('\0', "")
}
