//! Storage of accounts.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    Account, AccountId, AccountStatus, EmailAddress, Permission, Provider, ProviderUserId, Role, SignInOutcome,
    Username,
};

use crate::StoreError;

/// Which accounts to list or count; every given field must match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Only accounts of this role.
    pub role: Option<Role>,
    /// Only accounts whose password hash has a higher bcrypt cost than this: the two digits of `$2b$12$…`, up to
    /// [`MAX_HASH_COST`].
    pub hash_cost_above: Option<u8>,
}

/// The highest cost of bcrypt. Two digits that are higher are no cost.
pub const MAX_HASH_COST: u8 = 31;

/// A cost as it is written in a hash; one that is too high as the highest.
pub fn hash_cost_digits(cost: u8) -> String {
    format!("{:02}", cost.min(MAX_HASH_COST))
}

/// Which accounts to search for; every given field must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSearch {
    /// The account of this address.
    pub email: Option<EmailAddress>,
    /// The account of this user name.
    pub username: Option<Username>,
    /// Only accounts whose owner has exactly this first name, as [`PersonName::first`] says.
    ///
    /// [`PersonName::first`]: vestibule_domain::PersonName::first
    pub first_name: Option<String>,
    /// Only accounts whose owner has exactly this last name.
    pub last_name: Option<String>,
    /// Only accounts of this status.
    pub status: Option<AccountStatus>,
    /// Only accounts of this standing, as [`Account::standing`] says.
    pub standing: Option<AccountStatus>,
    /// Only accounts of this role.
    pub role: Option<Role>,
    /// Only accounts that may do this, by their role or their permissions.
    pub may: Option<MayDo>,
}

/// What accounts may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MayDo {
    /// What this permission allows: its holders, admins and roots.
    Permitted(Permission),
    /// Everything: admins and roots only.
    Everything,
}

/// By what found accounts are sorted; a missing value comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// Id: creation.
    Id,
    /// User name.
    Username,
    /// Address.
    Email,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// The stored word of the status.
    Status,
    /// The stored word of the standing, as [`Account::standing`] says.
    Standing,
    /// The stored word of the role.
    Role,
    /// Time of creation.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
}

/// A key with its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortBy {
    /// By what.
    pub key: SortKey,
    /// From the greatest to the least, missing values last.
    pub descending: bool,
}

/// A part of what a search finds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// The order; accounts that are equal by all keys are in the order of their ids, ascending.
    pub sort: Vec<SortBy>,
    /// How many to pass over.
    pub skip: u64,
    /// The most to give; at most 1000.
    pub limit: u32,
}

/// What a search finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The accounts of the window.
    pub accounts: Vec<Account>,
    /// How many match in all.
    pub total: u64,
}

/// A part of a list, ascending by id (by creation).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Only what comes after this id.
    pub after: Option<AccountId>,
    /// The most rows; at most 1000 are given.
    pub limit: u32,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Whether there are rows after these.
    pub has_more: bool,
}

/// Accounts, read outside a unit of work.
#[async_trait]
pub trait ReadAccounts: Send + Sync {
    /// The account of an id.
    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The accounts of many ids, in no particular order; unknown ids are absent.
    async fn find_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError>;
    /// The account of an address.
    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, StoreError>;
    /// The account of a user name.
    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError>;
    /// The account that an identity at a provider signs in to.
    async fn find_by_identity(
        &self,
        provider: Provider,
        user_id: &ProviderUserId,
    ) -> Result<Option<Account>, StoreError>;
    /// A window on the accounts that match, with their number; no text is compared with regard to a language.
    async fn search(&self, search: &AccountSearch, window: &Window) -> Result<Found, StoreError>;
    /// The accounts of many addresses, in no particular order; unknown addresses are absent.
    async fn find_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Account>, StoreError>;
    /// A page of accounts, ascending by id.
    async fn list(&self, filter: AccountFilter, page: PageRequest) -> Result<Page<Account>, StoreError>;
    /// A page of the accounts whose address is not in the form that [`EmailAddress::parse`] gives, ascending by id; others may
    /// be among them, but none with a plain address such as `ada@example.test`.
    async fn list_doubtful_addresses(&self, page: PageRequest) -> Result<Page<Account>, StoreError>;
    /// How many accounts match.
    async fn count(&self, filter: AccountFilter) -> Result<u64, StoreError>;
}

/// Accounts, inside a unit of work.
#[async_trait]
pub trait Accounts: Send {
    /// Adds an account; `Conflict` with the taken key, after which the unit is still usable.
    async fn insert(&mut self, account: &Account) -> Result<(), StoreError>;
    /// The account of an id, locked until the unit ends.
    async fn find_for_update(&mut self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The account of an address, locked until the unit ends.
    async fn find_by_email_for_update(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError>;
    /// Replaces every field of an account; false if it is gone, `Conflict` as for an insert.
    async fn update(&mut self, account: &Account) -> Result<bool, StoreError>;
    /// Notes how a try to sign in went, as [`SignIns::after`] says and in one atomic step; nothing else changes, and
    /// nothing at all for an account that is gone. Whoever notes has locked the account until the unit ends.
    ///
    /// [`SignIns::after`]: vestibule_domain::SignIns::after
    async fn note_sign_in(
        &mut self,
        id: AccountId,
        outcome: SignInOutcome,
        now: OffsetDateTime,
    ) -> Result<(), StoreError>;
    /// Removes an account with its codes, dossier, sessions, tokens and sources; false if it was gone.
    async fn remove(&mut self, id: AccountId) -> Result<bool, StoreError>;
    /// Removes the account of an address if it is provisional ([`Account::is_provisional`]); its id, or none.
    async fn remove_provisional(&mut self, email: &EmailAddress) -> Result<Option<AccountId>, StoreError>;
    /// Takes a user name from the provisional account that has it; false if there is none.
    async fn release_username(&mut self, username: &Username) -> Result<bool, StoreError>;
    /// Removes provisional accounts that were never signed in to, have not changed since a time, and have no code or token
    /// left, at most 1000 a call; how many it was.
    async fn purge_provisional(&mut self, unchanged_since: OffsetDateTime) -> Result<u64, StoreError>;
    /// The ids of all active roots, locked until the unit ends: two units that would each take one of the last two
    /// away wait for each other, and the second sees what the first did. To be called before any other lock.
    async fn lock_active_roots(&mut self) -> Result<Vec<AccountId>, StoreError>;
}
