//! Showing an account with its dossier.

use vestibule_domain::{Account, AccountId, Dossier, Role};

use super::UserError;
use crate::{Caller, Identity};

impl Identity {
    /// An account with its dossier, for its owner, admins and roots. Others are refused whether or not it exists.
    pub async fn show_user(&self, caller: &Caller, id: AccountId) -> Result<(Account, Dossier), UserError> {
        self.check_may_show(caller, id)?;
        let account = if caller.id() == id {
            caller.account().clone()
        } else {
            self.show_account(id).await?.ok_or(UserError::NotFound)?
        };
        Ok((account, self.show_dossier(id).await?))
    }

    /// Whether the caller may see an account with its dossier, to be asked before what was sent is looked at.
    pub fn check_may_show(&self, caller: &Caller, id: AccountId) -> Result<(), UserError> {
        let may_show = caller.id() == id || caller.account().role() >= Role::Admin;
        if may_show { Ok(()) } else { Err(UserError::Forbidden) }
    }
}
