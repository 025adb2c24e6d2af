//! Dossiers in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, dossier::HoldBounds};
use vestibule_ports::{
    Dossiers, Page, QueueFilter, QueuePage, ReadDossiers, SealedDocumentKey, StoreError, UniqueKey,
    stored::{StoredDossier, micros, readable, readable_all, readable_page},
};

use crate::{
    columns::{as_json, columns, select, upsert},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// The most rows of a page.
const PAGE_LIMIT: u32 = 1000;

/// A row of `dossiers`.
type DossierRow = StoredDossier<i64>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_dossiers {
    ($($tail:literal)+ $(, $argument:expr)+) => {
        columns!(dossiers select [
            DossierRow, "SELECT account_id AS \"account_id: Uuid\"", " FROM dossiers " $($tail)+ $(, $argument)+
        ])
    };
}

/// A page of the queue: the condition (with its index where the planner picks another), the place after which it begins,
/// the most rows, and the condition's argument.
macro_rules! select_queue {
    ($condition:literal, $place:ident, $more:ident $(, $argument:expr)?) => {
        select_dossiers!(
            $condition " AND (submitted_at, account_id) > (?1, ?2) ORDER BY submitted_at, account_id LIMIT ?3",
            $place.0,
            $place.1,
            $more
            $(, $argument)?
        )
    };
}

/// The place of a submission in the queue.
fn place(row: &DossierRow) -> (i64, Uuid) {
    (row.submitted_at.unwrap_or(i64::MIN), row.account_id)
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
        Ok(readable_all(rows))
    }

    async fn queue(&self, filter: QueueFilter, page: QueuePage) -> Result<Page<Dossier>, StoreError> {
        let limit = page.limit.min(PAGE_LIMIT);
        let more = limit + 1;
        let mut place =
            page.after.map_or((i64::MIN, Uuid::nil()), |place| (micros(place.submitted_at), place.account.uuid()));
        let mut reader = self.reader().await?;
        loop {
            let connection = &mut *reader;
            let rows =
                match filter {
                    QueueFilter::Open => select_queue!(
                        "INDEXED BY dossiers_queue_idx WHERE review_state IN ('submitted', 'in-review', 'resubmitted')",
                        place,
                        more
                    )
                    .fetch_all(connection)
                    .await,
                    QueueFilter::Waiting => {
                        select_queue!(
                            "INDEXED BY dossiers_queue_idx \
                     WHERE review_state IN ('submitted', 'in-review', 'resubmitted') AND held_by IS NULL",
                            place,
                            more
                        )
                        .fetch_all(connection)
                        .await
                    }
                    QueueFilter::HeldBy(reviewer) => {
                        let reviewer = reviewer.uuid();
                        select_queue!("WHERE held_by = ?4", place, more, reviewer).fetch_all(connection).await
                    }
                    QueueFilter::In(state) => {
                        let state = state.as_str();
                        select_queue!("WHERE review_state = ?4", place, more, state).fetch_all(connection).await
                    }
                };
            let rows = rows.map_err(|error| reader.failed(error))?;
            if let Some(page) = readable_page(rows, limit, &mut place, self::place) {
                return Ok(page);
            }
        }
    }

    async fn document_key(&self, account: AccountId) -> Result<Option<SealedDocumentKey>, StoreError> {
        let account = account.uuid();
        let mut reader = self.reader().await?;
        let key = sqlx::query_scalar!("SELECT document_key FROM dossiers WHERE account_id = ?", account)
            .fetch_optional(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        Ok(key.flatten().map(SealedDocumentKey::from_stored))
    }
}

#[async_trait]
impl Dossiers for SqliteUnit {
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        of_account(self.connection(), account)
            .await
            .map_err(|error| self.failed(error))?
            .map(Dossier::try_from)
            .transpose()
    }

    /// The check for a taken telephone number is part of the statement: no other unit writes before this one ends.
    async fn replace(&mut self, dossier: &Dossier) -> Result<(), StoreError> {
        let row = DossierRow::from(dossier);
        let statement = columns!(dossiers upsert [
            row (account_id),
            "INSERT INTO dossiers (account_id",
            ") SELECT ?1",
            " WHERE NOT EXISTS (SELECT 1 FROM dossiers WHERE phone_key = ?3 AND account_id <> ?1)
            ON CONFLICT (account_id)"
        ]);
        let replaced = self.execute(statement).await?;
        if replaced == 1 { Ok(()) } else { Err(StoreError::Conflict(UniqueKey::DossierPhone)) }
    }

    async fn take_next(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<Dossier>, StoreError> {
        let (id, bounds) = (reviewer.uuid(), HoldBounds::new(now));
        let (over_by, latest) = (micros(bounds.over_by), micros(bounds.latest));
        let mut after = (i64::MIN, Uuid::nil());
        loop {
            let next = select_dossiers!(
                "INDEXED BY dossiers_queue_idx
                WHERE review_state IN ('submitted', 'in-review', 'resubmitted')
                    AND (held_until IS NULL OR held_until <= ?2 OR held_until > ?3)
                    AND account_id <> ?1 AND first_accepted_by IS NOT ?1
                    AND (submitted_at, account_id) > (?4, ?5)
                ORDER BY submitted_at, account_id LIMIT 1",
                id,
                over_by,
                latest,
                after.0,
                after.1
            );
            let row = next.fetch_optional(self.connection()).await.map_err(|error| self.failed(error))?;
            let Some(row) = row else { return Ok(None) };
            after = place(&row);
            if let Some(mut dossier) = readable::<_, Dossier>(row) {
                dossier.hold(reviewer, now, until).map_err(|error| StoreError::Failed(error.into()))?;
                Dossiers::replace(self, &dossier).await?;
                return Ok(Some(dossier));
            }
        }
    }

    async fn keep_document_key(
        &mut self,
        account: AccountId,
        key: &SealedDocumentKey,
        broken: Option<&SealedDocumentKey>,
    ) -> Result<Option<SealedDocumentKey>, StoreError> {
        let (account, key, broken) = (account.uuid(), key.as_bytes(), broken.map(SealedDocumentKey::as_bytes));
        let kept = sqlx::query_scalar!(
            "UPDATE dossiers SET document_key = coalesce(nullif(document_key, ?), ?) WHERE account_id = ? \
             RETURNING document_key",
            broken,
            key,
            account
        )
        .fetch_optional(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        Ok(kept.flatten().map(SealedDocumentKey::from_stored))
    }

    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError> {
        let key = phone.key();
        let held = select_dossiers!(
            "WHERE phone_key = ? AND EXISTS (
                SELECT 1 FROM accounts
                WHERE id = dossiers.account_id AND status = 'pending' AND first_proven_at IS NULL
            )",
            key
        )
        .fetch_optional(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        let Some(mut dossier) = held.map(Dossier::try_from).transpose()? else { return Ok(false) };
        dossier.give_up_phone();
        Dossiers::replace(self, &dossier).await.map(|()| true)
    }
}
