//! Accounts: by their keys and in pages here, by a search of its own.

mod search;

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, AccountId, EmailAddress, Provider, ProviderUserId, Role, SignInOutcome, Username};
use vestibule_ports::{
    AccountFilter, AccountSearch, Accounts, Found, Page, PageRequest, ReadAccounts, StoreError, UniqueKey, Window,
    stored::{StoredAccount, account_id, readable_all, readable_page},
};

use self::hash_costs::DearHashes;
use crate::{
    columns::{columns, insert, select, update},
    connections::alone,
    store::{PostgresStore, count},
    unit::PostgresUnit,
};

/// The most rows of a page.
const MAX_PAGE: u32 = 1000;

/// A row of `accounts`.
pub(crate) type AccountRow = StoredAccount<OffsetDateTime>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_accounts {
    ($tail:literal $(, $argument:expr)*) => {
        columns!(accounts select [AccountRow, "SELECT id", " FROM accounts " $tail $(, $argument)*])
    };
}

mod hash_costs;

#[async_trait]
impl ReadAccounts for PostgresStore {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = alone!(self.connections, fetch_optional, select_accounts!("WHERE id = $1", id.uuid()))?;
        row.map(Account::try_from).transpose()
    }

    async fn find_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let ids = ids.as_slice();
        let rows = alone!(self.connections, fetch_all, select_accounts!("WHERE id = ANY($1)", ids))?;
        Ok(readable_all(rows))
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        let row = alone!(self.connections, fetch_optional, select_accounts!("WHERE email = $1", email.as_str()))?;
        row.map(Account::try_from).transpose()
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        let row = alone!(self.connections, fetch_optional, select_accounts!("WHERE username = $1", username.as_str()))?;
        row.map(Account::try_from).transpose()
    }

    async fn find_by_identity(
        &self,
        provider: Provider,
        user_id: &ProviderUserId,
    ) -> Result<Option<Account>, StoreError> {
        let id = user_id.as_str();
        let row = match provider {
            Provider::Google => {
                alone!(self.connections, fetch_optional, select_accounts!("WHERE google_user_id = $1", id))?
            }
            Provider::Facebook => {
                alone!(self.connections, fetch_optional, select_accounts!("WHERE facebook_user_id = $1", id))?
            }
            Provider::Apple => {
                alone!(self.connections, fetch_optional, select_accounts!("WHERE apple_user_id = $1", id))?
            }
        };
        row.map(Account::try_from).transpose()
    }

    async fn search(&self, search: &AccountSearch, window: &Window) -> Result<Found, StoreError> {
        let (rows, total) = search::search(&self.connections, search, window).await?;
        Ok(Found { accounts: readable_all(rows), total })
    }

    async fn find_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Account>, StoreError> {
        let emails: Vec<&str> = emails.iter().map(EmailAddress::as_str).collect();
        let emails = emails.as_slice();
        let rows = alone!(self.connections, fetch_all, select_accounts!("WHERE email = ANY($1)", emails as &[&str]))?;
        Ok(readable_all(rows))
    }

    async fn list(&self, filter: AccountFilter, page: PageRequest) -> Result<Page<Account>, StoreError> {
        // No account has the nil id: it stands for the beginning and still lets the planner use the index.
        let mut after = page.after.map_or(Uuid::nil(), AccountId::uuid);
        let limit = page.limit.min(MAX_PAGE);
        let one_more = i64::from(limit) + 1;
        loop {
            let rows = match (filter.hash_cost_above, filter.role.map(Role::as_str)) {
                (Some(above), _) => {
                    let asked = DearHashes { above, role: filter.role };
                    hash_costs::list(&self.connections, asked, after, one_more).await?
                }
                (None, None) => alone!(
                    self.connections,
                    fetch_all,
                    select_accounts!("WHERE id > $1 ORDER BY id LIMIT $2", after, one_more)
                )?,
                (None, Some(role)) => {
                    // Equivalent to `role = $1 AND id > $2 ORDER BY id`, but written so that the planner must use the index
                    // (role, id): with the primary key alone, a page of the few roots would read every user.
                    alone!(
                        self.connections,
                        fetch_all,
                        select_accounts!(
                            "WHERE role <= $1 AND (role, id) > ($1, $2) ORDER BY role, id LIMIT $3",
                            role,
                            after,
                            one_more
                        )
                    )?
                }
            };
            if let Some(page) = readable_page(rows, limit, &mut after, |row: &AccountRow| row.id) {
                return Ok(page);
            }
        }
    }

    async fn list_doubtful_addresses(&self, page: PageRequest) -> Result<Page<Account>, StoreError> {
        let mut after = page.after.map_or(Uuid::nil(), AccountId::uuid);
        let limit = page.limit.min(MAX_PAGE);
        let one_more = i64::from(limit) + 1;
        loop {
            let rows = alone!(
                self.connections,
                fetch_all,
                select_accounts!(
                    r"WHERE id > $1
                        AND (email LIKE '%xn--%'
                             OR email !~ '^[!-?A-~]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]([a-z0-9-]*[a-z0-9])?$')
                      ORDER BY id LIMIT $2",
                    after,
                    one_more
                )
            )?;
            if let Some(page) = readable_page(rows, limit, &mut after, |row: &AccountRow| row.id) {
                return Ok(page);
            }
        }
    }

    async fn count(&self, filter: AccountFilter) -> Result<u64, StoreError> {
        let counted = match (filter.hash_cost_above, filter.role.map(Role::as_str)) {
            (Some(above), _) => hash_costs::count(&self.connections, DearHashes { above, role: filter.role }).await?,
            (None, None) => alone!(
                self.connections,
                fetch_one,
                sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM accounts"#)
            )?,
            (None, Some(role)) => alone!(
                self.connections,
                fetch_one,
                sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM accounts WHERE role = $1"#, role)
            )?,
        };
        Ok(count(counted))
    }
}

#[async_trait]
impl Accounts for PostgresUnit {
    async fn insert(&mut self, account: &Account) -> Result<(), StoreError> {
        let row = AccountRow::from(account);
        // The conflicting row may be gone when we ask which key it took: then the key is free, so insert again.
        for _ in 0..2 {
            if self.insert_unless_taken(&row).await? {
                return Ok(());
            }
            if let Some(key) = self.taken_key(&row).await? {
                return Err(StoreError::Conflict(key));
            }
        }
        Err(StoreError::Busy(None))
    }

    async fn find_for_update(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        // NO KEY, so that others can still add rows that refer to the account (codes, tokens, sources).
        let outcome =
            select_accounts!("WHERE id = $1 FOR NO KEY UPDATE", id.uuid()).fetch_optional(&mut *self.transaction).await;
        let row = self.checked(outcome)?;
        row.map(Account::try_from).transpose()
    }

    async fn find_by_email_for_update(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        let outcome = select_accounts!("WHERE email = $1 FOR NO KEY UPDATE", email.as_str())
            .fetch_optional(&mut *self.transaction)
            .await;
        let row = self.checked(outcome)?;
        row.map(Account::try_from).transpose()
    }

    async fn update(&mut self, account: &Account) -> Result<bool, StoreError> {
        let row = AccountRow::from(account);
        let statement = columns!(accounts update [row (id), "UPDATE accounts SET ", "WHERE id = $1"]);
        Ok(self.execute_or_undo(statement).await? > 0)
    }

    async fn note_sign_in(
        &mut self,
        id: AccountId,
        outcome: SignInOutcome,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let statement = match outcome {
            SignInOutcome::Succeeded => sqlx::query!(
                "UPDATE accounts SET last_sign_in_at = $2, failed_sign_ins = 0 WHERE id = $1",
                id.uuid(),
                now,
            ),
            SignInOutcome::Failed => sqlx::query!(
                "UPDATE accounts SET failed_sign_ins = failed_sign_ins + 1, last_failed_sign_in_at = $2 WHERE id = $1",
                id.uuid(),
                now,
            ),
        };
        self.execute(statement).await.map(drop)
    }

    async fn remove(&mut self, id: AccountId) -> Result<bool, StoreError> {
        let statement = sqlx::query!("DELETE FROM accounts WHERE id = $1", id.uuid());
        Ok(self.execute(statement).await? > 0)
    }

    async fn remove_provisional(&mut self, email: &EmailAddress) -> Result<Option<AccountId>, StoreError> {
        let outcome = sqlx::query_scalar!(
            "DELETE FROM accounts WHERE email = $1 AND status = 'pending' AND first_proven_at IS NULL RETURNING id",
            email.as_str(),
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        self.checked(outcome)?.map(account_id).transpose()
    }

    async fn release_username(&mut self, username: &Username) -> Result<bool, StoreError> {
        let statement = sqlx::query!(
            "UPDATE accounts SET username = NULL \
             WHERE username = $1 AND status = 'pending' AND first_proven_at IS NULL",
            username.as_str(),
        );
        Ok(self.execute(statement).await? > 0)
    }

    async fn purge_provisional(&mut self, unchanged_since: OffsetDateTime) -> Result<u64, StoreError> {
        // Rows that another unit has locked are left for the next call.
        let outcome = sqlx::query_scalar!(
            "SELECT id FROM accounts WHERE status = 'pending' AND first_proven_at IS NULL AND last_sign_in_at IS NULL \
             AND updated_at < $1 ORDER BY updated_at LIMIT 1000 FOR UPDATE SKIP LOCKED",
            unchanged_since,
        )
        .fetch_all(&mut *self.transaction)
        .await;
        let ids = self.checked(outcome)?;
        // Locked accounts get no more codes or tokens; one that was added just before is seen.
        let statement = sqlx::query!(
            "DELETE FROM accounts a WHERE id = ANY ($1) AND NOT EXISTS (SELECT FROM codes WHERE account_id = a.id) \
             AND NOT EXISTS (SELECT FROM tokens WHERE account_id = a.id)",
            &ids,
        );
        self.execute(statement).await
    }

    async fn lock_active_roots(&mut self) -> Result<Vec<AccountId>, StoreError> {
        // After waiting for a row, PostgreSQL checks it again: one that is no longer an active root is left out.
        let outcome = sqlx::query_scalar!(
            "SELECT id FROM accounts WHERE role = 'root' AND status = 'active' ORDER BY id FOR NO KEY UPDATE"
        )
        .fetch_all(&mut *self.transaction)
        .await;
        let ids = self.checked(outcome)?;
        // An account whose id is unreadable cannot sign in, so it is no root to rely on.
        Ok(ids.into_iter().filter_map(|id| account_id(id).ok()).collect())
    }
}

impl PostgresUnit {
    /// Waits for a unit that adds the same key; false if a key is taken, and the transaction is still usable.
    async fn insert_unless_taken(&mut self, row: &AccountRow) -> Result<bool, StoreError> {
        let statement = columns!(accounts insert [
            row (id), "INSERT INTO accounts (id", ") VALUES ($1", ") ON CONFLICT DO NOTHING"
        ]);
        Ok(self.execute(statement).await? > 0)
    }

    /// The first key of a new account that another row has.
    async fn taken_key(&mut self, row: &AccountRow) -> Result<Option<UniqueKey>, StoreError> {
        let outcome = sqlx::query!(
            r#"SELECT EXISTS (SELECT FROM accounts WHERE id = $1) AS "id!",
                      EXISTS (SELECT FROM accounts WHERE email = $2) AS "email!",
                      EXISTS (SELECT FROM accounts WHERE username = $3) AS "username!",
                      EXISTS (SELECT FROM accounts WHERE google_user_id = $4) AS "google!",
                      EXISTS (SELECT FROM accounts WHERE facebook_user_id = $5) AS "facebook!",
                      EXISTS (SELECT FROM accounts WHERE apple_user_id = $6) AS "apple!""#,
            row.id,
            row.email,
            row.username,
            row.google_user_id,
            row.facebook_user_id,
            row.apple_user_id,
        )
        .fetch_one(&mut *self.transaction)
        .await;
        let taken = self.checked(outcome)?;
        let keys = [
            (taken.id, UniqueKey::AccountId),
            (taken.email, UniqueKey::AccountEmail),
            (taken.username, UniqueKey::AccountUsername),
            (taken.google || taken.facebook || taken.apple, UniqueKey::AccountIdentity),
        ];
        Ok(keys.into_iter().find_map(|(taken, key)| taken.then_some(key)))
    }
}
