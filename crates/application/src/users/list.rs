//! Listing all accounts with their dossiers.

use std::collections::HashMap;

use vestibule_domain::{Account, AccountId, Dossier, Role};

use super::UserError;
use crate::{AccountSearch, Caller, Identity, Window};

/// Some of all accounts, oldest first.
#[derive(Debug)]
pub struct UserPage {
    /// Each account with its dossier.
    pub users: Vec<(Account, Dossier)>,
    /// How many accounts there are.
    pub total: u64,
}

impl Identity {
    /// Passes over `skip` accounts and gives up to `limit` (of which at most 1000 are given), for admins and roots.
    pub async fn list_users(&self, caller: &Caller, skip: u64, limit: u32) -> Result<UserPage, UserError> {
        self.check_may_list(caller)?;
        let window = Window { sort: Vec::new(), skip, limit };
        let found = self.core.read().accounts().search(&AccountSearch::default(), &window).await?;
        let ids: Vec<AccountId> = found.accounts.iter().map(Account::id).collect();
        let dossiers = self.core.read().dossiers().find_many(&ids).await?;
        let mut dossiers: HashMap<AccountId, Dossier> =
            dossiers.into_iter().map(|dossier| (dossier.account, dossier)).collect();
        let with_dossier = |account: Account| {
            let dossier = dossiers.remove(&account.id()).unwrap_or_else(|| Dossier::empty(account.id()));
            (account, dossier)
        };
        Ok(UserPage { users: found.accounts.into_iter().map(with_dossier).collect(), total: found.total })
    }

    /// Whether the caller may list all accounts, to be asked before what was sent is looked at.
    pub fn check_may_list(&self, caller: &Caller) -> Result<(), UserError> {
        if caller.account().role() >= Role::Admin { Ok(()) } else { Err(UserError::Forbidden) }
    }

    /// Whether the caller is a root.
    pub fn check_is_root(&self, caller: &Caller) -> Result<(), UserError> {
        if caller.account().role() == Role::Root { Ok(()) } else { Err(UserError::Forbidden) }
    }
}
