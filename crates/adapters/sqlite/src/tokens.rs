//! One-time tokens in SQLite.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, Digest, OneTimeToken, TokenPurpose};
use vestibule_ports::{
    ReadTokens, StoreError, Tokens,
    stored::{StoredToken, micros},
};

use crate::{
    columns::{columns, insert, select},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// A row of `tokens`.
type TokenRow = StoredToken<i64>;

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
        let found = columns!(tokens select [
            TokenRow,
            "SELECT account_id AS \"account_id: Uuid\"",
            " FROM tokens WHERE digest = ? AND purpose = ? AND expires_at > ?",
            bytes,
            word,
            now
        ]);
        let row = found.fetch_optional(&mut *reader).await.map_err(|error| reader.failed(error))?;
        row.map(OneTimeToken::try_from).transpose()
    }
}

#[async_trait]
impl Tokens for SqliteUnit {
    async fn insert(&mut self, token: &OneTimeToken) -> Result<(), StoreError> {
        let row = TokenRow::from(token);
        let statement = columns!(tokens insert [
            row (account_id), "INSERT INTO tokens (account_id", ") VALUES (?1", ")"
        ]);
        self.execute(statement).await.map(drop)
    }

    async fn consume(
        &mut self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let (bytes, word, now) = (digest.bytes().as_slice(), purpose.as_str(), micros(now));
        let spent = columns!(tokens select [
            TokenRow,
            "DELETE FROM tokens WHERE digest = ? AND purpose = ? AND expires_at > ?
            RETURNING account_id AS \"account_id: Uuid\"",
            "",
            bytes,
            word,
            now
        ]);
        let row = spent.fetch_optional(self.connection()).await.map_err(|error| self.failed(error))?;
        row.map(OneTimeToken::try_from).transpose()
    }

    async fn remove_of_account(&mut self, account: AccountId, purpose: TokenPurpose) -> Result<u64, StoreError> {
        let (account, purpose) = (account.uuid(), purpose.as_str());
        let statement = sqlx::query!("DELETE FROM tokens WHERE account_id = ? AND purpose = ?", account, purpose);
        self.execute(statement).await
    }

    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let now = micros(now);
        let statement = sqlx::query!(
            "DELETE FROM tokens
            WHERE digest IN (SELECT digest FROM tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT 1000)",
            now
        );
        self.execute(statement).await
    }
}
