//! Signing in.

mod guesses;
mod note;
mod with_password;
mod with_provider;

pub(crate) use guesses::{GuessCount, forget_strangers};
use vestibule_ports::{HashError, StoreError};
pub use with_password::{Identifier, MailboxProof, SignInWithPassword, SignedIn};
pub use with_provider::{ProviderSignInError, SignInWithProvider};

use crate::fault::{Fault, faults_into};

/// Why nobody was signed in; most dialects tell all but the last alike.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account answers to this identifier.
    #[error("no such account")]
    UnknownAccount,
    /// The account has no password: it signs in through a provider only.
    #[error("the account has no password")]
    NoPassword,
    /// Another password.
    #[error("the password is wrong")]
    WrongPassword,
    /// The right password of an account whose mailbox must be proven first.
    #[error("the account is pending")]
    Pending,
    /// The right password of an account whose mailbox is not proven, where a proof was asked for.
    #[error("the mailbox is not proven")]
    Unproven,
    /// The right password of an account whose role is below the one that was asked for.
    #[error("the role is too low")]
    RoleTooLow,
    /// The right password of a disabled account.
    #[error("the account is disabled")]
    Disabled,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(SignInError: StoreError, HashError);
