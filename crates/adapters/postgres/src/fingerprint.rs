//! What the secret is known by.

use async_trait::async_trait;
use vestibule_domain::Digest;
use vestibule_ports::{Fingerprint, StoreError, stored::digest};

use crate::unit::PostgresUnit;

#[async_trait]
impl Fingerprint for PostgresUnit {
    async fn claim(&mut self, fingerprint: &Digest) -> Result<Digest, StoreError> {
        // The update changes nothing; it waits for another unit that inserts, and makes the row of before come back.
        let outcome = sqlx::query_scalar!(
            "INSERT INTO secret_fingerprint AS kept (digest) VALUES ($1) \
             ON CONFLICT (only_row) DO UPDATE SET digest = kept.digest RETURNING digest",
            fingerprint.bytes().as_slice(),
        )
        .fetch_one(&mut *self.transaction)
        .await;
        digest(self.checked(outcome)?, "fingerprint of the secret")
    }

    async fn replace(&mut self, fingerprint: &Digest) -> Result<(), StoreError> {
        let statement = sqlx::query!(
            "INSERT INTO secret_fingerprint (digest) VALUES ($1) \
             ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest",
            fingerprint.bytes().as_slice(),
        );
        self.execute(statement).await.map(drop)
    }
}
