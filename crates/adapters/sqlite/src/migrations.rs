//! The steps of the schema.

use sqlx::{
    SqliteConnection,
    migrate::{Migrate, Migrator},
};
use vestibule_ports::MigrationStatus;

use crate::errors::translate_migration;

/// Every step, oldest first, embedded in the program.
static MIGRATOR: Migrator = sqlx::migrate!("../../../migrations/sqlite");
/// Where the driver keeps the steps that were applied.
const TABLE: &str = "_sqlx_migrations";

/// Applies what is missing. The driver takes no lock on SQLite, so the caller must hold [`crate::file::DatabaseFile::lock`].
pub(crate) async fn apply(connection: &mut SqliteConnection) -> Result<(), vestibule_ports::StoreError> {
    MIGRATOR.run_direct(None, connection, false).await.map_err(translate_migration)
}

/// Every known step, and whether it was applied.
pub(crate) async fn statuses(connection: &mut SqliteConnection) -> sqlx::Result<Vec<MigrationStatus>> {
    let applied = applied_versions(connection).await?;
    let steps = steps().into_iter();
    Ok(steps.map(|step| MigrationStatus { applied: applied.contains(&step.version), ..step }).collect())
}

/// Every known step, as it stands with a file that is not there yet.
pub fn steps() -> Vec<MigrationStatus> {
    let step = |migration: &sqlx::migrate::Migration| MigrationStatus {
        version: migration.version,
        description: migration.description.to_string(),
        applied: false,
    };
    MIGRATOR.iter().map(step).collect()
}

async fn applied_versions(connection: &mut SqliteConnection) -> sqlx::Result<Vec<i64>> {
    let begun = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?) AS "begun!: bool""#,
        TABLE
    )
    .fetch_one(&mut *connection)
    .await?;
    if !begun {
        return Ok(Vec::new());
    }
    match connection.list_applied_migrations(TABLE).await {
        Ok(applied) => Ok(applied.into_iter().map(|migration| migration.version).collect()),
        Err(sqlx::migrate::MigrateError::Execute(error)) => Err(error),
        Err(other) => Err(sqlx::Error::Migrate(Box::new(other))),
    }
}
