//! Storage of throttles.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    ThrottleRule,
    throttle::{ThrottleState, Throttled},
};

use crate::StoreError;

/// Counted keys; all nodes and dialects share them.
#[async_trait]
pub trait Throttles: Send {
    /// Takes one off a key as [`ThrottleState::take`] says, in one atomic step: the state of the key is locked until the unit
    /// ends, judged by the domain and stored. `Err(Throttled)` inside says from when a take is granted; then nothing was
    /// counted, and the state was only changed if it had to be clipped, which lasts if the unit is committed.
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError>;
    /// Forgets a key.
    async fn reset(&mut self, key: &str) -> Result<(), StoreError>;
    /// Forgets keys whose window has ended, at most 1000 a call; how many it was.
    async fn purge_ended(&mut self, now: OffsetDateTime) -> Result<u64, StoreError>;
}
