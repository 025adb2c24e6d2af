//! The clock of the machine.

use time::OffsetDateTime;
use vestibule_domain::account::to_microseconds;
use vestibule_ports::Clock;

/// Tells the time of the machine in UTC, in whole microseconds: the finest that every store gives back unchanged.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the time enters")]
    fn now(&self) -> OffsetDateTime {
        to_microseconds(OffsetDateTime::now_utc())
    }
}
