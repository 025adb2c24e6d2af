//! One-time tokens in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, Digest, OneTimeToken, PasswordHash, TokenPurpose};
use vestibule_ports::{ReadTokens, StoreError, Tokens};

use crate::{
    errors::translate,
    rows::{TokenRow, micros},
    store::SqliteStore,
    unit::SqliteUnit,
};

#[async_trait]
impl ReadTokens for SqliteStore {
    async fn find(
        &self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let (bytes, word, now) = (digest.bytes().as_slice(), purpose.as_str(), micros(now));
        let mut reader = self.reader().await?;
        let row = sqlx::query_as!(
            TokenRow,
            r#"SELECT account_id AS "account_id: Uuid", expires_at, waiting_password FROM tokens
            WHERE digest = ? AND purpose = ? AND expires_at > ?"#,
            bytes,
            word,
            now
        )
        .fetch_optional(&mut *reader)
        .await
        .map_err(|error| reader.failed(error))?;
        row.map(|row| row.restore(*digest, purpose)).transpose()
    }
}

#[async_trait]
impl Tokens for SqliteUnit {
    async fn insert(&mut self, token: &OneTimeToken) -> Result<(), StoreError> {
        let (digest, account) = (token.digest.bytes().as_slice(), token.account.uuid());
        let (purpose, expires_at) = (token.purpose.as_str(), micros(token.expires_at));
        let waiting_password = token.waiting_password.as_ref().map(PasswordHash::expose);
        sqlx::query!(
            "INSERT INTO tokens (digest, account_id, purpose, expires_at, waiting_password) VALUES (?, ?, ?, ?, ?)",
            digest,
            account,
            purpose,
            expires_at,
            waiting_password
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(())
    }

    async fn consume(
        &mut self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let (bytes, word, now) = (digest.bytes().as_slice(), purpose.as_str(), micros(now));
        let row = sqlx::query_as!(
            TokenRow,
            r#"DELETE FROM tokens WHERE digest = ? AND purpose = ? AND expires_at > ?
            RETURNING account_id AS "account_id: Uuid", expires_at, waiting_password"#,
            bytes,
            word,
            now
        )
        .fetch_optional(self.connection())
        .await
        .map_err(translate)?;
        row.map(|row| row.restore(*digest, purpose)).transpose()
    }

    async fn remove_of_account(&mut self, account: AccountId, purpose: TokenPurpose) -> Result<u64, StoreError> {
        let (account, purpose) = (account.uuid(), purpose.as_str());
        let removed = sqlx::query!("DELETE FROM tokens WHERE account_id = ? AND purpose = ?", account, purpose)
            .execute(self.connection())
            .await
            .map_err(translate)?;
        Ok(removed.rows_affected())
    }

    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let now = micros(now);
        let purged = sqlx::query!(
            "DELETE FROM tokens
            WHERE digest IN (SELECT digest FROM tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT 1000)",
            now
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(purged.rows_affected())
    }
}
