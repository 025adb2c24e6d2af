//! Showing an account to anybody who knows its id; how much of it is the dialect's.

use vestibule_domain::{Account, AccountId, Dossier};

use crate::{Fault, Identity};

impl Identity {
    /// The account of an id, of any status.
    pub async fn show_account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        Ok(self.core.read().accounts().find(id).await?)
    }

    /// The dossier of an account; an empty one if it has told nothing yet.
    pub async fn show_dossier(&self, account: AccountId) -> Result<Dossier, Fault> {
        let found = self.core.read().dossiers().find(account).await?;
        Ok(found.unwrap_or_else(|| Dossier::empty(account)))
    }
}
