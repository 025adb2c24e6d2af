//! Security events: recorded in the transaction of their cause, listed for an operator.

mod list;
mod record;

pub use list::ListEvents;
pub(crate) use record::Cause;
