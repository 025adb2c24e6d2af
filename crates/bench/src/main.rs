//! The tools of `scripts/bench`, as one command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use vestibule_bench::{
    Failure, accounts, chat, commits, crowd, hashes, launch, lists, pace, profiles, refresh, report, searches, serve,
    submissions, token, upload,
};

#[derive(Parser)]
#[command(about = "Baselines and load tools of scripts/bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve `GET /api/auth/me` with nothing around it.
    Serve(serve::Args),
    /// Print an access token that the bare route accepts.
    Token(token::Args),
    /// Count raw bcrypt hashes a second.
    Hashes(hashes::Args),
    /// Register accounts and print the id and the token of the first.
    Register(accounts::Args),
    /// Sign in with the `mern` dialect and print the token.
    SignIn(accounts::SignInArgs),
    /// Write many accounts into a database.
    Crowd(crowd::Args),
    /// Write many profiles into a database.
    Profiles(profiles::Args),
    /// Ask for lists with every filter and sort in turn.
    Lists(lists::Args),
    /// Search few and many profiles in turn.
    Searches(searches::Args),
    /// Count single-row commits a second.
    Commits(commits::Args),
    /// Refresh without pause, each connection a sign-in of its own.
    Refresh(refresh::Args),
    /// Send, follow and read messages.
    #[command(subcommand)]
    Chat(chat::Command),
    /// Upload files without pause.
    Upload(upload::Args),
    /// Submit profiles with large pictures without pause.
    Submissions(submissions::Args),
    /// Send requests at a constant rate, whatever the answers take.
    Pace(pace::Args),
    /// Start a server, wait for its first 200 and print its process id and the milliseconds; it keeps running.
    Launch(launch::Args),
    /// Print the table of medians from recorded samples.
    Report(report::Args),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bare: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::run(args),
        Command::Token(args) => token::run(&args),
        Command::Hashes(args) => hashes::run(&args),
        Command::Register(args) => accounts::run(&args),
        Command::SignIn(args) => accounts::sign_in(&args),
        Command::Profiles(args) => profiles::run(&args),
        Command::Crowd(args) => crowd::run(&args),
        Command::Searches(args) => searches::run(&args),
        Command::Lists(args) => lists::run(&args),
        Command::Commits(args) => commits::run(&args),
        Command::Refresh(args) => refresh::run(&args),
        Command::Chat(command) => chat::run(&command),
        Command::Upload(args) => upload::run(&args),
        Command::Submissions(args) => submissions::run(&args),
        Command::Pace(args) => pace::run(&args),
        Command::Launch(args) => launch::run(&args),
        Command::Report(args) => report::run(&args),
    }
}
