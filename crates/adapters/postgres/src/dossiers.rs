//! Dossiers.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, dossier::Field};
use vestibule_ports::{
    Dossiers, ReadDossiers, StoreError,
    stored::{StoredDossier, account_id, restore_all},
};

use crate::{
    columns::{columns, select, upsert},
    pool::Lease,
    store::PostgresStore,
    unit::PostgresUnit,
};

/// A row of `dossiers`.
type DossierRow = StoredDossier<OffsetDateTime>;

/// `SELECT` of whole rows, with what follows the name of the table.
macro_rules! select_dossiers {
    ($tail:literal, $argument:expr) => {
        columns!(dossiers select [DossierRow, "SELECT account_id", " FROM dossiers " $tail, $argument])
    };
}

#[async_trait]
impl ReadDossiers for PostgresStore {
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        let row = |mut lease: Lease| async move {
            (select_dossiers!("WHERE account_id = $1", account.uuid()).fetch_optional(&mut *lease).await, lease)
        };
        self.connections.alone(row).await?.map(Dossier::try_from).transpose()
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let accounts = accounts.as_slice();
        let rows = |mut lease: Lease| async move {
            (select_dossiers!("WHERE account_id = ANY($1)", accounts).fetch_all(&mut *lease).await, lease)
        };
        restore_all(self.connections.alone(rows).await?)
    }
}

#[async_trait]
impl Dossiers for PostgresUnit {
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        let outcome =
            select_dossiers!("WHERE account_id = $1", account.uuid()).fetch_optional(&mut *self.transaction).await;
        let row = self.checked(outcome)?;
        row.map(Dossier::try_from).transpose()
    }

    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError> {
        let row = DossierRow::from(dossier);
        let statement = columns!(dossiers upsert [
            row (account_id), "INSERT INTO dossiers (account_id", ") VALUES ($1", ") ON CONFLICT (account_id)"
        ]);
        self.execute_or_undo(statement).await.map(drop)
    }

    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError> {
        // The account is locked before its dossier, as by those who change it.
        let outcome = sqlx::query_scalar!(
            "SELECT a.id FROM dossiers d JOIN accounts a ON a.id = d.account_id \
             WHERE d.phone_key = $1 AND a.status = 'pending' AND a.mailbox_proven_at IS NULL FOR UPDATE OF a",
            phone.key(),
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        let Some(owner) = self.checked(outcome)?.map(account_id).transpose()? else { return Ok(false) };
        let held = Dossiers::find(self, owner).await?;
        let Some(mut dossier) = held.filter(|dossier| dossier.holds(phone)) else { return Ok(false) };
        dossier.values.clear(Field::Phone);
        Dossiers::replace(self, &dossier).await.map(|()| true)
    }
}
