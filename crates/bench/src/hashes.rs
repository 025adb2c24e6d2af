//! Raw bcrypt: how many hashes a second this machine makes with nothing else to do.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::Failure;

/// `bare hashes`
#[derive(clap::Args)]
pub struct Args {
    /// The bcrypt cost.
    #[arg(long, default_value_t = 10)]
    cost: u32,
    /// For how long.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// On how many threads; all cores if not given.
    #[arg(long)]
    threads: Option<usize>,
}

/// Prints hashes a second over all threads, as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    let threads = args.threads.map_or_else(|| thread::available_parallelism().map(usize::from), Ok)?;
    let seconds = Duration::from_secs(args.seconds);
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let cost = args.cost;
            thread::spawn(move || hashes_a_second(cost, seconds))
        })
        .collect();
    let mut rate = 0.0;
    for worker in workers {
        rate += worker.join().map_err(|_| "a hashing thread died")??;
    }
    println!("{}", serde_json::json!({ "rps": rate }));
    Ok(())
}

/// Each thread divides by its own time up to its last whole hash: no part of a hash is lost or counted double.
fn hashes_a_second(cost: u32, at_least: Duration) -> Result<f64, bcrypt::BcryptError> {
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < at_least {
        bcrypt::hash_with_salt("correct horse battery", cost, [7; 16])?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}
