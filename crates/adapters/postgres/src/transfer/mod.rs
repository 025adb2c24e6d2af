//! Everything in a database, read out of it and written into it.

mod reads;
mod writes;

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_ports::{
    Import, MessageSpan, MessageTally, Snapshot, SnapshotExport, StoreError, UnitOfWork,
    stored::{Kind, Record, RecordKey},
};

use crate::{store::PostgresStore, unit::PostgresUnit};

/// What is read is passed on, to a file or another store, for as long as that takes: no time limit ends the transaction. So the
/// server is to notice by itself within a minute that this machine has vanished, or its locks would stay for hours. The time
/// limit of a whole transaction is known to PostgreSQL 17 and later.
macro_rules! without_time_limits {
    () => {
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL tcp_keepalives_idle = 30; SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 3; \
         SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'; "
    };
}

/// Every statement sees the state of the first.
const READ: &str = concat!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; ", without_time_limits!());
/// Nothing else is written meanwhile: who writes waits, and who reads does not.
const WRITE: &str = concat!(
    without_time_limits!(),
    "LOCK TABLE secret_fingerprint, accounts, codes, tokens, known_sources, sessions, dossiers, conversations, \
     messages, profiles, profile_counts, profile_changes, profile_terms, places, throttles, outbox, mailbox, \
     security_events IN EXCLUSIVE MODE"
);

/// One transaction that reads.
pub(crate) struct PostgresSnapshot(PostgresUnit);

impl PostgresSnapshot {
    pub(crate) async fn export(store: &PostgresStore) -> Result<SnapshotExport<Self>, StoreError> {
        store.connections.inspect().await?;
        let mut unit = PostgresUnit::new(store.connections.begin().await?);
        unit.control(READ).await?;
        let counts = reads::counts(&mut unit).await?;
        Ok(SnapshotExport::new(Self(unit), counts))
    }
}

#[async_trait]
impl Snapshot for PostgresSnapshot {
    async fn page(&mut self, kind: Kind, after: &RecordKey) -> Result<Vec<Record>, StoreError> {
        reads::page(&mut self.0, kind, after).await
    }

    async fn lengths(&mut self, after: Uuid, limit: u32) -> Result<Vec<(Uuid, i64)>, StoreError> {
        reads::lengths(&mut self.0, after, limit.into()).await
    }

    async fn messages(&mut self, span: &MessageSpan) -> Result<Vec<Record>, StoreError> {
        reads::messages(&mut self.0, span).await
    }
}

/// A unit of work that fills an empty database.
pub(crate) struct PostgresImport {
    unit: Box<PostgresUnit>,
    tally: MessageTally,
    failed: bool,
}

impl PostgresImport {
    /// None if the database holds anything.
    pub(crate) async fn begin(store: &PostgresStore) -> Result<Option<Self>, StoreError> {
        store.connections.inspect().await?;
        let mut unit = Box::new(PostgresUnit::new(store.connections.begin().await?));
        unit.control(WRITE).await?;
        let counts = reads::counts(&mut unit).await?;
        Ok(counts.is_empty().then(|| Self { unit, tally: MessageTally::default(), failed: false }))
    }

    async fn put_all(&mut self, records: Vec<Record>) -> Result<(), StoreError> {
        let Some(kind) = records.first().map(Record::kind) else { return Ok(()) };
        let given = records.len() as u64;
        let written = match kind {
            Kind::Message => writes::messages(&mut self.unit, records, &mut self.tally).await?,
            Kind::Profile => writes::profiles(&mut self.unit, records).await?,
            kind => writes::write(&mut self.unit, kind, records).await?,
        };
        if written == given {
            Ok(())
        } else {
            Err(StoreError::Failed("a record belongs to one that was not imported".into()))
        }
    }
}

#[async_trait]
impl Import for PostgresImport {
    async fn put(&mut self, records: Vec<Record>) -> Result<(), StoreError> {
        let put = self.put_all(records).await;
        self.failed |= put.is_err();
        put
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed("an import in which something failed cannot be committed".into()));
        }
        self.unit.commit().await
    }
}
