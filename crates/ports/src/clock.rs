//! The time of day, and the time that passes.

use std::time::Duration;

use time::OffsetDateTime;

/// Tells the time; read once per use case.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The time, in UTC.
    fn now(&self) -> OffsetDateTime;
    /// The time since some moment before; it never goes back and never jumps, whatever the time of day is set to. What is
    /// counted in this process alone is counted by it.
    fn monotonic(&self) -> Duration;
}
