//! Making an account with rights at once.

use vestibule_domain::Account;

use super::CreateUserError;
use crate::{
    Caller, Identity,
    administration::{AdministrationError, CreateAccount},
    rights::rules_at_once,
};

impl Identity {
    /// Whether the caller may make accounts, and show, edit and remove those of others; to be asked before what was sent is
    /// looked at.
    pub fn check_rules(&self, caller: &Caller) -> Result<(), super::UserError> {
        if rules_at_once(caller.account()) { Ok(()) } else { Err(super::UserError::Forbidden) }
    }

    /// Makes an active account of any role with a proven mailbox, for a root, who vouches for it.
    pub async fn create_user(&self, caller: &Caller, input: CreateAccount) -> Result<Account, CreateUserError> {
        if !rules_at_once(caller.account()) {
            return Err(CreateUserError::Forbidden);
        }
        Ok(self.make_account(input, caller.into()).await?)
    }
}

impl From<AdministrationError> for CreateUserError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::UsernameTaken => Self::UsernameTaken,
            // No account is looked for or taken away.
            AdministrationError::EmailTaken | AdministrationError::NotFound | AdministrationError::LastRoot => {
                Self::EmailTaken
            }
            AdministrationError::CommonPassword(common) => Self::CommonPassword(common),
            AdministrationError::Fault(fault) => Self::Fault(fault),
        }
    }
}
