//! Password hashing by bcrypt, on its own threads.
//!
//! A hash takes a quarter of a second of one core on purpose. So it never runs on an async thread and is always bounded:
//! one at a time per core, behind a short queue, with low priority as long as cores are idle. This crate must never decide
//! what a good password is, nor store one. To add another way of hashing, write another adapter of the same port that reads
//! this one's hashes as outdated.

mod attempts;
mod effort;
pub mod hasher;
mod pool;
mod priority;
mod stored;

pub use hasher::{BcryptHasher, BcryptOptions};
