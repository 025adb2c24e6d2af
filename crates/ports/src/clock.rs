//! The time of day.

use time::OffsetDateTime;

/// Tells the time; read once per use case.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The time, in UTC.
    fn now(&self) -> OffsetDateTime;
}
