//! The use cases on the memory store, with a clock that is set by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that cannot do its part fails the test"
)]

mod administration;
mod anonymous;
mod chat;
mod clocks;
mod documents;
mod dossiers;
mod edits;
mod events;
mod links;
mod mail;
mod own_account;
mod ownership;
mod password_reset;
mod places;
mod policy;
mod profiles;
mod providers;
mod register;
mod rulers;
mod sessions;
mod sign_in;
mod support;
mod transfer;
mod users;
mod verification;
