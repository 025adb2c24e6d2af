//! A clock that stands still until it is moved.

use std::sync::{Mutex, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_ports::Clock;

/// A clock with a set time; shared by reference, moved by [`FixedClock::set`] and [`FixedClock::advance`].
#[derive(Debug)]
pub struct FixedClock(Mutex<Shown>);

#[derive(Debug, Clone, Copy)]
struct Shown {
    time: OffsetDateTime,
    passed: std::time::Duration,
}

impl FixedClock {
    /// The time of a new clock, with a fraction in whole microseconds.
    pub const START: OffsetDateTime = datetime!(2026-03-01 12:00:00.123456 UTC);

    /// A clock at a given time.
    pub const fn at(time: OffsetDateTime) -> Self {
        Self(Mutex::new(Shown { time, passed: std::time::Duration::ZERO }))
    }

    /// Sets the time, also to an earlier one, like a corrected machine clock: no time passes.
    pub fn set(&self, time: OffsetDateTime) {
        self.shown().time = time;
    }

    /// Lets this much time pass, and returns the new time.
    pub fn advance(&self, by: Duration) -> OffsetDateTime {
        let mut shown = self.shown();
        shown.time += by;
        shown.passed += by.unsigned_abs();
        shown.time
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock at [`FixedClock::START`].
impl Default for FixedClock {
    fn default() -> Self {
        Self::at(Self::START)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        self.shown().time
    }

    fn monotonic(&self) -> std::time::Duration {
        self.shown().passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_it_is_told() {
        let clock = FixedClock::default();
        assert_eq!(clock.now(), FixedClock::START);
        assert_eq!(clock.advance(Duration::seconds(5)), FixedClock::START + Duration::seconds(5));
        assert_eq!(clock.now(), FixedClock::START + Duration::seconds(5));
        clock.set(FixedClock::START);
        assert_eq!(clock.now(), FixedClock::START);
        assert_eq!(clock.monotonic(), std::time::Duration::from_secs(5), "time that has passed has passed");
    }
}
