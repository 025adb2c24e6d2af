//! Protection of the secret within this process.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Disables core dumps, and keeps other processes of the same user from tracing this one or reading its memory. The server
/// runs even if the system does not allow that.
pub(crate) fn keep_memory_private() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // Also for a system that pipes core dumps to a program, which the limit does not stop.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
