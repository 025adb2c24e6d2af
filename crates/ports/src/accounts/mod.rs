//! Storage of accounts.

mod search;

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{Account, AccountId, EmailAddress, Provider, ProviderUserId, Role, SignInOutcome, Username};

pub use self::search::{AccountSearch, Found, MayDo, SortBy, SortKey, Window};
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

/// The highest cost of bcrypt; higher digits are not a cost.
pub const MAX_HASH_COST: u8 = 31;

/// A cost as a hash spells it, capped at [`MAX_HASH_COST`].
pub fn hash_cost_digits(cost: u8) -> String {
    format!("{:02}", cost.min(MAX_HASH_COST))
}

/// A part of a list, ascending by id (by creation).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Only rows after this id.
    pub after: Option<AccountId>,
    /// The most rows to return, capped at 1000; 0 returns none.
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
    /// The account with this id.
    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The accounts with these ids, in no particular order; unknown ids are absent.
    async fn find_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError>;
    /// The account with this address.
    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, StoreError>;
    /// The account with this user name.
    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError>;
    /// The account that an identity at a provider signs in to.
    async fn find_by_identity(
        &self,
        provider: Provider,
        user_id: &ProviderUserId,
    ) -> Result<Option<Account>, StoreError>;
    /// A window on the accounts that [`AccountSearch::fits`], in the order of [`Window::order`], with their total number.
    async fn search(&self, search: &AccountSearch, window: &Window) -> Result<Found, StoreError>;
    /// The accounts with these addresses, in no particular order; unknown addresses are absent.
    async fn find_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Account>, StoreError>;
    /// A page of accounts, ascending by id.
    async fn list(&self, filter: AccountFilter, page: PageRequest) -> Result<Page<Account>, StoreError>;
    /// A page of the accounts whose address is not in the form that [`EmailAddress::parse`] gives, ascending by id. Others
    /// may be among them, but never a plain address such as `ada@example.test`.
    async fn list_doubtful_addresses(&self, page: PageRequest) -> Result<Page<Account>, StoreError>;
    /// How many accounts match.
    async fn count(&self, filter: AccountFilter) -> Result<u64, StoreError>;
}

/// Accounts, inside a unit of work.
#[async_trait]
pub trait Accounts: Send {
    /// Adds an account, its times cut to whole microseconds; `Conflict` with the taken key, after which the unit is still
    /// usable. If several keys are taken, it names the first in the order id, address, user name, identity.
    async fn insert(&mut self, account: &Account) -> Result<(), StoreError>;
    /// The account with this id, locked until the unit ends.
    async fn find_for_update(&mut self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The account with this address, locked until the unit ends.
    async fn find_by_email_for_update(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError>;
    /// Replaces every field of an account, its times cut to whole microseconds; false if it is gone, `Conflict` as for an
    /// insert.
    async fn update(&mut self, account: &Account) -> Result<bool, StoreError>;
    /// Records the outcome of a sign-in attempt in one atomic step, as [`SignIns::after`] defines it. Nothing else changes;
    /// if the account is gone, nothing changes at all. It locks the account until the unit ends.
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
    /// Removes the account with this address if it is provisional ([`Account::is_provisional`]) and returns its id; `None`
    /// otherwise.
    async fn remove_provisional(&mut self, email: &EmailAddress) -> Result<Option<AccountId>, StoreError>;
    /// Takes a user name away from the provisional account that has it; false if there is none.
    async fn release_username(&mut self, username: &Username) -> Result<bool, StoreError>;
    /// Removes provisional accounts that were never signed in to, have not changed since a time (cut to whole
    /// microseconds), and have no code or token left; at most 1000 a call. Returns how many.
    async fn purge_provisional(&mut self, unchanged_since: OffsetDateTime) -> Result<u64, StoreError>;
    /// The ids of all active roots, locked until the unit ends. Two units that would each remove one of the last two roots
    /// wait for each other, and the second sees what the first did. Call it before taking any other lock.
    async fn lock_active_roots(&mut self) -> Result<Vec<AccountId>, StoreError>;
}
