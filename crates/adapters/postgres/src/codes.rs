//! Mailed one-time codes.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, CodeId, LiveCode, OneTimeCode, TokenPurpose};
use vestibule_ports::{
    Codes, StoreError,
    stored::{StoredCode, StoredLiveCode},
};

use crate::unit::PostgresUnit;

#[async_trait]
impl Codes for PostgresUnit {
    async fn replace(&mut self, code: &OneTimeCode) -> Result<(), StoreError> {
        let row = StoredCode::<OffsetDateTime>::from(code);
        let statement = sqlx::query!(
            "INSERT INTO codes (id, account_id, purpose, digest, tries_left, expires_at, waiting_password) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (account_id, purpose) DO UPDATE SET id = EXCLUDED.id, digest = EXCLUDED.digest, \
             tries_left = EXCLUDED.tries_left, expires_at = EXCLUDED.expires_at, \
             waiting_password = EXCLUDED.waiting_password",
            row.id,
            row.account_id,
            row.purpose,
            row.digest,
            row.tries_left,
            row.expires_at,
            row.waiting_password,
        );
        self.execute(statement).await.map(drop)
    }

    async fn take_try(
        &mut self,
        account: AccountId,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<LiveCode>, StoreError> {
        let outcome = sqlx::query_as!(
            StoredLiveCode,
            "UPDATE codes SET tries_left = tries_left - 1 \
             WHERE account_id = $1 AND purpose = $2 AND expires_at > $3 AND tries_left > 0 \
             RETURNING id, digest, waiting_password",
            account.uuid(),
            purpose.as_str(),
            now,
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        let row = self.checked(outcome)?;
        row.map(LiveCode::try_from).transpose()
    }

    async fn consume(&mut self, id: CodeId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let statement = sqlx::query!("DELETE FROM codes WHERE id = $1 AND expires_at > $2", id.uuid(), now);
        Ok(self.execute(statement).await? > 0)
    }

    async fn remove_of_account(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let statement = sqlx::query!("DELETE FROM codes WHERE account_id = $1", account.uuid());
        self.execute(statement).await
    }

    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        // Rows that another unit has locked are left for the next call.
        let statement = sqlx::query!(
            "DELETE FROM codes WHERE id = ANY (ARRAY(SELECT id FROM codes WHERE expires_at <= $1 \
             ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            now,
        );
        self.execute(statement).await
    }
}
