//! A clock that stands until it is moved.

use std::sync::{Mutex, PoisonError};

use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_ports::Clock;

/// A clock that shows a set time; shared by reference, moved by [`FixedClock::set`] and [`FixedClock::advance`].
#[derive(Debug)]
pub struct FixedClock(Mutex<OffsetDateTime>);

impl FixedClock {
    /// Where a new clock stands: a time with a fraction in whole microseconds.
    pub const START: OffsetDateTime = datetime!(2026-03-01 12:00:00.123456 UTC);

    /// A clock that shows a given time.
    pub const fn at(time: OffsetDateTime) -> Self {
        Self(Mutex::new(time))
    }

    /// Shows another time, an earlier one too.
    pub fn set(&self, time: OffsetDateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// Moves on by so much, and says where that is.
    pub fn advance(&self, by: Duration) -> OffsetDateTime {
        let mut time = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *time += by;
        *time
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
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    }
}
