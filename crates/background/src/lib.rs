//! Long work beside requests: threads that give way to them, and a bounded queue for a turn on one.
//!
//! Hashing, pictures and large bodies take a core for milliseconds to seconds. They never run on an async thread, never
//! without a bound, and get a tenth of a core that a request wants too. This crate must never know what the work is.

mod pool;
mod priority;
mod turns;

pub use pool::Pool;
pub use priority::give_way;
pub use turns::{NotDone, Turns};
