//! The rules, one module each. A test that fails names the file, the rule and what to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test helpers may panic")]

mod budgets;
mod contents;
mod dependencies;
mod documented;
mod documents;
mod migrations;
mod mirror;
mod repository;
mod rooms;
mod scripts;
mod source;
mod stores;
mod strangers;
mod words;
