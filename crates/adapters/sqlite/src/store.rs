//! The door to a database file.

use std::{fs::File, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::timeout;
use vestibule_ports::{
    AdvanceSessions, Conversations, Export, Import, MigrationStatus, PoolUsage, ReadView, Store, StoreError, UnitOfWork,
};

use crate::{
    errors::{OpenError, translate},
    file::DatabaseFile,
    migrations,
    readers::{Reader, Readers},
    room::Room,
    transfer::{SqliteImport, SqliteSnapshot},
    unit::SqliteUnit,
    writer::Writer,
};

/// The size to which the write-ahead log is truncated after a checkpoint, in bytes.
const LOG_BYTES: &str = "67108864";

/// How to open a database file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Whether to create the file if it is missing.
    pub create: bool,
    /// The most concurrent read connections.
    pub readers: u32,
    /// How long to wait for a connection, and again for the lock of another process.
    pub busy: Duration,
    /// Whether to serve from the file, which only one process may do at a time; others may still use it.
    pub serve: bool,
}

/// No new file, eight readers, five seconds, without serving.
impl Default for SqliteOptions {
    fn default() -> Self {
        Self { create: false, readers: 8, busy: Duration::from_secs(5), serve: false }
    }
}

/// A database in one file, in WAL mode: readers do not wait for the writer, and see what it has committed.
pub struct SqliteStore {
    file: Arc<DatabaseFile>,
    readers: Readers,
    writer: Writer,
    busy: Duration,
    room: Room,
    /// The right to serve from the file.
    _claim: Option<File>,
}

impl SqliteStore {
    /// Opens a file. A missing file is an error unless it may be created: a database that was lost must not come back
    /// empty.
    pub async fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        let busy = options.busy;
        let file = DatabaseFile::open(path, options.create)?;
        let claim = if options.serve { Some(file.claim()?) } else { None };
        let file = Arc::new(file);
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(busy)
            .foreign_keys(true)
            .pragma("temp_store", "memory");
        // A file is switched to WAL under a lock that SQLite does not wait for, so one process at a time does it. The file
        // must be in WAL before it is opened read-only.
        let lock = file.lock().await?;
        let writer = Writer::new(open_writer(Arc::clone(&file), connect.clone(), busy).await?, busy);
        drop(lock);
        let readers = Readers::new(Arc::clone(&file), connect.read_only(true), options.readers.max(1), busy);
        Ok(Self { file, readers, writer, busy, room: Room::default(), _claim: claim })
    }

    /// A connection for reading, on a file whose schema matches this program.
    pub(crate) async fn reader(&self) -> Result<Reader<'_>, StoreError> {
        let mut reader = self.readers.take().await?;
        if !reader.sighting().migrated {
            let statuses = migrations::statuses(&mut reader).await.map_err(|error| reader.failed(error))?;
            if let Some(error) = statuses.iter().find_map(|migration| migration.unfit) {
                return Err(error.into());
            }
            if !statuses.iter().all(|migration| migration.applied) {
                return Err(OpenError::NotMigrated.into());
            }
            self.file.set_migrated(&reader.sighting());
        }
        Ok(reader)
    }

    /// A unit of work on the write connection.
    pub(crate) async fn unit(&self) -> Result<SqliteUnit, StoreError> {
        if !self.file.look()?.migrated {
            drop(self.reader().await?);
        }
        let sighting = self.file.look()?;
        self.writer.begin(Arc::clone(&self.file), sighting).await
    }
}

/// Opens the only write connection: several would contend for the write lock in steps of milliseconds, while one serves
/// units in order.
async fn open_writer(
    file: Arc<DatabaseFile>,
    connect: SqliteConnectOptions,
    patience: Duration,
) -> Result<SqlitePool, StoreError> {
    let connect = connect
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", LOG_BYTES);
    SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(patience)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(move |connection, metadata| {
            // After a full disk SQLite rolls back by itself, which the driver does not notice; and a replaced file needs a
            // new connection.
            let rolled_back = !sqlx::Connection::is_in_transaction(connection);
            let current = file.look().map_or(true, |sighting| metadata.age <= sighting.since.elapsed());
            Box::pin(async move { Ok(rolled_back && current) })
        })
        .connect_with(connect)
        .await
        .map_err(translate)
}

#[async_trait]
impl Store for SqliteStore {
    fn read(&self) -> &dyn ReadView {
        self
    }

    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.unit().await?))
    }

    fn sessions(&self) -> &dyn AdvanceSessions {
        self
    }

    fn conversations(&self) -> &dyn Conversations {
        self
    }

    async fn export(&self) -> Result<Box<dyn Export + '_>, StoreError> {
        Ok(Box::new(SqliteSnapshot::export(self).await?))
    }

    async fn import(&self) -> Result<Option<Box<dyn Import + '_>>, StoreError> {
        Ok(SqliteImport::begin(self).await?.map(|import| Box::new(import) as Box<dyn Import>))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.file.look()?;
        let mut reader = self.readers.take().await?;
        // Unlike a constant, this is read from the file.
        sqlx::query_scalar!(r#"SELECT count(*) AS "objects!: i64" FROM sqlite_schema"#)
            .fetch_one(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        drop(reader);
        self.room.check(&self.file, &self.writer).await
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let lock = self.file.lock().await?;
        let sighting = self.file.look()?;
        let mut connection = self.writer.acquire().await?;
        migrations::apply(&mut connection).await?;
        self.file.set_migrated(&sighting);
        drop(lock);
        Ok(())
    }

    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        let mut reader = self.readers.take().await?;
        migrations::statuses(&mut reader).await.map_err(|error| reader.failed(error))
    }

    async fn servers(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.file.server()?.into_iter().collect())
    }

    fn pool_usage(&self) -> PoolUsage {
        let readers = self.readers.usage();
        PoolUsage {
            open: readers.open + self.writer.pool().size(),
            idle: readers.idle + u32::try_from(self.writer.pool().num_idle()).unwrap_or(u32::MAX),
            limit: readers.limit + 1,
            writers: 1,
        }
    }

    async fn close(&self) {
        self.readers.close().await;
        // Both are only cleanup: committed data are in the log and are read from there at the next start.
        if let Ok(mut connection) = self.writer.acquire().await {
            let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await;
        }
        let _ = timeout(self.busy, self.writer.pool().close()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use sqlx::AssertSqlSafe;
    use tempfile::TempDir;
    use tokio::task::JoinHandle;
    use vestibule_testkit::AccountBuilder;

    use super::*;

    /// A short timeout that still leaves time to open a connection on a busy machine.
    const SHORT: Duration = Duration::from_millis(500);
    const PATIENCE: Duration = Duration::from_secs(5);

    async fn open(directory: &TempDir, busy: Duration) -> SqliteStore {
        let path: PathBuf = directory.path().join("vestibule.db");
        let store =
            SqliteStore::open(&path, SqliteOptions { create: true, readers: 2, busy, ..SqliteOptions::default() })
                .await
                .unwrap();
        store.migrate().await.unwrap();
        store
    }

    #[tokio::test]
    async fn a_commit_waits_for_the_disk() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&directory, PATIENCE).await;
        let mut writer = store.writer.acquire().await.unwrap();
        for (pragma, expected) in [("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1")] {
            let select = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
            let value: String = sqlx::query_scalar(AssertSqlSafe(select)).fetch_one(&mut *writer).await.unwrap();
            assert_eq!(value, expected, "{pragma}");
        }
    }

    #[tokio::test]
    async fn a_reader_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&directory, PATIENCE).await;
        let mut reader = store.reader().await.unwrap();
        let error = sqlx::query("DELETE FROM accounts").execute(&mut *reader).await.unwrap_err();
        assert_eq!(
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
            Some("8"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn more_reads_than_readers_wait_and_then_are_told_to_come_back() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&directory, SHORT).await;
        let held = (store.reader().await.unwrap(), store.reader().await.unwrap());
        assert!(matches!(store.ping().await, Err(StoreError::Busy(_))));
        assert_eq!(store.pool_usage(), PoolUsage { open: 3, idle: 1, limit: 3, writers: 1 });
        drop(held);
        store.ping().await.unwrap();
    }

    #[tokio::test]
    async fn a_writer_that_waits_too_long_is_told_to_come_back() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&directory, SHORT).await;
        let other_process = open(&directory, SHORT).await;
        let held = store.write().await.unwrap();
        assert!(matches!(store.write().await, Err(StoreError::Busy(_))));
        assert!(matches!(other_process.write().await, Err(StoreError::Busy(_))));
        drop(held);
        store.write().await.unwrap().commit().await.unwrap();
        other_process.write().await.unwrap().commit().await.unwrap();
    }

    /// Lets the file grow by a few pages only.
    async fn limit_pages(store: &SqliteStore) {
        let mut writer = store.writer.acquire().await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *writer).await.unwrap();
        let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 4));
        sqlx::query(limit).execute(&mut *writer).await.unwrap();
    }

    /// Inserts accounts until there is no room.
    async fn fill(unit: &mut dyn UnitOfWork) {
        let mut refused = Ok(());
        for number in 100..1_000 {
            refused = unit.accounts().insert(&AccountBuilder::numbered(number).build()).await;
            if refused.is_err() {
                break;
            }
        }
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }

    async fn count(store: &SqliteStore) -> u64 {
        store.read().accounts().count(vestibule_ports::AccountFilter::default()).await.unwrap()
    }

    async fn insert(unit: &mut dyn UnitOfWork, number: u32) {
        unit.accounts().insert(&AccountBuilder::numbered(number).build()).await.unwrap();
    }

    /// A unit that has inserted account 1, and one that waits for it.
    async fn one_after_another(store: &Arc<SqliteStore>) -> (Box<SqliteUnit>, JoinHandle<Box<SqliteUnit>>) {
        let mut first = Box::new(store.unit().await.unwrap());
        insert(&mut *first, 1).await;
        let store = Arc::clone(store);
        let second = tokio::spawn(async move { Box::new(store.unit().await.unwrap()) });
        tokio::task::yield_now().await;
        (first, second)
    }

    #[tokio::test]
    async fn a_full_disk_refuses_the_unit_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&directory, PATIENCE).await;
        limit_pages(&store).await;
        let mut unit = store.write().await.unwrap();
        fill(unit.as_mut()).await;
        drop(unit);
        assert_eq!(count(&store).await, 0, "a part of the refused unit stayed");
        let mut unit = store.write().await.unwrap();
        insert(unit.as_mut(), 1).await;
        unit.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_refuses_one_unit_of_a_group() {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(open(&directory, PATIENCE).await);
        limit_pages(&store).await;
        let (first, second) = one_after_another(&store).await;
        let first = tokio::spawn(first.commit());
        let mut second = second.await.unwrap();
        fill(&mut *second).await;
        drop(second);
        first.await.unwrap().unwrap();
        assert_eq!(count(&store).await, 1);
    }

    async fn roll_back(unit: &mut SqliteUnit) {
        sqlx::query("ROLLBACK").execute(unit.connection()).await.unwrap();
    }

    #[tokio::test]
    async fn a_group_that_sqlite_rolled_back_by_itself_is_not_acknowledged() {
        for is_dropped in [true, false] {
            let directory = tempfile::tempdir().unwrap();
            let store = Arc::new(open(&directory, PATIENCE).await);
            let (first, second) = one_after_another(&store).await;
            let first = tokio::spawn(first.commit());
            let mut second = second.await.unwrap();
            roll_back(&mut second).await;
            if is_dropped {
                drop(second);
            } else {
                assert!(second.commit().await.is_err());
            }
            assert!(first.await.unwrap().is_err());
            assert_eq!(count(&store).await, 0);
            store.write().await.unwrap().commit().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_first_unit_that_sqlite_rolled_back_by_itself_founds_no_group() {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(open(&directory, PATIENCE).await);
        let (mut first, second) = one_after_another(&store).await;
        roll_back(&mut first).await;
        let first = tokio::spawn(first.commit());
        let mut second = second.await.unwrap();
        insert(&mut *second, 2).await;
        second.commit().await.unwrap();
        assert!(first.await.unwrap().is_err());
        assert_eq!(count(&store).await, 1);
    }

    #[tokio::test]
    async fn a_unit_that_sqlite_rolled_back_by_itself_cannot_be_committed() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&directory, PATIENCE).await;
        let mut transaction = store.writer.pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
        sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
        assert!(transaction.commit().await.is_err());
        store.write().await.unwrap().commit().await.unwrap();
    }
}
