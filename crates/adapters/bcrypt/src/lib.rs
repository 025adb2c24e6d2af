//! Password hashing by bcrypt, on threads of its own.
//!
//! A hash takes a quarter of a second of one core on purpose, so it never runs on an async thread and never without a
//! bound: as many threads as cores, at the lowest priority, behind a short queue. This crate must never decide what a
//! good password is, nor store one. To add another way of hashing, write another adapter of the same port that reads
//! the hashes of this one as outdated.

pub mod hasher;
mod pool;
mod stored;

pub use hasher::{BcryptHasher, BcryptOptions};
