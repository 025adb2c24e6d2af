//! Accounts, found by id, address, user name and identity here; searches are in their own file.

mod search;

use std::{collections::BTreeSet, ops::Bound, sync::Arc};

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync, RedBlackTreeSetSync};
use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, AccountRecord, EmailAddress, PasswordHash, Provider, ProviderUserId, Role, SignInOutcome,
    SignIns, Username, account::to_microseconds,
};
use vestibule_ports::{
    AccountFilter, AccountSearch, Accounts, Found, MAX_HASH_COST, Page, PageRequest, ReadAccounts, StoreError,
    UniqueKey, Window, hash_cost_digits, stored::StoredAccount,
};

use crate::{
    MemoryStore,
    state::{PURGE_LIMIT, rows},
    store::MemoryUnit,
};

/// The most rows of a page.
const PAGE_LIMIT: u32 = 1000;

/// The accounts, and an index for each way to find them.
#[derive(Clone, Default)]
pub(crate) struct AccountTable {
    by_id: RedBlackTreeMapSync<AccountId, Arc<Account>>,
    by_email: HashTrieMapSync<EmailAddress, AccountId>,
    by_username: HashTrieMapSync<Username, AccountId>,
    by_identity: HashTrieMapSync<(Provider, ProviderUserId), AccountId>,
    roots: RedBlackTreeSetSync<AccountId>,
}

impl AccountTable {
    fn page(&self, page: PageRequest, is_wanted: impl Fn(&Account) -> bool) -> Page<Account> {
        let limit = usize::try_from(page.limit.min(PAGE_LIMIT)).unwrap_or(usize::MAX);
        let after = page.after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = self.by_id.range((after, Bound::Unbounded)).map(|(_, account)| account);
        let mut rest = rest.filter(|account| is_wanted(account));
        let items = rest.by_ref().take(limit).map(|account| Account::clone(account)).collect();
        Page { items, has_more: rest.next().is_some() }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredAccount<i64>> {
        self.by_id.values().map(|account| account.as_ref().into())
    }

    pub(crate) fn contains(&self, id: AccountId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(crate) fn of_id(&self, id: AccountId) -> Option<Account> {
        self.by_id.get(&id).map(|account| Account::clone(account))
    }

    fn of_email(&self, email: &EmailAddress) -> Option<Account> {
        self.by_email.get(email).and_then(|id| self.of_id(*id))
    }

    /// The first unique key of an account that another one has.
    fn taken(&self, account: &Account) -> Option<UniqueKey> {
        let is_other = |id: &AccountId| *id != account.id();
        if self.by_email.get(account.email()).is_some_and(is_other) {
            Some(UniqueKey::AccountEmail)
        } else if account.username().and_then(|name| self.by_username.get(name)).is_some_and(is_other) {
            Some(UniqueKey::AccountUsername)
        } else if identity_keys(account).any(|key| self.by_identity.get(&key).is_some_and(is_other)) {
            Some(UniqueKey::AccountIdentity)
        } else {
            None
        }
    }

    fn put(&mut self, account: &Account) {
        let id = account.id();
        self.by_email.insert_mut(account.email().clone(), id);
        if let Some(username) = account.username() {
            self.by_username.insert_mut(username.clone(), id);
        }
        for key in identity_keys(account) {
            self.by_identity.insert_mut(key, id);
        }
        if account.role() == Role::Root {
            self.roots.insert_mut(id);
        }
        self.by_id.insert_mut(id, Arc::new(in_microseconds(account)));
    }

    fn take(&mut self, id: AccountId) -> bool {
        let Some(account) = self.by_id.get(&id).cloned() else {
            return false;
        };
        self.by_id.remove_mut(&id);
        self.by_email.remove_mut(account.email());
        if let Some(username) = account.username() {
            self.by_username.remove_mut(username);
        }
        for key in identity_keys(&account) {
            self.by_identity.remove_mut(&key);
        }
        self.roots.remove_mut(&id);
        true
    }
}

fn identity_keys(account: &Account) -> impl Iterator<Item = (Provider, ProviderUserId)> {
    account.identities().iter().map(|identity| (identity.provider, identity.user_id.clone()))
}

fn in_microseconds(account: &Account) -> Account {
    let record = account.record().clone();
    Account::restore(AccountRecord {
        mailbox_proven_at: record.mailbox_proven_at.map(to_microseconds),
        first_proven_at: record.first_proven_at.map(to_microseconds),
        sign_ins: SignIns {
            last_at: record.sign_ins.last_at.map(to_microseconds),
            failed: record.sign_ins.failed,
            last_failed_at: record.sign_ins.last_failed_at.map(to_microseconds),
        },
        created_at: to_microseconds(record.created_at),
        updated_at: to_microseconds(record.updated_at),
        ..record
    })
}

fn matches(filter: AccountFilter, account: &Account) -> bool {
    filter.role.is_none_or(|role| role == account.role())
        && filter.hash_cost_above.is_none_or(|above| has_hash_above(above, account))
}

fn has_hash_above(cost: u8, account: &Account) -> bool {
    let hash = account.record().password.as_ref().map(PasswordHash::expose);
    let (above, highest) = (hash_cost_digits(cost), hash_cost_digits(MAX_HASH_COST));
    hash.and_then(|hash| hash.get(4..6)).is_some_and(|digits| digits > above.as_str() && digits <= highest.as_str())
}

#[async_trait]
impl ReadAccounts for MemoryStore {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.snapshot()?.accounts.of_id(id))
    }

    async fn find_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        let table = &self.snapshot()?.accounts;
        let distinct: BTreeSet<_> = ids.iter().collect();
        Ok(distinct.into_iter().filter_map(|id| table.of_id(*id)).collect())
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        Ok(self.snapshot()?.accounts.of_email(email))
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        let table = &self.snapshot()?.accounts;
        Ok(table.by_username.get(username).and_then(|id| table.of_id(*id)))
    }

    async fn find_by_identity(
        &self,
        provider: Provider,
        user_id: &ProviderUserId,
    ) -> Result<Option<Account>, StoreError> {
        let table = &self.snapshot()?.accounts;
        Ok(table.by_identity.get(&(provider, user_id.clone())).and_then(|id| table.of_id(*id)))
    }

    async fn search(&self, search: &AccountSearch, window: &Window) -> Result<Found, StoreError> {
        Ok(search::search(&self.snapshot()?.accounts, search, window))
    }

    async fn find_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Account>, StoreError> {
        let table = &self.snapshot()?.accounts;
        let distinct: BTreeSet<_> = emails.iter().collect();
        Ok(distinct.into_iter().filter_map(|email| table.of_email(email)).collect())
    }

    async fn list(&self, filter: AccountFilter, page: PageRequest) -> Result<Page<Account>, StoreError> {
        Ok(self.snapshot()?.accounts.page(page, |account| matches(filter, account)))
    }

    async fn list_doubtful_addresses(&self, page: PageRequest) -> Result<Page<Account>, StoreError> {
        Ok(self
            .snapshot()?
            .accounts
            .page(page, |account| account.email().to_canonical().as_ref() != Ok(account.email())))
    }

    async fn count(&self, filter: AccountFilter) -> Result<u64, StoreError> {
        let table = &self.snapshot()?.accounts;
        Ok(rows(match filter {
            AccountFilter { role: None, hash_cost_above: None } => table.by_id.size(),
            AccountFilter { role: Some(Role::Root), hash_cost_above: None } => table.roots.size(),
            AccountFilter { .. } => table.by_id.values().filter(|account| matches(filter, account)).count(),
        }))
    }
}

#[async_trait]
impl Accounts for MemoryUnit {
    async fn insert(&mut self, account: &Account) -> Result<(), StoreError> {
        if self.state.accounts.contains(account.id()) {
            return Err(StoreError::Conflict(UniqueKey::AccountId));
        }
        if let Some(key) = self.state.accounts.taken(account) {
            return Err(StoreError::Conflict(key));
        }
        self.state.accounts.put(account);
        Ok(())
    }

    async fn find_for_update(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.state.accounts.of_id(id))
    }

    async fn find_by_email_for_update(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        Ok(self.state.accounts.of_email(email))
    }

    async fn update(&mut self, account: &Account) -> Result<bool, StoreError> {
        if !self.state.accounts.contains(account.id()) {
            return Ok(false);
        }
        if let Some(key) = self.state.accounts.taken(account) {
            return Err(StoreError::Conflict(key));
        }
        self.state.accounts.take(account.id());
        self.state.accounts.put(account);
        Ok(true)
    }

    async fn note_sign_in(
        &mut self,
        id: AccountId,
        outcome: SignInOutcome,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        if let Some(account) = self.state.accounts.of_id(id) {
            let sign_ins = account.sign_ins().after(outcome, now);
            let noted = Account::restore(AccountRecord { sign_ins, ..account.record().clone() });
            self.state.accounts.by_id.insert_mut(id, Arc::new(noted));
        }
        Ok(())
    }

    async fn remove(&mut self, id: AccountId) -> Result<bool, StoreError> {
        self.state.codes.remove_of_account(id);
        self.state.conversations.remove(id);
        self.state.dossiers.remove(id);
        self.state.sessions.remove_of_account(id);
        self.state.sources.remove_of_account(id);
        self.state.tokens.remove_of_account(id, None);
        Ok(self.state.accounts.take(id))
    }

    async fn remove_provisional(&mut self, email: &EmailAddress) -> Result<Option<AccountId>, StoreError> {
        let provisional = self.state.accounts.of_email(email).filter(Account::is_provisional);
        let Some(id) = provisional.map(|account| account.id()) else { return Ok(None) };
        Accounts::remove(self, id).await?;
        Ok(Some(id))
    }

    async fn release_username(&mut self, username: &Username) -> Result<bool, StoreError> {
        let table = &mut self.state.accounts;
        let owner = table.by_username.get(username).and_then(|id| table.of_id(*id)).filter(Account::is_provisional);
        let Some(owner) = owner else { return Ok(false) };
        table.take(owner.id());
        table.put(&Account::restore(AccountRecord { username: None, ..owner.record().clone() }));
        Ok(true)
    }

    async fn purge_provisional(&mut self, unchanged_since: OffsetDateTime) -> Result<u64, StoreError> {
        let unchanged_since = to_microseconds(unchanged_since);
        let is_over = |account: &&Arc<Account>| {
            account.is_provisional()
                && account.sign_ins().last_at.is_none()
                && account.updated_at() < unchanged_since
                && !self.state.codes.has_any_of(account.id())
                && !self.state.tokens.has_any_of(account.id())
        };
        let over: Vec<_> = self.state.accounts.by_id.values().filter(is_over).map(|account| account.id()).collect();
        for id in over.iter().take(PURGE_LIMIT) {
            Accounts::remove(self, *id).await?;
        }
        Ok(rows(over.len().min(PURGE_LIMIT)))
    }

    async fn lock_active_roots(&mut self) -> Result<Vec<AccountId>, StoreError> {
        let table = &self.state.accounts;
        let is_active = |id: &AccountId| table.by_id.get(id).is_some_and(|account| account.is_active_root());
        Ok(table.roots.iter().copied().filter(is_active).collect())
    }
}
