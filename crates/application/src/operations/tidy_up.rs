//! Removing what has had its time, so that nothing grows without bound.

use time::Duration;
use vestibule_domain::CLOCK_SKEW;

use crate::{Fault, Identity};

/// How long a source that is not used stays known.
const SOURCE_MEMORY: Duration = Duration::days(90);
/// How long a dead letter stays to be looked at.
const DEAD_LETTER_MEMORY: Duration = Duration::days(30);
/// How many mails the local mailbox keeps.
const MAILBOX_SIZE: u32 = 1_000;

impl Identity {
    /// Removes some of what has expired; returns how many rows. To be called every minute or so.
    pub async fn tidy_up(&self) -> Result<u64, Fault> {
        let now = self.core.now();
        // What is over by every node's clock.
        let past = now - CLOCK_SKEW;
        self.limits.forget_idle();
        let mut unit = self.core.begin().await?;
        let recalled = unit.outbox().recall(now, self.core.policy.outbox.lease).await?;
        let removed = unit.codes().purge_expired(past).await?
            + unit.tokens().purge_expired(past).await?
            + unit.sessions().purge_begun(now - self.core.policy.refresh.absolute).await?
            + unit.sessions().purge_anonymous_begun(now - self.core.policy.anonymous_memory).await?
            + unit.accounts().purge_provisional(now - self.core.policy.provisional_memory).await?
            + unit.events().purge_before(now - self.core.policy.event_memory).await?
            + unit.throttles().purge_ended(past).await?
            + unit.sources().purge_unused(now - SOURCE_MEMORY).await?
            + unit.outbox().bury_expired(now).await?
            + unit.outbox().purge_dead(now - DEAD_LETTER_MEMORY).await?
            + unit.mailbox().trim(MAILBOX_SIZE).await?;
        if recalled > 0 {
            unit.expect_mail();
        }
        unit.commit().await?;
        if recalled > 0 {
            tracing::warn!(mails = recalled, "mail was put off by a clock that was ahead; it goes out now");
        }
        Ok(removed)
    }
}
