//! Accounts: by their keys and in pages here, by a search of its own.

mod search;

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    Account, AccountId, EmailAddress, PasswordHash, Provider, ProviderUserId, Role, SignInOutcome, Username,
};
use vestibule_ports::{
    AccountFilter, AccountSearch, Accounts, Found, Page, PageRequest, ReadAccounts, StoreError, UniqueKey, Window,
};

use self::hash_costs::DearHashes;
use crate::{
    pool::Lease,
    rows::{AccountRow, account_id, count, full_name, identities, integer, restore_all},
    store::PostgresStore,
    unit::PostgresUnit,
};

/// The most rows of a page.
const MAX_PAGE: u32 = 1000;

/// `SELECT` of whole rows, with what follows the name of the table.
macro_rules! select_accounts {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            AccountRow,
            "SELECT id, email, username, full_name, first_name, last_name, role, status, permissions, \
             mailbox_proven_at, epoch, password_hash, google_user_id, google_picture, facebook_user_id, \
             facebook_picture, apple_user_id, apple_picture, last_sign_in_at, failed_sign_ins, \
             last_failed_sign_in_at, created_at, updated_at FROM accounts " + $tail
            $(, $argument)*
        )
    };
}

mod hash_costs;

#[async_trait]
impl ReadAccounts for PostgresStore {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = |mut lease: Lease| async move {
            (select_accounts!("WHERE id = $1", id.uuid()).fetch_optional(&mut *lease).await, lease)
        };
        self.connections.alone(row).await?.map(Account::try_from).transpose()
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        let row = |mut lease: Lease| async move {
            (select_accounts!("WHERE email = $1", email.as_str()).fetch_optional(&mut *lease).await, lease)
        };
        self.connections.alone(row).await?.map(Account::try_from).transpose()
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        let row = |mut lease: Lease| async move {
            (select_accounts!("WHERE username = $1", username.as_str()).fetch_optional(&mut *lease).await, lease)
        };
        self.connections.alone(row).await?.map(Account::try_from).transpose()
    }

    async fn find_by_identity(
        &self,
        provider: Provider,
        user_id: &ProviderUserId,
    ) -> Result<Option<Account>, StoreError> {
        let id = user_id.as_str();
        let row = match provider {
            Provider::Google => {
                let row = |mut lease: Lease| async move {
                    (select_accounts!("WHERE google_user_id = $1", id).fetch_optional(&mut *lease).await, lease)
                };
                self.connections.alone(row).await?
            }
            Provider::Facebook => {
                let row = |mut lease: Lease| async move {
                    (select_accounts!("WHERE facebook_user_id = $1", id).fetch_optional(&mut *lease).await, lease)
                };
                self.connections.alone(row).await?
            }
            Provider::Apple => {
                let row = |mut lease: Lease| async move {
                    (select_accounts!("WHERE apple_user_id = $1", id).fetch_optional(&mut *lease).await, lease)
                };
                self.connections.alone(row).await?
            }
        };
        row.map(Account::try_from).transpose()
    }

    async fn search(&self, search: &AccountSearch, window: &Window) -> Result<Found, StoreError> {
        let (rows, total) = search::search(&self.connections, search, window).await?;
        Ok(Found { accounts: restore_all(rows)?, total })
    }

    async fn find_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Account>, StoreError> {
        let emails: Vec<&str> = emails.iter().map(EmailAddress::as_str).collect();
        let emails = emails.as_slice();
        let rows = |mut lease: Lease| async move {
            (select_accounts!("WHERE email = ANY($1)", emails as &[&str]).fetch_all(&mut *lease).await, lease)
        };
        restore_all(self.connections.alone(rows).await?)
    }

    async fn list(&self, filter: AccountFilter, page: PageRequest) -> Result<Page<Account>, StoreError> {
        // No account has the nil id, so this stands for the beginning and the index is used all the same.
        let after = page.after.map_or(Uuid::nil(), AccountId::uuid);
        let limit = page.limit.min(MAX_PAGE);
        let one_more = i64::from(limit) + 1;
        let mut rows = match (filter.hash_cost_above, filter.role.map(Role::as_str)) {
            (Some(above), _) => {
                let asked = DearHashes { above, role: filter.role };
                hash_costs::list(&self.connections, asked, after, one_more).await?
            }
            (None, None) => {
                let rows = |mut lease: Lease| async move {
                    (
                        select_accounts!("WHERE id > $1 ORDER BY id LIMIT $2", after, one_more)
                            .fetch_all(&mut *lease)
                            .await,
                        lease,
                    )
                };
                self.connections.alone(rows).await?
            }
            (None, Some(role)) => {
                // The same as `role = $1 AND id > $2 ORDER BY id`, in words that leave no choice but the index of both:
                // with the primary key alone, a page of the few roots would read every user.
                let rows = |mut lease: Lease| async move {
                    (
                        select_accounts!(
                            "WHERE role <= $1 AND (role, id) > ($1, $2) ORDER BY role, id LIMIT $3",
                            role,
                            after,
                            one_more
                        )
                        .fetch_all(&mut *lease)
                        .await,
                        lease,
                    )
                };
                self.connections.alone(rows).await?
            }
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Ok(Page { items: restore_all(rows)?, has_more })
    }

    async fn count(&self, filter: AccountFilter) -> Result<u64, StoreError> {
        let counted = match (filter.hash_cost_above, filter.role.map(Role::as_str)) {
            (Some(above), _) => hash_costs::count(&self.connections, DearHashes { above, role: filter.role }).await?,
            (None, None) => {
                let counted = |mut lease: Lease| async move {
                    (
                        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM accounts"#)
                            .fetch_one(&mut *lease)
                            .await,
                        lease,
                    )
                };
                self.connections.alone(counted).await?
            }
            (None, Some(role)) => {
                let counted = |mut lease: Lease| async move {
                    (
                        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM accounts WHERE role = $1"#, role)
                            .fetch_one(&mut *lease)
                            .await,
                        lease,
                    )
                };
                self.connections.alone(counted).await?
            }
        };
        Ok(count(counted))
    }
}

#[async_trait]
impl Accounts for PostgresUnit {
    async fn insert(&mut self, account: &Account) -> Result<(), StoreError> {
        // The row that was in the way may be gone when we ask which key it took: then the place is free, once more.
        for _ in 0..2 {
            if self.insert_unless_taken(account).await? {
                return Ok(());
            }
            if let Some(key) = self.taken_key(account).await? {
                return Err(StoreError::Conflict(key));
            }
        }
        Err(StoreError::Busy(None))
    }

    async fn find_for_update(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        // NO KEY: rows that refer to the account (codes, tokens, sources) may be added by others meanwhile.
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
        let record = account.record();
        let [google, facebook, apple] = identities(account);
        let statement = sqlx::query!(
            "UPDATE accounts SET email = $2, username = $3, full_name = $4, first_name = $5, last_name = $6, \
             role = $7, status = $8, permissions = $9, mailbox_proven_at = $10, epoch = $11, password_hash = $12, \
             google_user_id = $13, google_picture = $14, facebook_user_id = $15, facebook_picture = $16, \
             apple_user_id = $17, apple_picture = $18, last_sign_in_at = $19, failed_sign_ins = $20, \
             last_failed_sign_in_at = $21, created_at = $22, updated_at = $23 WHERE id = $1",
            record.id.uuid(),
            record.email.as_str(),
            record.username.as_ref().map(Username::as_str),
            full_name(&record.name),
            record.name.first(),
            record.name.last(),
            record.role.as_str(),
            record.status.as_str(),
            record.permissions.bits(),
            record.mailbox_proven_at,
            record.epoch.bytes().as_slice(),
            record.password.as_ref().map(PasswordHash::expose),
            google.user_id,
            google.picture,
            facebook.user_id,
            facebook.picture,
            apple.user_id,
            apple.picture,
            record.sign_ins.last_at,
            integer(record.sign_ins.failed),
            record.sign_ins.last_failed_at,
            record.created_at,
            record.updated_at,
        );
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
            "DELETE FROM accounts WHERE email = $1 AND status = 'pending' AND mailbox_proven_at IS NULL RETURNING id",
            email.as_str(),
        )
        .fetch_optional(&mut *self.transaction)
        .await;
        self.checked(outcome)?.map(account_id).transpose()
    }

    async fn release_username(&mut self, username: &Username) -> Result<bool, StoreError> {
        let statement = sqlx::query!(
            "UPDATE accounts SET username = NULL \
             WHERE username = $1 AND status = 'pending' AND mailbox_proven_at IS NULL",
            username.as_str(),
        );
        Ok(self.execute(statement).await? > 0)
    }

    async fn purge_provisional(&mut self, unchanged_since: OffsetDateTime) -> Result<u64, StoreError> {
        // What another unit holds is left for the next call.
        let statement = sqlx::query!(
            "DELETE FROM accounts WHERE id = ANY (ARRAY(SELECT id FROM accounts a \
             WHERE status = 'pending' AND mailbox_proven_at IS NULL AND last_sign_in_at IS NULL AND updated_at < $1 \
             AND NOT EXISTS (SELECT FROM codes WHERE account_id = a.id) \
             AND NOT EXISTS (SELECT FROM tokens WHERE account_id = a.id) \
             ORDER BY updated_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
            unchanged_since,
        );
        self.execute(statement).await
    }

    async fn lock_active_roots(&mut self) -> Result<Vec<AccountId>, StoreError> {
        // Who waits here for a row looks at it again when it gets it: one that is no longer an active root is left out.
        let outcome = sqlx::query_scalar!(
            "SELECT id FROM accounts WHERE role = 'root' AND status = 'active' ORDER BY id FOR NO KEY UPDATE"
        )
        .fetch_all(&mut *self.transaction)
        .await;
        let ids = self.checked(outcome)?;
        ids.into_iter().map(account_id).collect()
    }
}

impl PostgresUnit {
    /// Waits for a unit that adds the same key; false if a key is taken, and then nothing is broken.
    async fn insert_unless_taken(&mut self, account: &Account) -> Result<bool, StoreError> {
        let record = account.record();
        let [google, facebook, apple] = identities(account);
        let statement = sqlx::query!(
            "INSERT INTO accounts (id, email, username, full_name, first_name, last_name, role, status, permissions, \
             mailbox_proven_at, epoch, password_hash, google_user_id, google_picture, facebook_user_id, \
             facebook_picture, apple_user_id, apple_picture, last_sign_in_at, failed_sign_ins, \
             last_failed_sign_in_at, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23) ON CONFLICT DO NOTHING",
            record.id.uuid(),
            record.email.as_str(),
            record.username.as_ref().map(Username::as_str),
            full_name(&record.name),
            record.name.first(),
            record.name.last(),
            record.role.as_str(),
            record.status.as_str(),
            record.permissions.bits(),
            record.mailbox_proven_at,
            record.epoch.bytes().as_slice(),
            record.password.as_ref().map(PasswordHash::expose),
            google.user_id,
            google.picture,
            facebook.user_id,
            facebook.picture,
            apple.user_id,
            apple.picture,
            record.sign_ins.last_at,
            integer(record.sign_ins.failed),
            record.sign_ins.last_failed_at,
            record.created_at,
            record.updated_at,
        );
        Ok(self.execute(statement).await? > 0)
    }

    /// The first key of a new account that another row has.
    async fn taken_key(&mut self, account: &Account) -> Result<Option<UniqueKey>, StoreError> {
        let [google, facebook, apple] = identities(account).map(|identity| identity.user_id);
        let outcome = sqlx::query!(
            r#"SELECT EXISTS (SELECT FROM accounts WHERE id = $1) AS "id!",
                      EXISTS (SELECT FROM accounts WHERE email = $2) AS "email!",
                      EXISTS (SELECT FROM accounts WHERE username = $3) AS "username!",
                      EXISTS (SELECT FROM accounts WHERE google_user_id = $4) AS "google!",
                      EXISTS (SELECT FROM accounts WHERE facebook_user_id = $5) AS "facebook!",
                      EXISTS (SELECT FROM accounts WHERE apple_user_id = $6) AS "apple!""#,
            account.id().uuid(),
            account.email().as_str(),
            account.username().map(Username::as_str),
            google,
            facebook,
            apple,
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
