//! What every dialect does about a fault: logging it once, on the right level, and saying when to come back.

use vestibule_application::{Fault, chain};

/// Seconds after which a queue may have room again.
const OVERLOAD_SECONDS: u64 = 1;
/// Seconds after which a store may be back.
pub(crate) const OUTAGE_SECONDS: u64 = 5;

/// Logs a fault that is the server's. A client that tries too often is none.
pub(crate) fn log(fault: &Fault) {
    match fault {
        Fault::Throttled { .. } => {}
        Fault::Overloaded(_) | Fault::Unavailable(_) => {
            tracing::warn!(error = %chain(fault), "a request was put off");
        }
        Fault::Internal(_) => tracing::error!(error = %chain(fault), "a request failed"),
    }
}

/// What `Retry-After` says, in seconds; `None` where trying again is no remedy.
pub(crate) const fn retry_after(fault: &Fault) -> Option<u64> {
    match fault {
        Fault::Throttled { retry_after } => Some(*retry_after),
        Fault::Overloaded(_) => Some(OVERLOAD_SECONDS),
        Fault::Unavailable(_) => Some(OUTAGE_SECONDS),
        Fault::Internal(_) => None,
    }
}
