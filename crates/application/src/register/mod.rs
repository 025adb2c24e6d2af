//! Signing up.

mod insert;
mod with_code;
mod with_password;
mod with_proof;

use vestibule_ports::{HashError, StoreError};
pub use with_code::RegisterWithCode;
pub use with_password::{RegisterWithPassword, Registered};
pub use with_proof::RegisterWithProof;

use crate::{
    CommonPassword,
    fault::{Fault, faults_into},
};

/// Why a registration was refused.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A live account has this address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// An account has this user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// A live account has the telephone number.
    #[error("the telephone number is taken")]
    PhoneTaken,
    /// An account has this identity at a provider; only where one is made for an identity.
    #[error("the identity is taken")]
    IdentityTaken,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(RegisterError: StoreError, HashError);

/// Why a registration with a role was refused.
#[derive(Debug, thiserror::Error)]
pub enum RegisterWithCodeError {
    /// As for every registration.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The caller may not make an account of this role.
    #[error("the caller has not the right")]
    Forbidden,
    /// Too common for the account's role.
    #[error(transparent)]
    CommonPassword(#[from] CommonPassword),
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(RegisterWithCodeError: StoreError, HashError);
