//! What keeps the secret in this process.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Lets the process leave no core file, and keeps other processes of the same user from tracing it or reading its memory. A
/// system that does not allow that is no reason not to run.
pub(crate) fn keep_memory_private() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // Also for a system that pipes core files to a program, which the limit does not stop.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
