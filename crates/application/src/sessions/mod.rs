//! Refresh tokens: a session begins with a sign-in, each use gives a successor, a copy ends it.

mod advances;
mod anonymous;
mod begin;
mod end;
mod refresh;
mod renew;

pub(crate) use advances::Advances;
pub use anonymous::AnonymousSession;
pub use begin::IssuedRefresh;
pub use refresh::{Refreshed, UseRefreshToken};
pub use renew::{Over, Renewal, Renewed};
use vestibule_ports::StoreError;

use crate::fault::{Fault, faults_into};

/// Why a refresh token gave no successor.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Its session has ended, or its account cannot be used.
    #[error("the refresh token is of no use any more")]
    Ended,
    /// It was used before: its session ended with this use.
    #[error("the refresh token was used before")]
    Reused,
    /// Nothing to do with what was asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(RefreshError: StoreError);
