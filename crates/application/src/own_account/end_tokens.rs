//! Ending all of one's tokens, and finding oneself for a change.

use vestibule_domain::Account;

use super::OwnAccountError;
use crate::{Caller, Identity, unit::Unit};

impl Identity {
    /// Ends every token of the caller's account, the one of this request included.
    pub async fn end_own_tokens(&self, caller: &Caller) -> Result<(), OwnAccountError> {
        let mut unit = self.core.begin().await?;
        let mut account = self.find_self(&mut unit, caller).await?;
        account.end_tokens(self.new_epoch(), self.core.now());
        unit.accounts().update(&account).await?;
        Ok(unit.commit().await?)
    }

    /// The caller's account, locked, if the token of the request is still good.
    pub(super) async fn find_self(&self, unit: &mut Unit, caller: &Caller) -> Result<Account, OwnAccountError> {
        let account = unit.accounts().find_for_update(caller.id()).await?;
        let is_same = |account: &Account| account.epoch() == caller.account().epoch();
        account.filter(is_same).ok_or(OwnAccountError::SignedOut)
    }
}
