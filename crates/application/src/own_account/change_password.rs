//! Changing one's own password.

use time::OffsetDateTime;
use vestibule_domain::{Account, NewPassword};
use vestibule_ports::{HashError, PasswordMatch, StoreError};

use super::OwnAccountError;
use crate::{
    Caller, CommonPassword, Identity, Language,
    fault::{Fault, faults_into},
    passwords::{self, NewHash},
};

/// The old and the new password.
#[derive(Debug)]
pub struct ChangeOwnPassword {
    /// The present password, as typed.
    pub current: String,
    /// The new one.
    pub new: NewPassword,
    /// The language of the notice to the owner.
    pub language: Language,
}

/// The account after the change, for which a fresh token is to be made.
#[derive(Debug)]
pub struct PasswordChanged {
    pub account: Account,
    /// When.
    pub at: OffsetDateTime,
}

/// Why an account did not change its password.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The present password is another one.
    #[error("the password is wrong")]
    WrongPassword,
    /// The account was removed, or its tokens ended, in the meantime.
    #[error("the caller is no longer signed in")]
    SignedOut,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(ChangePasswordError: StoreError, HashError);

impl From<OwnAccountError> for ChangePasswordError {
    fn from(error: OwnAccountError) -> Self {
        match error {
            OwnAccountError::SignedOut => Self::SignedOut,
            OwnAccountError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Identity {
    /// Sets the new password if the present one is right; every earlier token, code and link ends, but for the session that
    /// the caller's own token belongs to.
    pub async fn change_own_password(
        &self,
        caller: &Caller,
        input: ChangeOwnPassword,
    ) -> Result<PasswordChanged, ChangePasswordError> {
        passwords::check_for(caller.account().role(), &input.new)?;
        let now = self.core.now();
        let (turn, guesses) = self.begin_guess(caller.id(), caller.origin().source, now).await?;
        let hash = caller.account().password().cloned();
        if passwords::compare(turn, &input.current, (caller.id(), hash)).await? == PasswordMatch::Wrong {
            return Err(ChangePasswordError::WrongPassword);
        }
        let hash = self.ports.hasher.hash(&input.new).await?;
        let mut unit = self.core.begin().await?;
        let mut account = self.find_self(&mut unit, caller).await?;
        // Asked again on the locked row: it may have been promoted since.
        passwords::check_for(account.role(), &input.new)?;
        let notice = self.password_notice(&account, input.language, now)?;
        let new = NewHash { hash, cause: caller.into() };
        self.set_password(&mut unit, &mut account, new, now).await?;
        if let Some(session) = caller.session() {
            unit.sessions().rebind(session, account.epoch()).await?;
        }
        guesses.forget(&mut unit).await?;
        self.core.post(&mut unit, notice).await?;
        unit.commit().await?;
        Ok(PasswordChanged { account, at: now })
    }
}
