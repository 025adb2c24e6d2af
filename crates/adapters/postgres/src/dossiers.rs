//! Dossiers.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{AccountId, Dossier, PhoneNumber, dossier::HoldBounds};
use vestibule_ports::{
    Dossiers, Page, QueueFilter, QueuePage, ReadDossiers, SealedDocumentKey, StoreError,
    stored::{StoredDossier, account_id, readable, readable_all, readable_page},
};

use crate::{
    columns::{columns, select, upsert},
    connections::alone,
    store::PostgresStore,
    unit::PostgresUnit,
};

/// The most rows of a page.
const MAX_PAGE: u32 = 1000;

/// A row of `dossiers`.
type DossierRow = StoredDossier<OffsetDateTime>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_dossiers {
    ($($tail:literal)+ $(, $argument:expr)+) => {
        columns!(dossiers select [DossierRow, "SELECT account_id", " FROM dossiers " $($tail)+ $(, $argument)+])
    };
}

/// A page of the queue: the condition, the place after which it begins, the most rows, and the condition's argument.
macro_rules! select_queue {
    ($condition:literal, $place:ident, $more:ident $(, $argument:expr)?) => {
        select_dossiers!(
            "WHERE " $condition " AND (submitted_at, account_id) > (COALESCE($1, '-infinity'::timestamptz), \
             COALESCE($2, '00000000-0000-0000-0000-000000000000'::uuid)) ORDER BY submitted_at, account_id LIMIT $3",
            $place.0,
            $place.1,
            $more
            $(, $argument)?
        )
    };
}

/// The oldest submission after a place that a reviewer may take; the first argument says how its row is locked, if at all.
macro_rules! select_next {
    ($lock:literal, $reviewer:ident, $bounds:ident, $after:ident) => {
        select_dossiers!(
            "WHERE review_state IN ('submitted', 'in-review', 'resubmitted') \
             AND (held_until IS NULL OR held_until <= $2 OR held_until > $3) \
             AND account_id <> $1 AND first_accepted_by IS DISTINCT FROM $1 \
             AND (submitted_at, account_id) > (COALESCE($4, '-infinity'::timestamptz), \
             COALESCE($5, '00000000-0000-0000-0000-000000000000'::uuid)) \
             ORDER BY submitted_at, account_id LIMIT 1 " $lock,
            $reviewer,
            $bounds.over_by,
            $bounds.latest,
            $after.0,
            $after.1
        )
    };
}

/// The place of a submission in the queue.
type Place = (Option<OffsetDateTime>, Option<Uuid>);

fn place(row: &DossierRow) -> Place {
    (row.submitted_at, Some(row.account_id))
}

#[async_trait]
impl ReadDossiers for PostgresStore {
    async fn find(&self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        let row = alone!(self.connections, fetch_optional, select_dossiers!("WHERE account_id = $1", account.uuid()))?;
        row.map(Dossier::try_from).transpose()
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Dossier>, StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let accounts = accounts.as_slice();
        let rows = alone!(self.connections, fetch_all, select_dossiers!("WHERE account_id = ANY($1)", accounts))?;
        Ok(readable_all(rows))
    }

    async fn queue(&self, filter: QueueFilter, page: QueuePage) -> Result<Page<Dossier>, StoreError> {
        let limit = page.limit.min(MAX_PAGE);
        let (more, place) = (i64::from(limit) + 1, page.after);
        let mut place = (place.map(|place| place.submitted_at), place.map(|place| place.account.uuid()));
        loop {
            let rows = match filter {
                QueueFilter::Open => {
                    alone!(
                        self.connections,
                        fetch_all,
                        select_queue!("review_state IN ('submitted', 'in-review', 'resubmitted')", place, more)
                    )
                }
                QueueFilter::Waiting => {
                    alone!(
                        self.connections,
                        fetch_all,
                        select_queue!(
                            "review_state IN ('submitted', 'in-review', 'resubmitted') AND held_by IS NULL",
                            place,
                            more
                        )
                    )
                }
                QueueFilter::HeldBy(reviewer) => {
                    alone!(self.connections, fetch_all, select_queue!("held_by = $4", place, more, reviewer.uuid()))
                }
                QueueFilter::In(state) => {
                    alone!(self.connections, fetch_all, select_queue!("review_state = $4", place, more, state.as_str()))
                }
            }?;
            if let Some(page) = readable_page(rows, limit, &mut place, self::place) {
                return Ok(page);
            }
        }
    }

    async fn document_key(&self, account: AccountId) -> Result<Option<SealedDocumentKey>, StoreError> {
        let key = alone!(
            self.connections,
            fetch_optional,
            sqlx::query_scalar!("SELECT document_key FROM dossiers WHERE account_id = $1", account.uuid())
        )?;
        Ok(key.flatten().map(SealedDocumentKey::from_stored))
    }
}

#[async_trait]
impl Dossiers for PostgresUnit {
    async fn find(&mut self, account: AccountId) -> Result<Option<Dossier>, StoreError> {
        let outcome = select_dossiers!("WHERE account_id = $1 FOR UPDATE", account.uuid())
            .fetch_optional(&mut *self.transaction)
            .await;
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

    async fn take_next(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<Dossier>, StoreError> {
        let bounds = HoldBounds::new(now);
        self.control("SAVEPOINT before_take").await?;
        loop {
            // Rows that another unit is changing are skipped.
            if let Some(mut dossier) = self.next(reviewer, &bounds, Beside::SkipLocked).await? {
                dossier.hold(reviewer, now, until).map_err(|error| StoreError::Failed(error.into()))?;
                Dossiers::replace(self, &dossier).await?;
                return Ok(Some(dossier));
            }
            // If there is nothing else, wait for such a row: its unit, or one that was dropped and is still rolling back,
            // may leave it to us. A waiting unit holds no other locks, not even on rows that turned out to be taken:
            // otherwise two units could deadlock.
            let Some(oldest) = self.next(reviewer, &bounds, Beside::Look).await? else { return Ok(None) };
            self.control("ROLLBACK TO SAVEPOINT before_take").await?;
            let is_free = |dossier: &Dossier| !dossier.review.record().hold.is_some_and(|hold| bounds.protect(&hold));
            let waited_for = Dossiers::find(self, oldest.account).await?;
            if let Some(mut dossier) = waited_for.filter(is_free)
                && dossier.hold(reviewer, now, until).is_ok()
            {
                Dossiers::replace(self, &dossier).await?;
                return Ok(Some(dossier));
            }
            self.control("ROLLBACK TO SAVEPOINT before_take").await?;
        }
    }

    async fn keep_document_key(
        &mut self,
        account: AccountId,
        key: &SealedDocumentKey,
        broken: Option<&SealedDocumentKey>,
    ) -> Result<Option<SealedDocumentKey>, StoreError> {
        let outcome = sqlx::query_scalar!(
            "UPDATE dossiers SET document_key = coalesce(nullif(document_key, $3), $2) WHERE account_id = $1 \
             RETURNING document_key",
            account.uuid(),
            key.as_bytes(),
            broken.map(SealedDocumentKey::as_bytes),
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        Ok(self.checked(outcome)?.flatten().map(SealedDocumentKey::from_stored))
    }

    async fn release_phone(&mut self, phone: &PhoneNumber) -> Result<bool, StoreError> {
        // The account is locked before its dossier, as in units that change it.
        let outcome = sqlx::query_scalar!(
            "SELECT a.id FROM dossiers d JOIN accounts a ON a.id = d.account_id \
             WHERE d.phone_key = $1 AND a.status = 'pending' AND a.first_proven_at IS NULL FOR UPDATE OF a",
            phone.key(),
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        let Some(owner) = self.checked(outcome)?.map(account_id).transpose()? else { return Ok(false) };
        let held = Dossiers::find(self, owner).await?;
        let Some(mut dossier) = held.filter(|dossier| dossier.holds(phone)) else { return Ok(false) };
        dossier.give_up_phone();
        Dossiers::replace(self, &dossier).await.map(|()| true)
    }
}

/// How the next submission is read while other units change some.
#[derive(Clone, Copy)]
enum Beside {
    /// Locked; rows locked by another unit are skipped.
    SkipLocked,
    /// Without a lock.
    Look,
}

impl PostgresUnit {
    /// The oldest readable submission that a reviewer may take. Unreadable ones do not stay locked.
    async fn next(
        &mut self,
        reviewer: AccountId,
        bounds: &HoldBounds,
        beside: Beside,
    ) -> Result<Option<Dossier>, StoreError> {
        let (reviewer, mut after): (_, Place) = (reviewer.uuid(), (None, None));
        loop {
            let connection = &mut *self.transaction;
            let outcome = match beside {
                Beside::SkipLocked => {
                    select_next!("FOR UPDATE SKIP LOCKED", reviewer, bounds, after).fetch_optional(connection).await
                }
                Beside::Look => select_next!("", reviewer, bounds, after).fetch_optional(connection).await,
            };
            let Some(row) = self.checked(outcome)? else { return Ok(None) };
            after = place(&row);
            if let Some(dossier) = readable(row) {
                return Ok(Some(dossier));
            }
            self.control("ROLLBACK TO SAVEPOINT before_take").await?;
        }
    }
}
