//! The priority of hashing.
//!
//! Low-priority threads keep cheap requests fast in a storm of sign-ins. But next to processes that leave no core idle (a
//! build, the database) they would get almost no time, and sign-ins would stop. So there are two kinds of threads, and the
//! progress of the low-priority ones decides which kind gets the next hash.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::effort::Effort;

/// The kind of thread that makes a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Other work gets nine tenths of a core that both want.
    GivesWay,
    /// Like all other work.
    Equal,
}

/// For how long hashes take their share after one was held up; then a single one shows whether it still would be. Each time
/// that it is, the next try comes twice as late.
const FIRST_RELIEF: Duration = Duration::from_secs(5);
const LONGEST_RELIEF: Duration = Duration::from_secs(30);

/// Whether other work keeps low-priority threads from the cores.
#[derive(Debug, Default)]
pub(crate) struct Pressure(Mutex<Option<Relief>>);

/// A period in which hashes run at normal priority.
#[derive(Debug, Clone, Copy)]
struct Relief {
    lasts: Duration,
    until: Instant,
}

impl Pressure {
    /// The kind of thread for the next hash.
    pub(crate) fn priority(&self, now: Instant) -> Priority {
        match self.relief().as_mut() {
            None => Priority::GivesWay,
            Some(relief) if now < relief.until => Priority::Equal,
            Some(relief) => {
                // The others do not wait for the result of this test.
                relief.until = now + relief.lasts;
                Priority::GivesWay
            }
        }
    }

    /// Learns from a hash on a low-priority thread, at its end or, if it stalls, while it runs.
    pub(crate) fn note(&self, effort: Effort) {
        let Effort { began, took, .. } = effort;
        if effort.tells_nothing() {
            return;
        }
        let mut relief = self.relief();
        if !effort.is_held_up() {
            *relief = None;
            return;
        }
        let lasts = match *relief {
            None => FIRST_RELIEF,
            // It was already running when another one stalled.
            Some(current) if began + current.lasts < current.until => return,
            Some(current) => (current.lasts * 2).min(LONGEST_RELIEF),
        };
        *relief = Some(Relief { lasts, until: began + took + lasts });
    }

    fn relief(&self) -> MutexGuard<'_, Option<Relief>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn held_up(began: Instant) -> Effort {
        Effort { began, took: SECOND, on_core: SECOND / 10 }
    }

    fn quick(began: Instant) -> Effort {
        Effort { began, took: SECOND, on_core: SECOND }
    }

    #[test]
    fn after_a_hash_that_was_held_up_one_at_a_time_tries_to_give_way_later_and_later() {
        let (pressure, mut now) = (Pressure::default(), Instant::now());
        assert_eq!(pressure.priority(now), Priority::GivesWay);
        for seconds in [5, 10, 20, 30, 30] {
            pressure.note(held_up(now));
            now += SECOND;
            assert_eq!(pressure.priority(now), Priority::Equal);
            assert_eq!(pressure.priority(now + SECOND * (seconds - 1)), Priority::Equal, "{seconds} s");
            now += SECOND * seconds;
            assert_eq!(pressure.priority(now), Priority::GivesWay, "{seconds} s");
            assert_eq!(pressure.priority(now), Priority::Equal, "{seconds} s: one is enough");
        }
        pressure.note(quick(now));
        assert_eq!([pressure.priority(now), pressure.priority(now)], [Priority::GivesWay; 2]);
    }

    #[test]
    fn hashes_that_are_held_up_together_count_once() {
        let (pressure, now) = (Pressure::default(), Instant::now());
        for _ in 0..4 {
            pressure.note(held_up(now));
        }
        assert_eq!(pressure.priority(now + SECOND * 6), Priority::GivesWay);
    }

    #[test]
    fn a_hash_that_had_a_core_half_of_the_time_was_not_held_up() {
        for (took, on_core) in [(50, 50), (100, 55), (5, 0), (25, 5), (1_000, 500)] {
            let (pressure, began) = (Pressure::default(), Instant::now());
            let [took, on_core] = [took, on_core].map(Duration::from_millis);
            pressure.note(Effort { began, took, on_core });
            assert_eq!(pressure.priority(began), Priority::GivesWay, "{took:?}, {on_core:?} of it on a core");
        }
    }
}
