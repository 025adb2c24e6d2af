//! Showing an account with its dossier.

use vestibule_domain::{Account, AccountId, Dossier, Role};

use super::UserError;
use crate::{Caller, Identity};

impl Identity {
    /// An account with its dossier, for its owner, admins and roots. Others are refused whether or not it exists.
    pub async fn show_user(&self, caller: &Caller, id: AccountId) -> Result<(Account, Dossier), UserError> {
        let account = if caller.id() == id {
            caller.account().clone()
        } else if caller.account().role() >= Role::Admin {
            self.show_account(id).await?.ok_or(UserError::NotFound)?
        } else {
            return Err(UserError::Forbidden);
        };
        Ok((account, self.show_dossier(id).await?))
    }
}
