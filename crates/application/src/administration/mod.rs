//! What an operator does to accounts from the command line.

mod change;
mod count_accounts;
mod create_account;
mod find_account;
mod list_accounts;
mod remove_account;
mod seed_root;
mod sessions;

pub use change::AccountChange;
pub(crate) use change::{Guarded, find_guarded};
pub use create_account::CreateAccount;
pub use find_account::{AccountSelector, InvalidAccountSelector};
pub use seed_root::{RootSeed, SeedOutcome};
pub use sessions::OpenSession;
use vestibule_ports::{HashError, StoreError};

use crate::{
    CommonPassword,
    fault::{Fault, faults_into},
    register::RegisterError,
};

/// Why an account was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// No account answers to this.
    #[error("there is no such account")]
    NotFound,
    /// Another account has this address.
    #[error("another account has this e-mail address")]
    EmailTaken,
    /// Another account has this user name.
    #[error("another account has this user name")]
    UsernameTaken,
    /// The last active root can be neither demoted, disabled nor removed.
    #[error("this is the last active root: make another one first")]
    LastRoot,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(AdministrationError: StoreError, HashError);

impl From<RegisterError> for AdministrationError {
    fn from(error: RegisterError) -> Self {
        match error {
            // An operator gives neither an identity nor a telephone number.
            RegisterError::EmailTaken | RegisterError::IdentityTaken | RegisterError::PhoneTaken => Self::EmailTaken,
            RegisterError::UsernameTaken => Self::UsernameTaken,
            RegisterError::Fault(fault) => Self::Fault(fault),
        }
    }
}
