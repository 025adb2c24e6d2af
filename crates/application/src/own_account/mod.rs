//! What a signed-in account does to itself.

mod change_password;
mod end_tokens;
mod rename;
mod update;

pub use change_password::{ChangeOwnPassword, PasswordChanged};
pub use rename::RenameSelf;
pub use update::UpdateSelf;
use vestibule_ports::{HashError, StoreError};

use crate::{
    CommonPassword,
    fault::{Fault, faults_into},
};

/// Why an account did not change itself.
#[derive(Debug, thiserror::Error)]
pub enum OwnAccountError {
    /// The present password is another one.
    #[error("the password is wrong")]
    WrongPassword,
    /// The account was removed, or its tokens ended, in the meantime.
    #[error("the caller is no longer signed in")]
    SignedOut,
    /// Another account has the telephone number.
    #[error("another account has this telephone number")]
    PhoneTaken,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(OwnAccountError: StoreError, HashError);
