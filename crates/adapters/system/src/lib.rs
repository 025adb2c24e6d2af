//! The machine: its clock and its randomness.
//!
//! The only crate that may ask the operating system for the time or for random bytes; everything else gets them
//! through the ports, so that tests can hold time still. It must never contain a decision. To add one, add a file with
//! a unit struct that implements its port.

pub mod clock;
pub mod randomness;

pub use clock::SystemClock;
pub use randomness::OsRandomness;
