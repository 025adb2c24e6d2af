//! The HTTP side through its router, on the memory store; garbage meets a database too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that cannot do its part fails the test"
)]

mod confusion;
mod contacts;
mod cors;
mod description;
mod ego;
mod fault_lines;
mod health;
mod looking;
mod mailbox;
mod mern;
mod pages;
mod requests;
mod rights;
mod rococoins;
mod support;
mod time_limit;
mod token_keys;
mod truth;
mod typed;
mod wire;
