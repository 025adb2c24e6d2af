//! Ending all of one's tokens, and finding oneself for a change.

use vestibule_domain::Account;
use vestibule_ports::UnitOfWork;

use super::OwnAccountError;
use crate::{Application, Caller};

impl Application {
    /// Ends every token of the caller's account, the one of this request included.
    pub async fn end_own_tokens(&self, caller: &Caller) -> Result<(), OwnAccountError> {
        let mut unit = self.ports.store.write().await?;
        let mut account = self.find_self(unit.as_mut(), caller).await?;
        account.end_tokens(self.new_epoch(), self.now());
        unit.accounts().update(&account).await?;
        Ok(unit.commit().await?)
    }

    /// The caller's account, locked, if the token of the request is still good.
    pub(super) async fn find_self(
        &self,
        unit: &mut dyn UnitOfWork,
        caller: &Caller,
    ) -> Result<Account, OwnAccountError> {
        let account = unit.accounts().find_for_update(caller.id()).await?;
        let is_same = |account: &Account| account.epoch() == caller.account().epoch();
        account.filter(is_same).ok_or(OwnAccountError::SignedOut)
    }
}
