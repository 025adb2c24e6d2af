//! The `vestibule` binary: reads the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use vestibule_server::{cli::Cli, commands};

fn main() -> ExitCode {
    commands::run(&Cli::parse())
}
