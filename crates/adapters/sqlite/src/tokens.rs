//! One-time tokens in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, Digest, OneTimeToken, TokenPurpose};
use vestibule_ports::{StoreError, Tokens};

use crate::{
    errors::translate,
    rows::{micros, time},
    unit::SqliteUnit,
};

#[async_trait]
impl Tokens for SqliteUnit {
    async fn insert(&mut self, token: &OneTimeToken) -> Result<(), StoreError> {
        let (digest, account) = (token.digest.bytes().as_slice(), token.account.uuid());
        let (purpose, expires_at) = (token.purpose.as_str(), micros(token.expires_at));
        sqlx::query!(
            "INSERT INTO tokens (digest, account_id, purpose, expires_at) VALUES (?, ?, ?, ?)",
            digest,
            account,
            purpose,
            expires_at
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
        let row = sqlx::query!(
            r#"DELETE FROM tokens WHERE digest = ? AND purpose = ? AND expires_at > ?
            RETURNING account_id AS "account_id: Uuid", expires_at"#,
            bytes,
            word,
            now
        )
        .fetch_optional(self.connection())
        .await
        .map_err(translate)?;
        row.map(|row| {
            Ok(OneTimeToken {
                digest: *digest,
                account: AccountId::from_uuid(row.account_id)
                    .map_err(|_| StoreError::Corrupt { what: "account of a token" })?,
                purpose,
                expires_at: time(row.expires_at, "expiry of a token")?,
            })
        })
        .transpose()
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
