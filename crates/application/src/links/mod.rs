//! Mailed links: proving a mailbox and setting a new password by a long one-time token.

mod reset_password;
mod send;
mod verify_email;

pub use reset_password::ResetPasswordByLink;
pub(crate) use send::Link;
pub use send::{LinkPurpose, SendLink};
pub use verify_email::VerifyEmailByLink;
use vestibule_ports::{HashError, StoreError};

use crate::{
    CommonPassword,
    fault::{Fault, faults_into},
};

/// Why no link was sent, or why one is of no use.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No account has the address; only a document that prints so tells.
    #[error("no account has this e-mail address")]
    UnknownEmail,
    /// There is nothing to prove.
    #[error("the mailbox is proven already")]
    AlreadyProven,
    /// Used, expired, of another purpose or account, or never sent.
    #[error("the link is invalid")]
    Invalid,
    /// The link is good, the password is not the account's; the link is not spent.
    #[error("the password is wrong")]
    WrongPassword,
    /// Too common for the account's role; the link is not spent.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(LinkError: StoreError, HashError);
