//! What accounts with rights do to other accounts.

mod change;
mod create;
mod edit;
mod list;
mod read;
mod remove;
mod search;
mod show;

pub use change::{ModifiableUser, NewRole, NewStatus, UserChange};
pub use edit::{Edit, EditRule, EditUser, EditUserError, NameEdit};
pub use list::UserPage;
use vestibule_ports::StoreError;

use crate::{
    CommonPassword,
    fault::{Fault, faults_into},
};

/// Why another account was not read, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller has not the right.
    #[error("the caller has not the right")]
    Forbidden,
    /// The last active root can be neither demoted, disabled nor removed.
    #[error("this is the last active root")]
    LastRoot,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(UserError: StoreError);

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The caller has not the right.
    #[error("the caller has not the right")]
    Forbidden,
    /// Another account has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another account has the user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}
