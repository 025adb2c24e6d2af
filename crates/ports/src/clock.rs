//! The time of day, and the time that passes.

use std::time::Duration;

use time::OffsetDateTime;

/// Tells the time; read once per use case.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The time, in UTC.
    fn now(&self) -> OffsetDateTime;
    /// The time elapsed since an arbitrary moment: it never goes back or jumps, even if the time of day is set. Used for
    /// what is counted in this process alone.
    fn monotonic(&self) -> Duration;
}
