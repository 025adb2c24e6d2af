//! The parts of the `vestibule` binary: configuration, command line, exit codes, telemetry and metrics.
//!
//! It may use every crate of the workspace, because it wires them together. It must never contain a rule of the product:
//! those are use cases. To add a setting, add a [`config::keys`] entry, read it where its section is resolved, and run the
//! tests once with `UPDATE_DOCS=1`.

pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
pub mod exit;
mod hardening;
mod json_lines;
pub mod log_buffer;
pub mod metrics;
mod process;
pub mod serve;
pub mod telemetry;
mod terminal;
