//! Dossiers in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use uuid::Uuid;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, dossier::Detail};
use vestibule_ports::{Dossiers, ReadDossiers, StoreError, UniqueKey};

use crate::{
    errors::translate,
    rows::{DossierRow, micros},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// All columns of the dossiers that the rest of the statement selects.
macro_rules! select_dossiers {
    ($tail:literal, $argument:expr) => {
        sqlx::query_as!(
            DossierRow,
            r#"SELECT account_id AS "account_id: Uuid", birth, profession, photo, phone, street, city, zip, area,
                country, id_kind, id_expires_at, id_document, review_status, reviewed_at, updated_at
            FROM dossiers "#
                + $tail,
            $argument
        )
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
        // As hexadecimal digits: JSON has no bytes.
        let accounts =
            accounts.iter().map(|id| id.uuid().simple().to_string()).collect::<serde_json::Value>().to_string();
        let mut reader = self.reader().await?;
        let rows = select_dossiers!("WHERE account_id IN (SELECT unhex(value) FROM json_each(?))", accounts)
            .fetch_all(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        rows.into_iter().map(Dossier::try_from).collect()
    }
}

#[async_trait]
impl Dossiers for SqliteUnit {
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        of_account(self.connection(), account).await.map_err(translate)?.map(Dossier::try_from).transpose()
    }

    /// Whether the telephone number is taken is part of the statement: no other unit writes before this one ends.
    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError> {
        let Dossier { account, person, contact, identification, review, updated_at } = dossier;
        let (account, address) = (account.uuid(), &contact.address);
        let phone = contact.phone.as_ref().map(PhoneNumber::as_str);
        let phone_key = contact.phone.as_ref().map(PhoneNumber::key);
        let [birth, id_expires_at, reviewed_at, updated_at] =
            [person.birth, identification.expires_at, review.decided_at, *updated_at].map(|at| at.map(micros));
        let [profession, photo, id_kind, id_document] =
            [&person.profession, &person.photo, &identification.kind, &identification.document]
                .map(|line| line.as_ref().map(Detail::as_str));
        let [street, city, zip, area, country] =
            [&address.street, &address.city, &address.zip, &address.area, &address.country]
                .map(|line| line.as_ref().map(Detail::as_str));
        let review_status = review.status.as_str();
        let replaced = sqlx::query!(
            "INSERT INTO dossiers (account_id, birth, profession, photo, phone, phone_key, street, city, zip, area,
                country, id_kind, id_expires_at, id_document, review_status, reviewed_at, updated_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17
            WHERE NOT EXISTS (SELECT 1 FROM dossiers WHERE phone_key = ?6 AND account_id <> ?1)
            ON CONFLICT (account_id) DO UPDATE
            SET birth = excluded.birth, profession = excluded.profession, photo = excluded.photo,
                phone = excluded.phone, phone_key = excluded.phone_key, street = excluded.street,
                city = excluded.city, zip = excluded.zip, area = excluded.area, country = excluded.country,
                id_kind = excluded.id_kind, id_expires_at = excluded.id_expires_at,
                id_document = excluded.id_document, review_status = excluded.review_status,
                reviewed_at = excluded.reviewed_at, updated_at = excluded.updated_at",
            account,
            birth,
            profession,
            photo,
            phone,
            phone_key,
            street,
            city,
            zip,
            area,
            country,
            id_kind,
            id_expires_at,
            id_document,
            review_status,
            reviewed_at,
            updated_at
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        if replaced.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict(UniqueKey::DossierPhone)) }
    }

    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError> {
        let key = phone.key();
        let released = sqlx::query!(
            "UPDATE dossiers SET phone = NULL, phone_key = NULL
            WHERE phone_key = ? AND EXISTS (
                SELECT 1 FROM accounts
                WHERE id = dossiers.account_id AND status = 'pending' AND mailbox_proven_at IS NULL
            )",
            key
        )
        .execute(self.connection())
        .await
        .map_err(translate)?;
        Ok(released.rows_affected() == 1)
    }
}
