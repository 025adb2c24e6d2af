//! A hasher that takes no time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use vestibule_domain::{NewPassword, PasswordHash};
use vestibule_ports::{HashError, HashTurn, PasswordHasher, PasswordMatch};

/// What the hashes of the present cost begin with; after it comes the password itself.
const PRESENT: &str = "instant:";
/// What hashes of an earlier cost begin with.
const OUTDATED: &str = "outdated:";

/// Hashes by writing a word before the password, counts what it compares, and can be told to be overloaded.
#[derive(Debug, Default)]
pub struct InstantHasher {
    overloaded: AtomicBool,
    comparisons: Arc<AtomicUsize>,
}

impl InstantHasher {
    /// A hash of an earlier cost, to be made anew at the next sign-in.
    pub fn outdated(password: &str) -> PasswordHash {
        PasswordHash::new(format!("{OUTDATED}{password}"))
    }

    /// From now on answers `Overloaded`, or no longer.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// How many comparisons were made, those without a hash included.
    pub fn comparisons(&self) -> usize {
        self.comparisons.load(Ordering::SeqCst)
    }

    fn admit(&self) -> Result<(), HashError> {
        if self.overloaded.load(Ordering::SeqCst) { Err(HashError::Overloaded) } else { Ok(()) }
    }
}

#[async_trait]
impl PasswordHasher for InstantHasher {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashError> {
        self.admit()?;
        Ok(PasswordHash::new(format!("{PRESENT}{}", password.expose())))
    }

    async fn reserve(&self) -> Result<Box<dyn HashTurn>, HashError> {
        self.admit()?;
        Ok(Box::new(InstantTurn { comparisons: Arc::clone(&self.comparisons) }))
    }

    fn queued(&self) -> usize {
        0
    }
}

struct InstantTurn {
    comparisons: Arc<AtomicUsize>,
}

#[async_trait]
impl HashTurn for InstantTurn {
    async fn verify(self: Box<Self>, candidate: &str, hash: Option<PasswordHash>) -> Result<PasswordMatch, HashError> {
        self.comparisons.fetch_add(1, Ordering::SeqCst);
        let Some(hash) = hash else { return Ok(PasswordMatch::Wrong) };
        let hash = hash.expose();
        Ok(if hash.strip_prefix(PRESENT) == Some(candidate) {
            PasswordMatch::Right
        } else if hash.strip_prefix(OUTDATED) == Some(candidate) {
            PasswordMatch::Outdated
        } else {
            PasswordMatch::Wrong
        })
    }
}
