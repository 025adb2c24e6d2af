//! How much of the cores hashing asks for.
//!
//! Threads that give way keep cheap requests quick in a storm of sign-ins. Beside processes that leave no core idle (a build,
//! the database) they would get next to nothing, and sign-ins would stop. So there are two kinds of threads, and how fast the
//! ones that give way get on decides which of them the next hash goes to.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Which threads a hash is made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Whatever else wants a core gets nine tenths of it.
    GivesWay,
    /// As all other work.
    Equal,
}

/// How nice a thread is that gives way. The least nice value at which `me` is as quick in a storm of sign-ins as at 19; a
/// hash beside busy neighbours is then only ten times as slow, so that this is soon found out.
const NICE: i32 = 10;
/// For how long hashes take their share after one was held up; then one that gives way shows whether it still would be.
const RELIEF: Duration = Duration::from_secs(5);
/// What is no reason to take a hash for held up: the scheduler's own steps.
const JITTER: Duration = Duration::from_millis(20);

/// Whether other work keeps the threads that give way from the cores.
#[derive(Debug, Default)]
pub(crate) struct Pressure(Mutex<Option<Instant>>);

/// How long something took, and for how long of that its thread had a core.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) took: Duration,
    pub(crate) on_core: Duration,
}

impl Pressure {
    /// Where the next hash is to be made.
    pub(crate) fn priority(&self, now: Instant) -> Priority {
        let until = *self.until();
        if until.is_some_and(|until| now < until) { Priority::Equal } else { Priority::GivesWay }
    }

    /// Learns from a hash that a thread has made that gives way: one that waited for a core for more than half of its time
    /// was held up.
    pub(crate) fn note(&self, Effort { took, on_core }: Effort, now: Instant) {
        let waited = took.saturating_sub(on_core);
        if waited > on_core + JITTER {
            *self.until() = Some(now + RELIEF);
        }
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets the calling thread, and no other, to its priority: Linux counts niceness per thread.
#[cfg(target_os = "linux")]
pub(crate) fn set(priority: Priority) {
    if priority == Priority::GivesWay
        && let Err(error) = rustix::process::setpriority_process(None, NICE)
    {
        tracing::warn!(%error, "hashing runs at normal priority");
    }
}

/// Elsewhere niceness belongs to the whole process, which must not be slowed down.
#[cfg(not(target_os = "linux"))]
pub(crate) fn set(_: Priority) {}

/// Does something and tells what it took.
pub(crate) fn timed(work: impl FnOnce()) -> Effort {
    let (began, had) = (Instant::now(), time_on_core());
    work();
    let took = began.elapsed();
    Effort { took, on_core: time_on_core().map_or(took, |has| has.saturating_sub(had.unwrap_or(has))) }
}

/// For how long the calling thread has had a core, as far as the system tells.
#[cfg(target_os = "linux")]
fn time_on_core() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

#[cfg(not(target_os = "linux"))]
fn time_on_core() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effort(took: u64, on_core: u64) -> Effort {
        Effort { took: Duration::from_millis(took), on_core: Duration::from_millis(on_core) }
    }

    #[test]
    fn a_hash_that_was_held_up_lets_the_next_ones_take_their_share_for_a_while() {
        let (pressure, now) = (Pressure::default(), Instant::now());
        assert_eq!(pressure.priority(now), Priority::GivesWay);
        pressure.note(effort(500, 50), now);
        assert_eq!(pressure.priority(now), Priority::Equal);
        assert_eq!(pressure.priority(now + RELIEF.mul_f32(0.99)), Priority::Equal);
        assert_eq!(pressure.priority(now + RELIEF), Priority::GivesWay);
    }

    #[test]
    fn a_hash_that_had_a_core_most_of_the_time_was_not_held_up() {
        for (took, on_core) in [(50, 50), (100, 55), (5, 0), (25, 5), (1_000, 500)] {
            let (pressure, now) = (Pressure::default(), Instant::now());
            pressure.note(effort(took, on_core), now);
            assert_eq!(pressure.priority(now), Priority::GivesWay, "{took} ms, {on_core} ms of it on a core");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn sleep_is_no_time_on_a_core() {
        let Effort { took, on_core } = timed(|| std::thread::sleep(Duration::from_millis(30)));
        assert!(took >= Duration::from_millis(30) && on_core < took, "{took:?}, {on_core:?}");
    }
}
