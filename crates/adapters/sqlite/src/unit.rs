//! The unit of work: one transaction on the one connection that writes.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{Sqlite, SqliteConnection, Transaction};
use vestibule_ports::{StoreError, UnitOfWork};

use crate::{
    errors::{OpenError, translate},
    file::{DatabaseFile, Sighting},
};

/// A transaction that holds the write lock of the database from its beginning, so that nothing that it reads changes
/// under it and it never has to be begun again.
pub(crate) struct SqliteUnit {
    transaction: Transaction<'static, Sqlite>,
    file: Arc<DatabaseFile>,
    sighting: Sighting,
}

impl SqliteUnit {
    pub(crate) fn new(transaction: Transaction<'static, Sqlite>, file: Arc<DatabaseFile>, sighting: Sighting) -> Self {
        Self { transaction, file, sighting }
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

#[async_trait]
impl UnitOfWork for SqliteUnit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if !self.file.look()?.is(&self.sighting) {
            return Err(StoreError::Unavailable(Some(OpenError::Replaced.into())));
        }
        self.transaction.commit().await.map_err(translate)
    }
}
