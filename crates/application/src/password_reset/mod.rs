//! Setting a new password without the old one: by a mailed code (request, verify the code, complete), or by a mailed token
//! alone.

mod by_token;
mod complete;
mod request;
mod spend;
mod verify_code;

pub use by_token::ResetPasswordByToken;
pub use complete::CompletePasswordReset;
pub use request::{RequestPasswordReset, ResetMeans};
pub(crate) use spend::{SpentToken, TokenHolder};
pub use verify_code::{PasswordResetGrant, VerifyPasswordResetCode};
use vestibule_ports::{HashError, StoreError};

use crate::{
    CommonPassword,
    fault::{Fault, faults_into},
};

/// Why a code or a grant is of no use.
#[derive(Debug, thiserror::Error)]
pub enum PasswordResetError {
    /// Wrong, used, expired, tried too often, or of no account.
    #[error("the code or token is invalid")]
    Invalid,
    /// Too common for the account's role; the grant is not spent.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(PasswordResetError: StoreError, HashError);
