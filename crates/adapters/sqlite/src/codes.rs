//! Mailed one-time codes in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, CodeId, LiveCode, OneTimeCode, TokenPurpose};
use vestibule_ports::{
    Codes, StoreError,
    stored::{StoredCode, StoredLiveCode, micros},
};

use crate::unit::SqliteUnit;

#[async_trait]
impl Codes for SqliteUnit {
    async fn replace(&mut self, code: &OneTimeCode) -> Result<(), StoreError> {
        let row = StoredCode::<i64>::from(code);
        let statement = sqlx::query!(
            "INSERT INTO codes (id, account_id, purpose, digest, tries_left, expires_at, waiting_password)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, purpose) DO UPDATE
            SET id = excluded.id, digest = excluded.digest, tries_left = excluded.tries_left,
                expires_at = excluded.expires_at, waiting_password = excluded.waiting_password",
            row.id,
            row.account_id,
            row.purpose,
            row.digest,
            row.tries_left,
            row.expires_at,
            row.waiting_password
        );
        self.execute(statement).await.map(drop)
    }

    async fn take_try(
        &mut self,
        account: AccountId,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<LiveCode>, StoreError> {
        let (account, purpose, now) = (account.uuid(), purpose.as_str(), micros(now));
        let row = sqlx::query_as!(
            StoredLiveCode,
            r#"UPDATE codes SET tries_left = tries_left - 1
            WHERE account_id = ? AND purpose = ? AND expires_at > ? AND tries_left > 0
            RETURNING id AS "id: Uuid", digest, waiting_password"#,
            account,
            purpose,
            now
        )
        .fetch_optional(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        row.map(LiveCode::try_from).transpose()
    }

    async fn consume(&mut self, id: CodeId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let (id, now) = (id.uuid(), micros(now));
        let statement = sqlx::query!("DELETE FROM codes WHERE id = ? AND expires_at > ?", id, now);
        Ok(self.execute(statement).await? == 1)
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let account = account.uuid();
        let statement = sqlx::query!("DELETE FROM codes WHERE account_id = ?", account);
        self.execute(statement).await
    }

    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let now = micros(now);
        let statement = sqlx::query!(
            "DELETE FROM codes
            WHERE id IN (SELECT id FROM codes WHERE expires_at <= ? ORDER BY expires_at LIMIT 1000)",
            now
        );
        self.execute(statement).await
    }
}
