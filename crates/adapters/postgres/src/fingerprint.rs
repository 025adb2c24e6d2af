//! The fingerprint of the secret.

use async_trait::async_trait;
use vestibule_domain::Digest;
use vestibule_ports::{Fingerprint, ReadFingerprint, StoreError, stored::digest};

use crate::{connections::alone, store::PostgresStore, unit::PostgresUnit};

#[async_trait]
impl ReadFingerprint for PostgresStore {
    async fn find(&self) -> Result<Option<Digest>, StoreError> {
        let kept =
            alone!(self.connections, fetch_optional, sqlx::query_scalar!("SELECT digest FROM secret_fingerprint"))?;
        kept.map(|kept| digest(kept, "fingerprint of the secret")).transpose()
    }
}

#[async_trait]
impl Fingerprint for PostgresUnit {
    async fn claim(&mut self, fingerprint: &Digest) -> Result<Digest, StoreError> {
        // The update changes nothing; it waits for a concurrent insert and makes the statement return the existing row.
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
