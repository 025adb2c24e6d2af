//! The schema and its steps.

use sqlx::{Connection, Executor, migrate::Migrator};
use vestibule_ports::{MigrationStatus, StoreError};

use crate::{
    connections::Connections,
    errors::{translate, translate_migration},
    pool::Lease,
};

/// The steps, compiled in; the migrator holds an advisory lock, so that nodes that start at once wait for each other.
static MIGRATOR: Migrator = sqlx::migrate!("../../../migrations/postgres");

/// PostgreSQL's "undefined table": nothing has been migrated yet.
const UNDEFINED_TABLE: &str = "42P01";

/// Applies what is missing.
pub(crate) async fn apply(connections: &Connections) -> Result<(), StoreError> {
    // The timeouts of requests do not fit here: another node's steps, for which we wait, and our own may take longer.
    // So the connection leaves the pool, and with it goes the lock, whatever happens.
    let mut connection = connections.detached().await?;
    connection.execute("SET statement_timeout = 0; SET lock_timeout = 0").await.map_err(translate)?;
    // Not `run`: its bound cannot be met in a future that must be `Send`.
    MIGRATOR.run_direct(None, &mut connection, false).await.map_err(translate_migration)?;
    connection.close().await.map_err(translate)
}

/// Every step and whether it was applied.
pub(crate) async fn list(connections: &Connections) -> Result<Vec<MigrationStatus>, StoreError> {
    let applied = connections
        .alone(|mut lease: Lease| async move {
            // The migrator's own table, unknown to the migrations against which the other statements are checked.
            let asked = sqlx::query_scalar::<_, i64>("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&mut *lease)
                .await;
            let applied = match asked {
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => Ok(Vec::new()),
                outcome => outcome,
            };
            (applied, lease)
        })
        .await?;
    let status = |step: &sqlx::migrate::Migration| MigrationStatus {
        version: step.version,
        description: step.description.to_string(),
        applied: applied.contains(&step.version),
    };
    Ok(MIGRATOR.iter().map(status).collect())
}
