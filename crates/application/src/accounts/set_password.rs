//! Setting another account's password, without the present one.

use vestibule_domain::{Account, AccountId, NewPassword};
use vestibule_ports::{HashError, StoreError};

use crate::{
    CommonPassword, Identity, Operator,
    events::Cause,
    fault::{Fault, faults_into},
    passwords::{self, NewHash},
};

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(SetPasswordError: StoreError, HashError);

impl Identity {
    /// Sets the password of an account, and ends every token of it.
    pub async fn set_account_password(
        &self,
        _operator: Operator,
        id: AccountId,
        password: NewPassword,
    ) -> Result<Account, SetPasswordError> {
        let hash = self.ports.hasher.hash(&password).await?;
        let now = self.core.now();
        let mut unit = self.core.begin().await?;
        let mut account = unit.accounts().find_for_update(id).await?.ok_or(SetPasswordError::NotFound)?;
        passwords::check_for(account.role(), &password)?;
        self.set_password(&mut unit, &mut account, NewHash { hash, cause: Cause::OPERATOR }, now).await?;
        unit.commit().await?;
        Ok(account)
    }
}
