//! Accounts: who asks, who is registered, and what those with a right over other accounts do to them.

mod authenticate;
mod authority;
mod change;
mod create;
mod edit;
mod find;
mod find_registered;
mod guard;
mod list;
mod lookups;
mod page;
mod remove;
mod search;
mod seed_root;
mod sessions;
mod set_password;
mod show;

pub use authenticate::{AuthenticateError, Presented, PresentedByAnyone, PresentedInSession};
pub use authority::{Authority, Forbidden, Reader, Ruler, Staff, Viewer};
pub use change::{AccountChange, NewRole, NewStatus};
pub use create::{CreateAccount, CreateAccountError};
pub use edit::{Edit, EditAccount, EditAccountError, EditRule, NameEdit};
pub use find::{AccountSelector, InvalidAccountSelector};
pub use find_registered::{FindRegistered, RegisteredAccount};
pub use list::AccountsWithDossiers;
pub(crate) use lookups::Lookups;
pub use seed_root::{RootSeed, SeedOutcome};
pub use sessions::OpenSession;
pub use set_password::SetPasswordError;
use vestibule_ports::StoreError;

use self::guard::LastRoot;
use crate::fault::{Fault, faults_into};

/// Why another account was not changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller does not have the right.
    #[error("the caller has not the right")]
    Forbidden,
    /// The last active root can be neither demoted, disabled nor removed.
    #[error("this is the last active root: make another one first")]
    LastRoot,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why an account did not remove itself.
#[derive(Debug, thiserror::Error)]
pub enum RemoveSelfError {
    /// The account was removed, or its tokens ended, in the meantime.
    #[error("the caller is no longer signed in")]
    SignedOut,
    /// The last active root cannot remove itself.
    #[error("this is the last active root")]
    LastRoot,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(AccountError: StoreError);
faults_into!(RemoveSelfError: StoreError);

/// Tells the last root in the words of a family of use cases.
macro_rules! guards_into {
    ($($refused:ident),+) => {
        $(impl From<LastRoot> for $refused {
            fn from(LastRoot: LastRoot) -> Self {
                Self::LastRoot
            }
        })+
    };
}

guards_into!(AccountError, EditAccountError, RemoveSelfError);

impl From<Forbidden> for AccountError {
    fn from(Forbidden: Forbidden) -> Self {
        Self::Forbidden
    }
}
