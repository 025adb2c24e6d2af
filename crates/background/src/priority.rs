//! Giving way to requests.

/// How much nicer than the process a thread is that gives way: other work that wants its core gets nine tenths of it. The least
/// step at which `me` is as quick in a storm of sign-ins as at nice 19; a hash beside busy neighbours is then only ten times as slow.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;
/// The nicest that a thread can be.
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;

/// Lowers the priority of the calling thread, and of no other: Linux counts niceness per thread. The process may have been
/// started nice itself. `work` names in the log what does not give way if the system refuses.
#[cfg(target_os = "linux")]
pub fn give_way(work: &str) {
    use rustix::process::{getpriority_process, setpriority_process};

    if let Err(error) = getpriority_process(None).and_then(|nice| setpriority_process(None, NICEST.min(nice + NICER))) {
        tracing::warn!(%error, work, "a thread for long work does not give way to requests");
    }
}

/// Elsewhere niceness belongs to the whole process, which must not be slowed down.
#[cfg(not(target_os = "linux"))]
pub fn give_way(_: &str) {}
