//! Accounts in SQLite: by their keys and in pages here, by a search of its own.

mod search;

use async_trait::async_trait;
use sqlx::SqliteConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{Account, AccountId, EmailAddress, Provider, ProviderUserId, Role, SignInOutcome, Username};
use vestibule_ports::{
    AccountFilter, AccountSearch, Accounts, Found, Page, PageRequest, ReadAccounts, StoreError, UniqueKey, Window,
    stored::{StoredAccount, account_id, micros, readable_all, readable_page},
};

use self::hash_costs::DearHashes;
use crate::{
    columns::{as_json, columns, insert, select, update},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// The most rows of a page.
const PAGE_LIMIT: u32 = 1000;

/// A row of `accounts`.
pub(crate) type AccountRow = StoredAccount<i64>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_accounts {
    ($tail:literal $(, $argument:expr)*) => {
        columns!(accounts select [AccountRow, "SELECT id AS \"id: Uuid\"", " FROM accounts " $tail $(, $argument)*])
    };
}

mod hash_costs;

async fn by_id(connection: &mut SqliteConnection, id: AccountId) -> sqlx::Result<Option<AccountRow>> {
    let id = id.uuid();
    select_accounts!("WHERE id = ?", id).fetch_optional(connection).await
}

async fn by_email(connection: &mut SqliteConnection, email: &EmailAddress) -> sqlx::Result<Option<AccountRow>> {
    let email = email.as_str();
    select_accounts!("WHERE email = ?", email).fetch_optional(connection).await
}

#[async_trait]
impl ReadAccounts for SqliteStore {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let mut reader = self.reader().await?;
        let row = by_id(&mut reader, id).await.map_err(|error| reader.failed(error))?;
        row.map(Account::try_from).transpose()
    }

    async fn find_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        let ids = as_json(ids.iter().map(|id| id.uuid()));
        let mut reader = self.reader().await?;
        let rows = select_accounts!("WHERE id IN (SELECT unhex(value) FROM json_each(?))", ids)
            .fetch_all(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        let mut reader = self.reader().await?;
        let row = by_email(&mut reader, email).await.map_err(|error| reader.failed(error))?;
        row.map(Account::try_from).transpose()
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        let username = username.as_str();
        let mut reader = self.reader().await?;
        let row = select_accounts!("WHERE username = ?", username)
            .fetch_optional(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        row.map(Account::try_from).transpose()
    }

    async fn find_by_identity(
        &self,
        provider: Provider,
        user_id: &ProviderUserId,
    ) -> Result<Option<Account>, StoreError> {
        let user_id = user_id.as_str();
        let mut reader = self.reader().await?;
        let connection = &mut *reader;
        let row = match provider {
            Provider::Google => select_accounts!("WHERE google_user_id = ?", user_id).fetch_optional(connection).await,
            Provider::Facebook => {
                select_accounts!("WHERE facebook_user_id = ?", user_id).fetch_optional(connection).await
            }
            Provider::Apple => select_accounts!("WHERE apple_user_id = ?", user_id).fetch_optional(connection).await,
        };
        row.map_err(|error| reader.failed(error))?.map(Account::try_from).transpose()
    }

    async fn search(&self, search: &AccountSearch, window: &Window) -> Result<Found, StoreError> {
        let mut reader = self.reader().await?;
        let (rows, total) = search::search(&mut reader, search, window).await.map_err(|error| reader.failed(error))?;
        Ok(Found { accounts: readable_all(rows), total })
    }

    async fn find_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Account>, StoreError> {
        let emails = emails.iter().map(EmailAddress::as_str).collect::<serde_json::Value>().to_string();
        let mut reader = self.reader().await?;
        let rows = select_accounts!("WHERE email IN (SELECT value FROM json_each(?))", emails)
            .fetch_all(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }

    async fn list(&self, filter: AccountFilter, page: PageRequest) -> Result<Page<Account>, StoreError> {
        let limit = page.limit.min(PAGE_LIMIT);
        // One row more than requested shows whether there are more; no id sorts before the empty blob.
        let fetched = i64::from(limit) + 1;
        let mut after = page.after.map(|id| id.uuid().into_bytes().to_vec()).unwrap_or_default();
        let mut reader = self.reader().await?;
        loop {
            let rows = match (filter.hash_cost_above, filter.role.map(Role::as_str)) {
                (Some(above), _) => {
                    hash_costs::list(&mut reader, DearHashes { above, role: filter.role }, after.clone(), fetched).await
                }
                (None, Some(role)) => {
                    select_accounts!("WHERE role = ? AND id > ? ORDER BY id LIMIT ?", role, after, fetched)
                        .fetch_all(&mut *reader)
                        .await
                }
                (None, None) => {
                    select_accounts!("WHERE id > ? ORDER BY id LIMIT ?", after, fetched).fetch_all(&mut *reader).await
                }
            };
            let rows = rows.map_err(|error| reader.failed(error))?;
            let key = |row: &AccountRow| row.id.into_bytes().to_vec();
            if let Some(page) = readable_page(rows, limit, &mut after, key) {
                return Ok(page);
            }
        }
    }

    async fn list_doubtful_addresses(&self, page: PageRequest) -> Result<Page<Account>, StoreError> {
        let limit = page.limit.min(PAGE_LIMIT);
        let fetched = i64::from(limit) + 1;
        let mut after = page.after.map(|id| id.uuid().into_bytes().to_vec()).unwrap_or_default();
        loop {
            let mut reader = self.reader().await?;
            let behind = after.clone();
            let rows = select_accounts!(
                "WHERE id > ?
                   AND (email GLOB '*[^!-~]*' OR email GLOB '*xn--*' OR email GLOB '*@*[^a-z0-9.-]*' OR email GLOB '*@-*'
                        OR email GLOB '*@*.[^a-z]*' OR email GLOB '*@*-.*' OR email GLOB '*-')
                 ORDER BY id LIMIT ?",
                behind,
                fetched
            )
            .fetch_all(&mut *reader)
            .await;
            let rows = rows.map_err(|error| reader.failed(error))?;
            let key = |row: &AccountRow| row.id.into_bytes().to_vec();
            if let Some(page) = readable_page(rows, limit, &mut after, key) {
                return Ok(page);
            }
        }
    }

    async fn count(&self, filter: AccountFilter) -> Result<u64, StoreError> {
        let mut reader = self.reader().await?;
        let count = match (filter.hash_cost_above, filter.role.map(Role::as_str)) {
            (Some(above), _) => hash_costs::count(&mut reader, DearHashes { above, role: filter.role }).await,
            (None, Some(role)) => {
                sqlx::query_scalar!(
                    r#"SELECT coalesce(sum(accounts), 0) AS "count!: u64" FROM account_tally WHERE role = ?"#,
                    role
                )
                .fetch_one(&mut *reader)
                .await
            }
            (None, None) => {
                sqlx::query_scalar!(r#"SELECT coalesce(sum(accounts), 0) AS "count!: u64" FROM account_tally"#)
                    .fetch_one(&mut *reader)
                    .await
            }
        };
        count.map_err(|error| reader.failed(error))
    }
}

impl SqliteUnit {
    /// The first key of this account that another account has. An account that is not yet stored is checked for its id too.
    async fn taken_key(&mut self, row: &AccountRow, stored: bool) -> Result<Option<UniqueKey>, StoreError> {
        let taken = sqlx::query!(
            r#"SELECT
                EXISTS (SELECT 1 FROM accounts WHERE id = ?1) AS "id!: bool",
                EXISTS (SELECT 1 FROM accounts WHERE email = ?2 AND id <> ?1) AS "email!: bool",
                EXISTS (SELECT 1 FROM accounts WHERE username = ?3 AND id <> ?1) AS "username!: bool",
                EXISTS (SELECT 1 FROM accounts WHERE google_user_id = ?4 AND id <> ?1) AS "google!: bool",
                EXISTS (SELECT 1 FROM accounts WHERE facebook_user_id = ?5 AND id <> ?1) AS "facebook!: bool",
                EXISTS (SELECT 1 FROM accounts WHERE apple_user_id = ?6 AND id <> ?1) AS "apple!: bool""#,
            row.id,
            row.email,
            row.username,
            row.google_user_id,
            row.facebook_user_id,
            row.apple_user_id
        )
        .fetch_one(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        let keys = [
            (taken.id && !stored, UniqueKey::AccountId),
            (taken.email, UniqueKey::AccountEmail),
            (taken.username, UniqueKey::AccountUsername),
            (taken.google || taken.facebook || taken.apple, UniqueKey::AccountIdentity),
        ];
        Ok(keys.into_iter().find_map(|(taken, key)| taken.then_some(key)))
    }
}

/// Writers are serialised by `BEGIN IMMEDIATE`: what a statement of the unit has read stays true until the unit ends, and
/// rows need no locks. Unique keys are checked first, because SQLite reports a violation only as text.
#[async_trait]
impl Accounts for SqliteUnit {
    async fn insert(&mut self, account: &Account) -> Result<(), StoreError> {
        let row = AccountRow::from(account);
        let statement = columns!(accounts insert [
            row (id), "INSERT INTO accounts (id", ") VALUES (?1", ") ON CONFLICT DO NOTHING"
        ]);
        let inserted = self.execute(statement).await?;
        if inserted == 1 {
            return Ok(());
        }
        let key = self.taken_key(&row, false).await?;
        Err(key.map_or_else(|| StoreError::Failed("an insert met no key and left no row".into()), StoreError::Conflict))
    }

    async fn find_for_update(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        by_id(self.connection(), id).await.map_err(|error| self.failed(error))?.map(Account::try_from).transpose()
    }

    async fn find_by_email_for_update(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        by_email(self.connection(), email).await.map_err(|error| self.failed(error))?.map(Account::try_from).transpose()
    }

    async fn update(&mut self, account: &Account) -> Result<bool, StoreError> {
        let row = AccountRow::from(account);
        let statement = columns!(accounts update [
            row (id),
            "UPDATE accounts SET ",
            "WHERE id = ?1
                AND NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.email = ?2 AND other.id <> ?1)
                AND NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.username = ?3 AND other.id <> ?1)
                AND NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.google_user_id = ?14 AND other.id <> ?1)
                AND NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.facebook_user_id = ?16 AND other.id <> ?1)
                AND NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.apple_user_id = ?18 AND other.id <> ?1)"
        ]);
        let updated = self.execute(statement).await?;
        if updated == 1 {
            return Ok(true);
        }
        if by_id(self.connection(), account.id()).await.map_err(|error| self.failed(error))?.is_none() {
            return Ok(false);
        }
        let key = self.taken_key(&row, true).await?;
        Err(key.map_or_else(|| StoreError::Failed("an update met no key and no row".into()), StoreError::Conflict))
    }

    async fn note_sign_in(
        &mut self,
        id: AccountId,
        outcome: SignInOutcome,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (id, now) = (id.uuid(), micros(now));
        let statement = match outcome {
            SignInOutcome::Succeeded => {
                sqlx::query!("UPDATE accounts SET last_sign_in_at = ?, failed_sign_ins = 0 WHERE id = ?", now, id)
            }
            SignInOutcome::Failed => sqlx::query!(
                "UPDATE accounts SET failed_sign_ins = failed_sign_ins + 1, last_failed_sign_in_at = ? WHERE id = ?",
                now,
                id
            ),
        };
        self.execute(statement).await.map(drop)
    }

    async fn remove(&mut self, id: AccountId) -> Result<bool, StoreError> {
        let id = id.uuid();
        let statement = sqlx::query!("DELETE FROM accounts WHERE id = ?", id);
        Ok(self.execute(statement).await? == 1)
    }

    async fn remove_provisional(&mut self, email: &EmailAddress) -> Result<Option<AccountId>, StoreError> {
        let email = email.as_str();
        let removed = sqlx::query_scalar!(
            r#"DELETE FROM accounts WHERE email = ? AND status = 'pending' AND first_proven_at IS NULL
            RETURNING id AS "id: Uuid""#,
            email
        )
        .fetch_optional(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        removed.map(account_id).transpose()
    }

    async fn release_username(&mut self, username: &Username) -> Result<bool, StoreError> {
        let username = username.as_str();
        let statement = sqlx::query!(
            "UPDATE accounts SET username = NULL
            WHERE username = ? AND status = 'pending' AND first_proven_at IS NULL",
            username
        );
        Ok(self.execute(statement).await? == 1)
    }

    async fn purge_provisional(&mut self, unchanged_since: OffsetDateTime) -> Result<u64, StoreError> {
        let unchanged_since = micros(unchanged_since);
        let statement = sqlx::query!(
            "DELETE FROM accounts WHERE id IN (
                SELECT id FROM accounts INDEXED BY accounts_provisional_idx
                WHERE status = 'pending' AND first_proven_at IS NULL AND last_sign_in_at IS NULL AND updated_at < ?
                AND NOT EXISTS (SELECT 1 FROM codes WHERE account_id = accounts.id)
                AND NOT EXISTS (SELECT 1 FROM tokens WHERE account_id = accounts.id)
                ORDER BY updated_at LIMIT 1000
            )",
            unchanged_since
        );
        self.execute(statement).await
    }

    async fn lock_active_roots(&mut self) -> Result<Vec<AccountId>, StoreError> {
        let ids = sqlx::query_scalar!(
            r#"SELECT id AS "id: Uuid" FROM accounts WHERE role = 'root' AND status = 'active' ORDER BY id"#
        )
        .fetch_all(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        // An account whose id is unreadable cannot sign in, so it is no root to rely on.
        Ok(ids.into_iter().filter_map(|id| account_id(id).ok()).collect())
    }
}
