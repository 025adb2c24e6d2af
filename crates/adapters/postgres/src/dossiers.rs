//! Dossiers.

use async_trait::async_trait;
use uuid::Uuid;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, account::to_microseconds, dossier::Detail};
use vestibule_ports::{Dossiers, ReadDossiers, StoreError};

use crate::{
    pool::Lease,
    rows::{DossierRow, restore_all},
    store::PostgresStore,
    unit::PostgresUnit,
};

/// `SELECT` of whole rows, with what follows the name of the table.
macro_rules! select_dossiers {
    ($tail:literal, $argument:expr) => {
        sqlx::query_as!(
            DossierRow,
            "SELECT account_id, birth, profession, photo, phone, street, city, zip, area, country, id_kind, \
             id_expires_at, id_document, review_status, reviewed_at, updated_at FROM dossiers "
                + $tail,
            $argument
        )
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
        let Dossier { account, person, contact, identification, review, updated_at } = dossier;
        let (phone, address) = (contact.phone.as_ref(), &contact.address);
        // The driver cuts towards the year 2000: a date of birth, for one, is cut here.
        let statement = sqlx::query!(
            "INSERT INTO dossiers (account_id, birth, profession, photo, phone, phone_key, street, city, zip, area, \
             country, id_kind, id_expires_at, id_document, review_status, reviewed_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             ON CONFLICT (account_id) DO UPDATE SET birth = EXCLUDED.birth, profession = EXCLUDED.profession, \
             photo = EXCLUDED.photo, phone = EXCLUDED.phone, phone_key = EXCLUDED.phone_key, \
             street = EXCLUDED.street, city = EXCLUDED.city, zip = EXCLUDED.zip, area = EXCLUDED.area, \
             country = EXCLUDED.country, id_kind = EXCLUDED.id_kind, id_expires_at = EXCLUDED.id_expires_at, \
             id_document = EXCLUDED.id_document, review_status = EXCLUDED.review_status, \
             reviewed_at = EXCLUDED.reviewed_at, updated_at = EXCLUDED.updated_at",
            account.uuid(),
            person.birth.map(to_microseconds),
            person.profession.as_ref().map(Detail::as_str),
            person.photo.as_ref().map(Detail::as_str),
            phone.map(PhoneNumber::as_str),
            phone.map(PhoneNumber::key),
            address.street.as_ref().map(Detail::as_str),
            address.city.as_ref().map(Detail::as_str),
            address.zip.as_ref().map(Detail::as_str),
            address.area.as_ref().map(Detail::as_str),
            address.country.as_ref().map(Detail::as_str),
            identification.kind.as_ref().map(Detail::as_str),
            identification.expires_at.map(to_microseconds),
            identification.document.as_ref().map(Detail::as_str),
            review.status.as_str(),
            review.decided_at.map(to_microseconds),
            updated_at.map(to_microseconds),
        );
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
        let Some(owner) = self.checked(outcome)? else { return Ok(false) };
        let statement = sqlx::query!(
            "UPDATE dossiers SET phone = NULL, phone_key = NULL WHERE account_id = $1 AND phone_key = $2",
            owner,
            phone.key(),
        );
        Ok(self.execute(statement).await? > 0)
    }
}
