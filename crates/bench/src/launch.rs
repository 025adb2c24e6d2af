//! Starting a server and timing it up to its first answer.

use std::{
    fs::File,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Failure,
    wire::{Target, ask_once},
};

/// `bare launch`
#[derive(clap::Args)]
pub struct Args {
    /// What must answer 200.
    #[arg(long)]
    url: Target,
    /// The access token to ask with.
    #[arg(long, default_value = "none")]
    token: String,
    /// Where the output of the server goes.
    #[arg(long)]
    log: PathBuf,
    /// Seconds after which the start has failed.
    #[arg(long, default_value_t = 30)]
    patience: u64,
    /// The server and its arguments; it inherits the environment.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// Prints `PID MILLISECONDS` and leaves the server running.
pub fn run(args: &Args) -> Result<(), Failure> {
    let (program, arguments) = args.command.split_first().ok_or("no command")?;
    let log = File::options().create(true).append(true).open(&args.log)?;
    let request = args.url.get(&args.token);
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let started = Instant::now();
    let mut server = command.spawn()?;
    while started.elapsed() < Duration::from_secs(args.patience) {
        if ask_once(&args.url, &request).is_ok_and(|answer| answer.status == 200) {
            println!("{} {:.3}", server.id(), started.elapsed().as_secs_f64() * 1e3);
            return Ok(());
        }
        if let Some(status) = server.try_wait()? {
            return Err(format!("{program} ended with {status}; see {}", args.log.display()).into());
        }
        thread::sleep(Duration::from_micros(250));
    }
    server.kill()?;
    server.wait()?;
    Err(format!("{program} gave no 200 within {} s; see {}", args.patience, args.log.display()).into())
}
