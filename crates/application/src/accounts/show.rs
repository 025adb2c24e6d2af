//! Showing an account; how much of it is the dialect's.

use vestibule_domain::{Account, AccountId, Dossier};

use super::{AccountError, Viewer};
use crate::{Caller, Fault, Identity};

impl Identity {
    /// The account of an id, of any status, for callers who show only what anyone may see, or who ask for a right then.
    pub async fn show_account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        Ok(self.core.read().accounts().find(id).await?)
    }

    /// The account of an id, for a caller who may read all. That there is none is told also without the right.
    pub async fn read_account(&self, caller: &Caller, id: AccountId) -> Result<Account, AccountError> {
        let account = self.show_account(id).await?.ok_or(AccountError::NotFound)?;
        caller.as_reader()?;
        Ok(account)
    }

    /// The dossier of an account; an empty one if it has told nothing yet.
    pub async fn show_dossier(&self, account: AccountId) -> Result<Dossier, Fault> {
        let found = self.core.read().dossiers().find(account).await?;
        Ok(found.unwrap_or_else(|| Dossier::empty(account)))
    }

    /// An account with its dossier; none if there is no such account.
    pub async fn show_with_dossier(&self, viewer: Viewer<'_>) -> Result<Option<(Account, Dossier)>, Fault> {
        let Viewer { caller, account: id } = viewer;
        let account = if caller.id() == id { Some(caller.account().clone()) } else { self.show_account(id).await? };
        match account {
            Some(account) => Ok(Some((account, self.show_dossier(id).await?))),
            None => Ok(None),
        }
    }
}
