//! The machine: its clock and its randomness.
//!
//! Only this crate may ask the operating system for the time or for random bytes; everything else gets them through the
//! ports, so that tests can stop time. It must never contain a decision. To add a source, add a file with a unit struct
//! that implements its port.

pub mod clock;
pub mod randomness;

pub use clock::SystemClock;
pub use randomness::OsRandomness;
