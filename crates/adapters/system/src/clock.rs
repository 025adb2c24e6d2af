//! The clock of the machine.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use time::OffsetDateTime;
use vestibule_domain::account::to_microseconds;
use vestibule_ports::Clock;

/// The start of the monotonic time: its first use in this process.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Gives the machine's time in UTC, in whole microseconds: the finest precision that every store keeps.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the time enters")]
    fn now(&self) -> OffsetDateTime {
        to_microseconds(OffsetDateTime::now_utc())
    }

    fn monotonic(&self) -> Duration {
        ORIGIN.elapsed()
    }
}
