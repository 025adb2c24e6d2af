//! One-time tokens.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{AccountId, Digest, OneTimeToken, TokenPurpose};
use vestibule_ports::{ReadTokens, StoreError, Tokens, stored::StoredToken};

use crate::{
    columns::{columns, insert, select},
    connections::alone,
    store::PostgresStore,
    unit::PostgresUnit,
};

/// A row of `tokens`.
type TokenRow = StoredToken<OffsetDateTime>;

#[async_trait]
impl ReadTokens for PostgresStore {
    async fn find(
        &self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let row = alone!(
            self.connections,
            fetch_optional,
            columns!(tokens select [
                TokenRow,
                "SELECT account_id",
                " FROM tokens WHERE digest = $1 AND purpose = $2 AND expires_at > $3",
                digest.bytes().as_slice(),
                purpose.as_str(),
                now
            ])
        )?;
        row.map(OneTimeToken::try_from).transpose()
    }
}

#[async_trait]
impl Tokens for PostgresUnit {
    async fn insert(&mut self, token: &OneTimeToken) -> Result<(), StoreError> {
        let row = TokenRow::from(token);
        let statement = columns!(tokens insert [
            row (account_id), "INSERT INTO tokens (account_id", ") VALUES ($1", ")"
        ]);
        self.execute(statement).await.map(drop)
    }

    async fn consume(
        &mut self,
        digest: &Digest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let outcome = columns!(tokens select [
            TokenRow,
            "DELETE FROM tokens WHERE digest = $1 AND purpose = $2 AND expires_at > $3 RETURNING account_id",
            "",
            digest.bytes().as_slice(),
            purpose.as_str(),
            now
        ])
        .fetch_optional(&mut *self.transaction)
        .await;
        let row = self.checked(outcome)?;
        row.map(OneTimeToken::try_from).transpose()
    }

    async fn remove_of_account(&mut self, account: AccountId, purpose: TokenPurpose) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM tokens WHERE account_id = $1 AND purpose = $2",
            account.uuid(),
            purpose.as_str(),
        );
        self.execute(statement).await
    }

    async fn purge_expired(&mut self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM tokens WHERE digest = ANY (ARRAY(SELECT digest FROM tokens WHERE expires_at <= $1 \
             ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            now,
        );
        self.execute(statement).await
    }
}
