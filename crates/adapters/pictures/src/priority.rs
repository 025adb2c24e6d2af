//! Rendering gives way to requests.

/// How much nicer than the process the threads are: whatever else wants a core gets nine tenths of it.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;
/// The nicest that a thread can be.
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;

/// Lowers the priority of the calling thread, and of no other: Linux counts niceness per thread.
#[cfg(target_os = "linux")]
pub(crate) fn give_way() {
    use rustix::process::{getpriority_process, setpriority_process};

    if let Err(error) = getpriority_process(None).and_then(|nice| setpriority_process(None, NICEST.min(nice + NICER))) {
        tracing::warn!(%error, "the rendering of pictures does not give way to other work");
    }
}

/// Elsewhere niceness belongs to the whole process, which must not be slowed down.
#[cfg(not(target_os = "linux"))]
pub(crate) fn give_way() {}
