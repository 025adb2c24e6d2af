//! The fingerprint of the secret in SQLite.

use async_trait::async_trait;
use vestibule_domain::Digest;
use vestibule_ports::{Fingerprint, ReadFingerprint, StoreError, stored::digest};

use crate::{store::SqliteStore, unit::SqliteUnit};

#[async_trait]
impl ReadFingerprint for SqliteStore {
    async fn find(&self) -> Result<Option<Digest>, StoreError> {
        let mut reader = self.reader().await?;
        let kept = sqlx::query_scalar!("SELECT digest FROM secret_fingerprint").fetch_optional(&mut *reader).await;
        let kept = kept.map_err(|error| reader.failed(error))?;
        kept.map(|kept| digest(kept, "fingerprint of the secret")).transpose()
    }
}

#[async_trait]
impl Fingerprint for SqliteUnit {
    async fn claim(&mut self, fingerprint: &Digest) -> Result<Digest, StoreError> {
        let bytes = fingerprint.bytes().as_slice();
        // The update changes nothing; it makes the statement return the existing row.
        let kept = sqlx::query_scalar!(
            "INSERT INTO secret_fingerprint AS kept (digest) VALUES (?)
            ON CONFLICT (only_row) DO UPDATE SET digest = kept.digest RETURNING digest",
            bytes
        )
        .fetch_one(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        digest(kept, "fingerprint of the secret")
    }

    async fn replace(&mut self, fingerprint: &Digest) -> Result<(), StoreError> {
        let bytes = fingerprint.bytes().as_slice();
        let statement = sqlx::query!(
            "INSERT INTO secret_fingerprint (digest) VALUES (?)
            ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest",
            bytes
        );
        self.execute(statement).await.map(drop)
    }
}
