//! The unit of work: one transaction on the one connection that writes.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{Sqlite, SqliteConnection, Transaction};
use vestibule_ports::{
    Accounts, Codes, Dossiers, Events, Families, Fingerprint, Mailbox, Outbox, Sources, StoreError, Throttles, Tokens,
    UnitOfWork,
};

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
    fn accounts(&mut self) -> &mut dyn Accounts {
        self
    }

    fn codes(&mut self) -> &mut dyn Codes {
        self
    }

    fn dossiers(&mut self) -> &mut dyn Dossiers {
        self
    }

    fn events(&mut self) -> &mut dyn Events {
        self
    }

    fn families(&mut self) -> &mut dyn Families {
        self
    }

    fn fingerprint(&mut self) -> &mut dyn Fingerprint {
        self
    }

    fn mailbox(&mut self) -> &mut dyn Mailbox {
        self
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    fn sources(&mut self) -> &mut dyn Sources {
        self
    }

    fn throttles(&mut self) -> &mut dyn Throttles {
        self
    }

    fn tokens(&mut self) -> &mut dyn Tokens {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if !self.file.look()?.is(&self.sighting) {
            return Err(StoreError::Unavailable(Some(OpenError::Replaced.into())));
        }
        self.transaction.commit().await.map_err(translate)
    }
}
