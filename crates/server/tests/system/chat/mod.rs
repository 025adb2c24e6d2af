//! The chat of the dialect `rococoins`: that nothing is lost, whatever ends in the middle.

mod crashes;
mod ends;
mod erasures;
pub(crate) mod nodes;
mod proxies;
mod senders;
mod slow_readers;
