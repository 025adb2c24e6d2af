//! Password hashing by bcrypt, on threads of its own.
//!
//! A hash takes a quarter of a second of one core on purpose, so it never runs on an async thread and never without a
//! bound: as many at once as there are cores, behind a short queue, giving way to other work as long as there is room.
//! This crate must never decide what a good password is, nor store one. To add another way of hashing, write another
//! adapter of the same port that reads the hashes of this one as outdated.

mod attempts;
mod effort;
pub mod hasher;
mod pool;
mod priority;
mod stored;

pub use hasher::{BcryptHasher, BcryptOptions};
