//! The schema and its steps.
//!
//! The driver's migrator holds a session lock, which a pooler in transaction mode would leave with another client for ever.
//! Here all missing steps, and the lock, are in one transaction.

use sqlx::{
    Executor, Row,
    migrate::{Migration, Migrator},
    postgres::PgRow,
};
use vestibule_ports::{MigrationStatus, SchemaError, StoreError};

use crate::{
    connections::Connections,
    errors::{translate, translate_migration},
    pool::Lease,
    wire::Wire,
};

/// The steps, compiled in.
static MIGRATOR: Migrator = sqlx::migrate!("../../../migrations/postgres");

/// PostgreSQL's "undefined table": nothing has been migrated yet.
const UNDEFINED_TABLE: &str = "42P01";

/// Request timeouts do not apply here: our own steps, or another node's that we wait for, may take longer. The lock belongs
/// to this database; nodes that start at once wait for each other.
const ALONE: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
                     SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_advisory_xact_lock(6219157038244461671)";
/// As the driver's migrator creates it.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
                     installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
                     execution_time BIGINT NOT NULL)";

/// A step that the database has.
struct Applied {
    version: i64,
    description: String,
    checksum: String,
}

impl Applied {
    /// Why this program cannot work on a database with this step.
    fn unfit(&self) -> Option<SchemaError> {
        match MIGRATOR.iter().find(|step| step.version == self.version) {
            None => Some(SchemaError::Newer(self.version)),
            Some(step) if hex(&step.checksum) != self.checksum => Some(SchemaError::Different(self.version)),
            Some(_) => None,
        }
    }
}

/// Applies the missing steps, all or none.
pub(crate) async fn apply(connections: &Connections) -> Result<(), StoreError> {
    connections.inspect().await?;
    let mut lease = connections.begin().await?;
    lease.execute(ALONE).await.map_err(translate)?;
    if !exists(&mut lease).await.map_err(translate)? {
        lease.execute(TABLE).await.map_err(translate_migration)?;
    }
    let applied = applied(&mut lease).await.map_err(translate)?;
    if let Some(error) = applied.iter().find_map(Applied::unfit) {
        return Err(error.into());
    }
    for step in MIGRATOR.iter().filter(|step| !has(&applied, step.version)) {
        lease.execute(step.sql.clone()).await.map_err(translate_migration)?;
        note(&mut lease, step).await.map_err(translate_migration)?;
    }
    lease.execute("COMMIT").await.map_err(translate)?;
    lease.end();
    Ok(())
}

/// Every step and whether it was applied.
pub(crate) async fn list(connections: &Connections) -> Result<Vec<MigrationStatus>, StoreError> {
    connections.inspect().await?;
    let applied = connections
        .alone(|mut lease: Lease| async move {
            let applied = match applied(&mut lease).await {
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => Ok(Vec::new()),
                outcome => outcome,
            };
            (applied, lease)
        })
        .await?;
    let pending = MIGRATOR.iter().filter(|step| !has(&applied, step.version)).map(|step| MigrationStatus {
        version: step.version,
        description: step.description.to_string(),
        applied: false,
        unfit: None,
    });
    let status = |step: &Applied| MigrationStatus {
        version: step.version,
        description: step.description.clone(),
        applied: true,
        unfit: step.unfit(),
    };
    let mut all: Vec<_> = applied.iter().map(status).chain(pending).collect();
    all.sort_by_key(|step| step.version);
    Ok(all)
}

/// Whether the database was ever migrated. A role that may not create tables can still use a schema that another role
/// created.
async fn exists(connection: &mut Wire) -> Result<bool, sqlx::Error> {
    connection.fetch_one("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").await?.try_get(0)
}

// The table is the migrator's own, so statement checks against our migrations do not know it.
async fn applied(connection: &mut Wire) -> Result<Vec<Applied>, sqlx::Error> {
    let rows = connection
        .fetch_all("SELECT version::text, description, encode(checksum, 'hex') FROM _sqlx_migrations")
        .await?;
    rows.iter().map(read).collect()
}

/// A row as text, as the simple protocol sends it.
fn read(row: &PgRow) -> Result<Applied, sqlx::Error> {
    let text = |column| row.try_get::<&str, _>(column);
    let version = text(0)?.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Applied { version, description: text(1)?.to_owned(), checksum: text(2)?.to_owned() })
}

async fn note(connection: &mut Wire, step: &Migration) -> Result<(), sqlx::Error> {
    let Migration { version, description, checksum, .. } = step;
    let (description, checksum): (&str, &[u8]) = (description, checksum);
    let noted = sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ($1, $2, TRUE, $3, -1)",
    );
    noted.bind(version).bind(description).bind(checksum).execute(connection).await.map(drop)
}

fn has(applied: &[Applied], version: i64) -> bool {
    applied.iter().any(|applied| applied.version == version)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
