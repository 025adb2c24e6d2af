//! The last active root, which can be neither demoted, disabled nor removed.

use vestibule_domain::{Account, AccountId};
use vestibule_ports::StoreError;

use crate::unit::Unit;

/// The change would leave no active root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastRoot;

/// An account that is locked for a change, and whether it is the only active root.
pub(crate) struct Guarded {
    account: Account,
    is_last_root: bool,
}

impl Guarded {
    /// Locks the active roots, then the account: of two units that would take the last two roots away, the second waits
    /// and sees what the first did.
    pub(crate) async fn lock(unit: &mut Unit, id: AccountId) -> Result<Option<Self>, StoreError> {
        let roots = unit.accounts().lock_active_roots().await?;
        let account = unit.accounts().find_for_update(id).await?;
        Ok(account.map(|account| Self { account, is_last_root: roots == [id] }))
    }

    /// The account as it was when it was locked.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Refuses to leave no active root, with the account as it is to be, or without it if it is to be removed.
    pub(crate) fn check(&self, after: Option<&Account>) -> Result<(), LastRoot> {
        if self.is_last_root && !after.is_some_and(Account::is_active_root) { Err(LastRoot) } else { Ok(()) }
    }
}
