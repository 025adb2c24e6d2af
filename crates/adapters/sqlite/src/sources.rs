//! Known sources in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Source};
use vestibule_ports::{ReadSources, Sources, StoreError, stored::micros};

use crate::{store::SqliteStore, unit::SqliteUnit};

#[async_trait]
impl ReadSources for SqliteStore {
    async fn contains(&self, account: AccountId, source: Source) -> Result<bool, StoreError> {
        let (account, source) = (account.uuid(), source.to_string());
        let mut reader = self.reader().await?;
        sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM known_sources WHERE account_id = ? AND source = ?) AS "known!: bool""#,
            account,
            source
        )
        .fetch_one(&mut *reader)
        .await
        .map_err(|error| reader.failed(error))
    }
}

#[async_trait]
impl Sources for SqliteUnit {
    async fn remember(&mut self, account: AccountId, source: Source, now: OffsetDateTime) -> Result<(), StoreError> {
        let (account, source, now) = (account.uuid(), source.to_string(), micros(now));
        let statement = sqlx::query!(
            "INSERT INTO known_sources (account_id, source, last_used_at) VALUES (?, ?, ?)
            ON CONFLICT (account_id, source) DO UPDATE SET last_used_at = excluded.last_used_at",
            account,
            source,
            now
        );
        self.execute(statement).await.map(drop)
    }

    async fn forget_all(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let account = account.uuid();
        let statement = sqlx::query!("DELETE FROM known_sources WHERE account_id = ?", account);
        self.execute(statement).await
    }

    async fn purge_unused(&mut self, since: OffsetDateTime) -> Result<u64, StoreError> {
        let since = micros(since);
        let statement = sqlx::query!(
            "DELETE FROM known_sources WHERE (account_id, source) IN (
                SELECT account_id, source FROM known_sources WHERE last_used_at < ? ORDER BY last_used_at LIMIT 1000
            )",
            since
        );
        self.execute(statement).await
    }
}
