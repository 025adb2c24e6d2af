//! What a signed-in account does to itself.

mod change_password;
mod end_tokens;
mod rename;
mod update;

pub use change_password::{ChangeOwnPassword, ChangePasswordError, PasswordChanged};
pub use rename::RenameSelf;
pub use update::{UpdateSelf, UpdateSelfError};
use vestibule_ports::StoreError;

use crate::fault::{Fault, faults_into};

/// Why an account did not change itself.
#[derive(Debug, thiserror::Error)]
pub enum OwnAccountError {
    /// The account was removed, or its tokens ended, in the meantime.
    #[error("the caller is no longer signed in")]
    SignedOut,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(OwnAccountError: StoreError);
