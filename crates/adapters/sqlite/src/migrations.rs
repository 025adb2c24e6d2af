//! The steps of the schema.

use sqlx::{SqliteConnection, migrate::Migrator};
use vestibule_ports::{MigrationStatus, SchemaError};

use crate::errors::translate_migration;

/// Every step, oldest first, embedded in the program.
static MIGRATOR: Migrator = sqlx::migrate!("../../../migrations/sqlite");
/// Where the driver records the applied steps.
const TABLE: &str = "_sqlx_migrations";

/// Applies the missing steps. The driver takes no lock on SQLite, so the caller must hold
/// [`crate::file::DatabaseFile::lock`].
pub(crate) async fn apply(connection: &mut SqliteConnection) -> Result<(), vestibule_ports::StoreError> {
    MIGRATOR.run_direct(None, connection, false).await.map_err(translate_migration)
}

/// Every step that is known or was applied.
pub(crate) async fn statuses(connection: &mut SqliteConnection) -> sqlx::Result<Vec<MigrationStatus>> {
    let applied = applied(connection).await?;
    let is_pending = |step: &MigrationStatus| applied.iter().all(|applied| applied.version != step.version);
    let mut all: Vec<_> = steps().into_iter().filter(is_pending).collect();
    all.extend(applied);
    all.sort_by_key(|step| step.version);
    Ok(all)
}

/// Every known step, unapplied, for a file that does not exist yet.
pub fn steps() -> Vec<MigrationStatus> {
    let step = |migration: &sqlx::migrate::Migration| MigrationStatus {
        version: migration.version,
        description: migration.description.to_string(),
        applied: false,
        unfit: None,
    };
    MIGRATOR.iter().map(step).collect()
}

/// Every step that the file has.
async fn applied(connection: &mut SqliteConnection) -> sqlx::Result<Vec<MigrationStatus>> {
    let begun = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?) AS "begun!: bool""#,
        TABLE
    )
    .fetch_one(&mut *connection)
    .await?;
    if !begun {
        return Ok(Vec::new());
    }
    // The table is the migrator's own, so statement checks against our migrations do not know it.
    let rows = sqlx::query_as("SELECT version, description, checksum FROM _sqlx_migrations WHERE success");
    let rows: Vec<(i64, String, Vec<u8>)> = rows.fetch_all(connection).await?;
    let status = |(version, description, checksum): (i64, String, Vec<u8>)| {
        let unfit = match MIGRATOR.iter().find(|step| step.version == version) {
            None => Some(SchemaError::Newer(version)),
            Some(step) if *step.checksum != *checksum => Some(SchemaError::Different(version)),
            Some(_) => None,
        };
        MigrationStatus { version, description, applied: true, unfit }
    };
    Ok(rows.into_iter().map(status).collect())
}
