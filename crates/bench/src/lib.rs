//! What `scripts/bench` measures with: the bare routes that the server is compared with, raw hashing, a client of a
//! constant rate, and the table of medians.
//!
//! It must never contain a part of the server: a baseline that shares the server's code shares its faults, and the
//! ratio would hide them (only the mapping of ids is the domain's, and the profiles that are searched on SQLite are written by
//! its adapter). To add a measurement, record samples under a new
//! key in `scripts/bench` and add its row to [`rows`]. What needs no server is timed in `benches`:
//! `scripts/bench --micro` runs them and compares with the first run.

pub mod accounts;
pub mod chat;
pub mod commits;
pub mod crowd;
mod failure;
pub mod hashes;
pub mod launch;
pub mod lists;
pub mod pace;
pub mod profiles;
pub mod refresh;
pub mod report;
pub mod rows;
pub mod samples;
pub mod searches;
pub mod serve;
pub mod submissions;
pub mod token;
mod turns;
pub mod upload;
pub mod wire;

pub use failure::Failure;
