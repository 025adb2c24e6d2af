//! Dossiers in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use uuid::Uuid;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, dossier::Field};
use vestibule_ports::{
    Dossiers, ReadDossiers, StoreError, UniqueKey,
    stored::{StoredDossier, restore_all},
};

use crate::{
    columns::{as_json, columns, select, upsert},
    errors::translate,
    store::SqliteStore,
    unit::SqliteUnit,
};

/// A row of `dossiers`.
type DossierRow = StoredDossier<i64>;

/// `SELECT` of whole rows, with what follows the name of the table.
macro_rules! select_dossiers {
    ($tail:literal, $argument:expr) => {
        columns!(dossiers select [
            DossierRow, "SELECT account_id AS \"account_id: Uuid\"", " FROM dossiers " $tail, $argument
        ])
    };
}

async fn of_account(connection: &mut SqliteConnection, account: AccountId) -> sqlx::Result<Option<DossierRow>> {
    let account = account.uuid();
    select_dossiers!("WHERE account_id = ?", account).fetch_optional(connection).await
}

#[async_trait]
impl ReadDossiers for SqliteStore {
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        let mut reader = self.reader().await?;
        let row = of_account(&mut reader, account).await.map_err(|error| reader.failed(error))?;
        row.map(Dossier::try_from).transpose()
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError> {
        let accounts = as_json(accounts.iter().map(|id| id.uuid()));
        let mut reader = self.reader().await?;
        let rows = select_dossiers!("WHERE account_id IN (SELECT unhex(value) FROM json_each(?))", accounts)
            .fetch_all(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        restore_all(rows)
    }
}

#[async_trait]
impl Dossiers for SqliteUnit {
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        of_account(self.connection(), account).await.map_err(translate)?.map(Dossier::try_from).transpose()
    }

    /// Whether the telephone number is taken is part of the statement: no other unit writes before this one ends.
    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError> {
        let row = DossierRow::from(dossier);
        let statement = columns!(dossiers upsert [
            row (account_id),
            "INSERT INTO dossiers (account_id",
            ") SELECT ?1",
            " WHERE NOT EXISTS (SELECT 1 FROM dossiers WHERE phone_key = ?3 AND account_id <> ?1)
            ON CONFLICT (account_id)"
        ]);
        let replaced = statement.execute(self.connection()).await.map_err(translate)?;
        if replaced.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict(UniqueKey::DossierPhone)) }
    }

    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError> {
        let key = phone.key();
        let held = select_dossiers!(
            "WHERE phone_key = ? AND EXISTS (
                SELECT 1 FROM accounts
                WHERE id = dossiers.account_id AND status = 'pending' AND mailbox_proven_at IS NULL
            )",
            key
        )
        .fetch_optional(self.connection())
        .await
        .map_err(translate)?;
        let Some(mut dossier) = held.map(Dossier::try_from).transpose()? else { return Ok(false) };
        dossier.values.clear(Field::Phone);
        Dossiers::replace(self, &dossier).await.map(|()| true)
    }
}
