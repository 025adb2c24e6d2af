//! What every dialect does about a fault: logging it once, on the right level, and saying when to come back.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use vestibule_application::{Fault, chain};

/// Seconds after which a queue may have room again.
const OVERLOAD_SECONDS: u64 = 1;
/// Seconds after which a store may be back.
pub(crate) const OUTAGE_SECONDS: u64 = 5;

/// How often it is told at most that requests are put off because the store is unreachable, which the server tells of once.
const SELDOM: Duration = Duration::from_mins(1);

/// Logs a fault that is the server's. A client that tries too often is none.
pub(crate) fn log(fault: &Fault) {
    let at = fault.at().map(tracing::field::display);
    match fault {
        Fault::Throttled { .. } => {}
        Fault::Unavailable(_) | Fault::Unfit(_) if !is_due() => {
            tracing::debug!(error = %chain(fault), at, "a request was put off");
        }
        Fault::Overloaded(_) | Fault::Unavailable(_) | Fault::Unfit(_) => {
            tracing::warn!(error = %chain(fault), at, "a request was put off");
        }
        Fault::Internal(_) => tracing::error!(error = %chain(fault), at, "a request failed"),
    }
}

/// Whether it was not told for a while.
fn is_due() -> bool {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let is_due = last.is_none_or(|last| last.elapsed() >= SELDOM);
    if is_due {
        *last = Some(Instant::now());
    }
    is_due
}

/// Makes the failure of a dialect what a handler may end with, and what a fault becomes. It has the fields `status` and
/// `retry_after`, a method `response`, and the three constants below.
macro_rules! answers_faults {
    ($failure:ident) => {
        impl actix_web::ResponseError for $failure {
            fn status_code(&self) -> actix_web::http::StatusCode {
                self.status
            }

            fn error_response(&self) -> actix_web::HttpResponse {
                self.response()
            }
        }

        impl From<vestibule_application::Fault> for $failure {
            fn from(fault: vestibule_application::Fault) -> Self {
                use vestibule_application::Fault;

                $crate::shared::faults::log(&fault);
                let retry_after = $crate::shared::faults::retry_after(&fault);
                let failure = match fault {
                    Fault::Throttled { .. } => Self::TOO_MANY_REQUESTS,
                    Fault::Overloaded(_) | Fault::Unavailable(_) | Fault::Unfit(_) => Self::UNAVAILABLE,
                    Fault::Internal(_) => Self::INTERNAL,
                };
                Self { retry_after, ..failure }
            }
        }
    };
}
pub(crate) use answers_faults;

/// What `Retry-After` says, in seconds; `None` where trying again is no remedy.
pub(crate) const fn retry_after(fault: &Fault) -> Option<u64> {
    match fault {
        Fault::Throttled { retry_after } => Some(*retry_after),
        Fault::Overloaded(_) => Some(OVERLOAD_SECONDS),
        Fault::Unavailable(_) | Fault::Unfit(_) => Some(OUTAGE_SECONDS),
        Fault::Internal(_) => None,
    }
}
