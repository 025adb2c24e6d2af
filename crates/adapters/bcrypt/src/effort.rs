//! How long a thread took for a task, and how much of that time it had a core.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    str,
    sync::Arc,
    time::{Duration, Instant},
};

/// A wait up to this long does not count as a stall: the scheduler's own granularity.
const JITTER: Duration = Duration::from_millis(20);

/// How long a task took, and how much of that time its thread had a core.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) began: Instant,
    pub(crate) took: Duration,
    pub(crate) on_core: Duration,
}

impl Effort {
    /// The effort of a job that no thread has started since then.
    pub(crate) fn none_since(began: Instant) -> Self {
        Self { began, took: began.elapsed(), on_core: Duration::ZERO }
    }

    /// Whether the thread waited for a core for more than half of the time.
    pub(crate) fn is_held_up(self) -> bool {
        self.took.saturating_sub(self.on_core) > self.on_core + JITTER
    }

    pub(crate) fn tells_nothing(self) -> bool {
        self.took <= JITTER
    }
}

/// Shows other threads how long its own thread has had a core.
#[derive(Debug)]
pub(crate) struct Meter(Option<File>);

impl Meter {
    /// For the calling thread; where the system does not report it (only Linux does), the meter reads nothing.
    pub(crate) fn of_this_thread() -> Self {
        Self(File::open("/proc/thread-self/schedstat").ok())
    }

    fn read(&self) -> Option<Duration> {
        let mut text = [0; 64];
        let length = self.0.as_ref()?.read_at(&mut text, 0).ok()?;
        let nanoseconds = str::from_utf8(&text[..length]).ok()?.split(' ').next()?;
        nanoseconds.parse().ok().map(Duration::from_nanos)
    }
}

/// The start of a task on a thread.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    at: Instant,
    had: Option<Duration>,
    meter: Arc<Meter>,
}

impl Begun {
    /// Now, on the calling thread, which made the meter.
    pub(crate) fn now(meter: &Arc<Meter>) -> Self {
        Self { at: Instant::now(), had: time_on_core(), meter: Arc::clone(meter) }
    }

    /// The effort so far, for any thread; none where the system does not report it.
    pub(crate) fn so_far(&self) -> Option<Effort> {
        let took = self.at.elapsed();
        // A kernel that does not count reports 0.
        let on_core = self.meter.read()?.checked_sub(self.had?)?;
        Some(Effort { began: self.at, took, on_core })
    }

    /// The effort, for the thread that did the work.
    pub(crate) fn ended(&self) -> Effort {
        let took = self.at.elapsed();
        let on_core = time_on_core().map_or(took, |has| has.saturating_sub(self.had.unwrap_or(has)));
        Effort { began: self.at, took, on_core }
    }
}

/// How long the calling thread has had a core, as far as the system reports it.
#[cfg(target_os = "linux")]
fn time_on_core() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

#[cfg(not(target_os = "linux"))]
fn time_on_core() -> Option<Duration> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    const WORK: Duration = Duration::from_millis(50);

    #[test]
    fn sleep_is_no_time_on_a_core() {
        let begun = Begun::now(&Arc::new(Meter::of_this_thread()));
        thread::sleep(WORK);
        let Effort { took, on_core, .. } = begun.ended();
        assert!(took >= WORK && on_core < took, "{took:?}, {on_core:?}");
    }

    #[test]
    fn another_thread_sees_what_a_thread_has_done_so_far() {
        let (tell, told) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let working = thread::spawn(move || {
            let begun = Begun::now(&Arc::new(Meter::of_this_thread()));
            tell.send(begun.clone()).unwrap();
            while begun.ended().on_core < WORK {}
            tell.send(begun.clone()).unwrap();
            // Sleep, so that the system has counted everything.
            let _ = released.recv();
        });
        let begun: Begun = told.recv().unwrap();
        told.recv().unwrap();
        while begun.so_far().unwrap().on_core < WORK {
            thread::yield_now();
        }
        thread::sleep(WORK);
        let Effort { took, on_core, .. } = begun.so_far().unwrap();
        assert!(on_core < took, "{took:?}, {on_core:?}");
        drop(release);
        working.join().unwrap();
    }
}
