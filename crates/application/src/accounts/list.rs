//! Listing all accounts with their dossiers.

use std::collections::HashMap;

use vestibule_domain::{Account, AccountId, Dossier};

use super::Staff;
use crate::{AccountSearch, Fault, Identity, Window};

/// Some of all accounts, oldest first.
#[derive(Debug)]
pub struct AccountsWithDossiers {
    /// Each account with its dossier.
    pub accounts: Vec<(Account, Dossier)>,
    /// How many accounts there are.
    pub total: u64,
}

impl Identity {
    /// Passes over `skip` accounts and gives up to `limit`, at most 1000.
    pub async fn list_with_dossiers(
        &self,
        _staff: Staff<'_>,
        skip: u64,
        limit: u32,
    ) -> Result<AccountsWithDossiers, Fault> {
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
        Ok(AccountsWithDossiers {
            accounts: found.accounts.into_iter().map(with_dossier).collect(),
            total: found.total,
        })
    }
}
