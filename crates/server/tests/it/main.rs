//! The configuration, the command line and the metrics, from the outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step fails the test")]

mod blobs;
mod cli;
mod cut_off;
mod data_dir;
mod documents;
mod metrics;
mod numbers;
mod places;
mod refusals;
mod sources;
mod support;
mod telemetry;
mod users;
