//! Counting in the store, for all nodes and dialects.

use time::OffsetDateTime;
use vestibule_domain::{ThrottleRule, throttle::Throttled};

use crate::{Core, Fault};

/// A key, with the rule by which it is counted.
pub(crate) struct Count<'rule> {
    pub(crate) key: String,
    pub(crate) rule: &'rule ThrottleRule,
}

impl Core {
    /// What a refused take is answered with, once its unit has been dropped. A wait that a wrong clock wrote is shortened
    /// for good, in a unit of its own: it would otherwise begin anew with each refusal.
    pub(crate) async fn refuse_take(&self, count: &Count<'_>, throttled: Throttled, now: OffsetDateTime) -> Fault {
        if throttled.clipped.is_some()
            && let Err(fault) = self.clip(count, now).await
        {
            return fault;
        }
        Fault::throttled(throttled, now)
    }

    async fn clip(&self, count: &Count<'_>, now: OffsetDateTime) -> Result<(), Fault> {
        let mut unit = self.begin().await?;
        // Granted, if the key was reset meanwhile: then there is nothing to clip, and nothing is counted.
        if unit.throttles().take(&count.key, count.rule, now).await?.is_err() {
            unit.commit().await?;
        }
        Ok(())
    }
}
