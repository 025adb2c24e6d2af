//! Proving a mailbox by a mailed code.

mod resend;
mod verify_code;

pub use resend::ResendVerificationCode;
pub use verify_code::VerifyMailboxByCode;
use vestibule_ports::StoreError;

use crate::fault::{Fault, faults_into};

/// Why a mailbox was not proven.
#[derive(Debug, thiserror::Error)]
pub enum VerificationError {
    /// Wrong, used, expired, tried too often, or of no account.
    #[error("the code is invalid")]
    Invalid,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(VerificationError: StoreError);
