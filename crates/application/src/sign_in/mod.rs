//! Signing in.

mod guesses;
mod with_password;

pub(crate) use guesses::forget_strangers;
use vestibule_ports::{HashError, StoreError};
pub use with_password::{Identifier, SignInWithPassword, SignedIn};

use crate::fault::{Fault, faults_into};

/// Why nobody was signed in; most dialects tell the first four alike.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account answers to this identifier.
    #[error("no such account")]
    UnknownAccount,
    /// Another password, or an account without one.
    #[error("the password is wrong")]
    WrongPassword,
    /// The right password of an account whose mailbox must be proven first.
    #[error("the account is pending")]
    Pending,
    /// The right password of a disabled account.
    #[error("the account is disabled")]
    Disabled,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(SignInError: StoreError, HashError);
