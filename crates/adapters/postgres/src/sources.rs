//! The sources from which an account signed in before.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Source};
use vestibule_ports::{ReadSources, Sources, StoreError};

use crate::{connections::alone, store::PostgresStore, unit::PostgresUnit};

#[async_trait]
impl ReadSources for PostgresStore {
    async fn contains(&self, account: AccountId, source: Source) -> Result<bool, StoreError> {
        alone!(
            self.connections,
            fetch_one,
            sqlx::query_scalar!(
                r#"SELECT EXISTS (SELECT FROM known_sources WHERE account_id = $1 AND source = $2) AS "known!""#,
                account.uuid(),
                source.to_string(),
            )
        )
    }
}

#[async_trait]
impl Sources for PostgresUnit {
    async fn remember(&mut self, account: AccountId, source: Source, now: OffsetDateTime) -> Result<(), StoreError> {
        let statement = sqlx::query!(
            "INSERT INTO known_sources (account_id, source, last_used_at) VALUES ($1, $2, $3) \
             ON CONFLICT (account_id, source) \
             DO UPDATE SET last_used_at = EXCLUDED.last_used_at",
            account.uuid(),
            source.to_string(),
            now,
        );
        self.execute(statement).await.map(drop)
    }

    async fn forget_all(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let statement = sqlx::query!("DELETE FROM known_sources WHERE account_id = $1", account.uuid());
        self.execute(statement).await
    }

    async fn purge_unused(&mut self, since: OffsetDateTime) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM known_sources WHERE ctid = ANY (ARRAY(SELECT ctid FROM known_sources WHERE last_used_at < $1 \
             ORDER BY last_used_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            since,
        );
        self.execute(statement).await
    }
}
