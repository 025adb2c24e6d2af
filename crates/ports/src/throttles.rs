//! Storage of throttles.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    ThrottleRule,
    throttle::{ThrottleState, Throttled},
};

use crate::StoreError;

/// Counters by key, shared by all nodes and dialects.
#[async_trait]
pub trait Throttles: Send {
    /// Takes one from a key as [`ThrottleState::take`] does, in one atomic step, with the time cut to whole microseconds:
    /// the key is locked until the unit ends, judged by the domain and stored. `Err(Throttled)` inside says from when a
    /// take is granted; then nothing was counted. A refusal may still store a clipped state, which lasts if the unit
    /// commits.
    async fn take(
        &mut self,
        key: &str,
        rule: &ThrottleRule,
        now: OffsetDateTime,
    ) -> Result<Result<ThrottleState, Throttled>, StoreError>;
    /// Forgets a key.
    async fn reset(&mut self, key: &str) -> Result<(), StoreError>;
    /// Forgets keys whose window has ended by `now` (cut to whole microseconds), at most 1000 a call, and returns how many.
    async fn purge_ended(&mut self, now: OffsetDateTime) -> Result<u64, StoreError>;
}
