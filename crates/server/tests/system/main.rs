//! The real binary with real parts: started, talked to from the outside, killed and started again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step fails the test")]

mod addresses;
mod chat;
mod checks;
mod command_line;
mod counting_races;
mod database_urls;
mod durability;
mod ego;
mod encrypted_stores;
mod full_disks;
mod hashing;
mod last_roots;
mod mail;
mod mern;
mod observability;
mod openapi;
mod pictures;
mod poolers;
mod refresh_model;
mod refresh_races;
mod rolling_restart;
mod secrets;
mod shutdown;
mod social;
mod sqlite_file;
mod stalled_output;
mod store_away;
mod support;
mod transfer;
mod two_servers;
mod unfit_stores;
mod users;
mod walkthrough;
mod wire;
