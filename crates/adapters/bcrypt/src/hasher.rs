//! The hasher.

use std::{fmt, io, sync::Arc, time::Duration};

use async_trait::async_trait;
use vestibule_background::{NotDone, Turns};
use vestibule_domain::{NewPassword, PasswordHash, PasswordRules};
use vestibule_ports::{HashError, HashTurn, PasswordHasher, PasswordMatch};

use crate::{
    pool::{Pool, Turn},
    stored::{MAX_COST, StoredHash},
};

/// How to hash. The configuration decides which costs are safe; low ones are for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BcryptOptions {
    /// The binary logarithm of the rounds, from 4 to 16.
    pub cost: u32,
    /// How many passwords are hashed at once; by default one per core.
    pub threads: usize,
    /// How many callers may wait; further ones are refused at once.
    pub queue: usize,
    /// How long a caller may wait before it is refused.
    pub max_wait: Duration,
}

impl Default for BcryptOptions {
    /// Cost 12, one at a time per core, 64 waiting for at most five seconds.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { cost: 12, threads, queue: 64, max_wait: Duration::from_secs(5) }
    }
}

/// Hashes with bcrypt (`$2b$`) on its own threads, which end when it is dropped.
///
/// Needs a tokio runtime with time.
pub struct BcryptHasher {
    pool: Pool,
    cost: u32,
    nobody: Arc<StoredHash>,
}

impl BcryptHasher {
    /// Starts the threads; an error for a cost outside of 4 to 16, for no thread or no queue, or if the system gives no
    /// more threads.
    pub fn new(options: BcryptOptions) -> io::Result<Self> {
        let BcryptOptions { cost, threads, queue, max_wait } = options;
        if !(4..=MAX_COST).contains(&cost) || threads == 0 || queue == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("cannot hash with {options:?}")));
        }
        let pool = Pool::start(Turns::new(threads, queue, max_wait))?;
        Ok(Self { pool, cost, nobody: Arc::new(StoredHash::of_nobody(cost)) })
    }
}

fn not_done(why: NotDone) -> HashError {
    match why {
        NotDone::Overloaded => HashError::Overloaded,
        NotDone::Lost => HashError::Failed("the hashing job was lost".into()),
    }
}

fn failed(error: bcrypt::BcryptError) -> HashError {
    HashError::Failed(Box::new(error))
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashError> {
        let (password, cost) = (password.clone(), self.cost);
        // Not the `non_truncating` function, which refuses the 72nd byte too; the domain has refused the 73rd.
        let hashed = self.pool.run(move || bcrypt::hash(password.expose(), cost)).await.map_err(not_done)?;
        hashed.map(PasswordHash::new).map_err(failed)
    }

    async fn reserve(&self) -> Result<Box<dyn HashTurn>, HashError> {
        let turn = self.pool.reserve().await.map_err(not_done)?;
        Ok(Box::new(BcryptTurn { turn, cost: self.cost, nobody: Arc::clone(&self.nobody) }))
    }

    fn queued(&self) -> usize {
        self.pool.queued()
    }
}

/// A turn of the pool, for one comparison.
struct BcryptTurn {
    turn: Turn,
    cost: u32,
    nobody: Arc<StoredHash>,
}

#[async_trait]
impl HashTurn for BcryptTurn {
    async fn verify(self: Box<Self>, candidate: &str, hash: Option<PasswordHash>) -> Result<PasswordMatch, HashError> {
        let Self { turn, cost, nobody } = *self;
        let (stored, unusable) = match hash.as_ref().map(StoredHash::read) {
            Some(Ok(stored)) => (Arc::new(stored), None),
            // Takes the time of a comparison, which therefore reveals nothing.
            Some(Err(why)) => (nobody, Some(why)),
            None => (nobody, None),
        };
        // An impossible password is compared as an empty text, so that timing reveals nothing. Of a long one, which another
        // system may have accepted before its hashes were imported, bcrypt only ever saw the beginning.
        let possible = !candidate.contains('\0');
        let seen = candidate.as_bytes().iter().take(PasswordRules::MAX_BYTES).copied();
        let candidate: Vec<u8> = if possible { seen.collect() } else { Vec::new() };
        let compared = Arc::clone(&stored);
        let equal = turn.run(move || compare(&candidate, &compared, cost)).await.map_err(not_done)?.map_err(failed)?;
        if let Some(why) = unusable {
            return Ok(PasswordMatch::Unusable(why));
        }
        Ok(match equal && possible && hash.is_some() {
            false => PasswordMatch::Wrong,
            true if stored.is_outdated(cost) => PasswordMatch::Outdated,
            true => PasswordMatch::Right,
        })
    }
}

/// With a hash of an earlier, lower cost a wrong password takes as long as with a missing account.
fn compare(candidate: &[u8], stored: &StoredHash, cost: u32) -> bcrypt::BcryptResult<bool> {
    let equal = bcrypt::verify(candidate, &stored.text)?;
    if !equal {
        for other in stored.rest(cost) {
            bcrypt::verify(candidate, &other.text)?;
        }
    }
    Ok(equal)
}

impl fmt::Debug for BcryptHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BcryptHasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}
