//! Dropping what the public handed in and that was never approved.

use super::Profiles;
use crate::Fault;

/// How many are dropped at once.
const AT_ONCE: u32 = 100;

impl Profiles {
    /// Drops some of the submissions of the public that have not been approved within 30 days; how many. To be called again
    /// until there are none, every minute or so.
    pub async fn drop_stale(&self) -> Result<u64, Fault> {
        self.submissions.forget_idle();
        let mut unit = self.core.begin().await?;
        let made_before = self.core.now() - self.core.policy.submission_memory;
        let stale = unit.profiles().remove_stale(made_before, AT_ONCE).await?;
        for profile in &stale {
            unit.release(profile.blobs(), []);
        }
        unit.commit().await?;
        Ok(u64::try_from(stale.len()).unwrap_or(u64::MAX))
    }
}
