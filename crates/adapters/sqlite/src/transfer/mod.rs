//! Everything in a file, read out of it and written into it.

mod reads;
mod writes;

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_ports::{
    Import, MessageSpan, MessageTally, Snapshot, SnapshotExport, StoreError, UnitOfWork,
    stored::{Kind, Record, RecordKey},
};

use crate::{profiles::IndexBuild, readers::Reader, store::SqliteStore, unit::SqliteUnit};

/// One read transaction, on a connection that is closed at its end.
pub(crate) struct SqliteSnapshot<'s>(Reader<'s>);

impl<'s> SqliteSnapshot<'s> {
    pub(crate) async fn export(store: &'s SqliteStore) -> Result<SnapshotExport<Self>, StoreError> {
        let mut reader = store.reader().await?;
        // The transaction ends with the connection.
        reader.give_up();
        // It sees the state of its first read, which the counts are.
        sqlx::query("BEGIN").execute(&mut *reader).await.map_err(|error| reader.failed(error))?;
        let counts = reads::counts(&mut reader).await.map_err(|error| reader.failed(error))?;
        Ok(SnapshotExport::new(Self(reader), counts))
    }
}

#[async_trait]
impl Snapshot for SqliteSnapshot<'_> {
    async fn page(&mut self, kind: Kind, after: &RecordKey) -> Result<Vec<Record>, StoreError> {
        reads::page(&mut self.0, kind, after).await.map_err(|error| self.0.failed(error))
    }

    async fn lengths(&mut self, after: Uuid, limit: u32) -> Result<Vec<(Uuid, i64)>, StoreError> {
        reads::lengths(&mut self.0, after, limit).await.map_err(|error| self.0.failed(error))
    }

    async fn messages(&mut self, span: &MessageSpan) -> Result<Vec<Record>, StoreError> {
        reads::messages(&mut self.0, span).await.map_err(|error| self.0.failed(error))
    }
}

/// A unit of work that fills an empty file.
pub(crate) struct SqliteImport {
    unit: Box<SqliteUnit>,
    tally: MessageTally,
    profiles: IndexBuild,
    failed: bool,
}

impl SqliteImport {
    /// None if the file holds anything.
    pub(crate) async fn begin(store: &SqliteStore) -> Result<Option<Self>, StoreError> {
        let mut unit = store.unit().await?;
        let counts = reads::counts(unit.connection()).await.map_err(|error| unit.failed(error))?;
        let import = || Self {
            unit: Box::new(unit),
            tally: MessageTally::default(),
            profiles: IndexBuild::default(),
            failed: false,
        };
        Ok(counts.is_empty().then(import))
    }

    async fn put_one(&mut self, record: Record) -> Result<(), StoreError> {
        match record {
            Record::Message(row) => {
                let by_user = self.tally.up_to(&row)?;
                writes::message(&mut self.unit, row, by_user).await
            }
            Record::Profile(row) => self.unit.restore_profile(row, &mut self.profiles).await,
            record => writes::write(&mut self.unit, record).await,
        }
    }
}

#[async_trait]
impl Import for SqliteImport {
    async fn put(&mut self, records: Vec<Record>) -> Result<(), StoreError> {
        for record in records {
            if let Err(error) = self.put_one(record).await {
                self.failed = true;
                return Err(error);
            }
        }
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed("an import in which something failed cannot be committed".into()));
        }
        let Self { mut unit, profiles, .. } = *self;
        unit.finish_index(profiles).await?;
        unit.commit().await
    }
}
