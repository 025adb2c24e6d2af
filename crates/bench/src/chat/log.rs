//! The newest entries of a short and of a long conversation, asked in turn on one connection, so that both meet the same
//! machine.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    Failure, crowd,
    samples::percentile,
    wire::{Connection, Target},
};

/// `bare chat log`
#[derive(clap::Args)]
pub struct Args {
    /// Where the server is, such as `http://127.0.0.1:3000/`.
    #[arg(long)]
    url: Target,
    /// The access token of a caller who may read every conversation.
    #[arg(long)]
    token: String,
    /// The number in the crowd of the account with the short conversation.
    #[arg(long)]
    short: u32,
    /// That of the account with the long one.
    #[arg(long)]
    long: u32,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Prints a line `short JSON` and a line `long JSON`, with latencies in milliseconds.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut connection = Connection::open(&args.url)?;
    let mut seen = [("short", args.short), ("long", args.long)].map(|(name, account)| {
        let path = format!("/user/{}/chat?limit=100", crowd::id(account));
        let target = Target { authority: args.url.authority.clone(), path };
        (name, target.get(&args.token), Vec::new(), 0_u32)
    });
    // The first of each finds nothing in any cache.
    for (_, request, ..) in &seen {
        connection.ask(request)?;
    }
    let end = Instant::now() + Duration::from_secs(args.seconds);
    while Instant::now() < end {
        for (_, request, times, errors) in &mut seen {
            let sent = Instant::now();
            let answer = connection.ask(request)?;
            times.push(sent.elapsed().as_secs_f64() * 1e3);
            *errors += u32::from(answer.status != 200);
        }
    }
    for (name, _, times, errors) in &mut seen {
        times.sort_by(f64::total_cmp);
        let [p50, p99, max] = [50.0, 99.0, 100.0].map(|percent| percentile(times, percent));
        println!("{name} {}", json!({ "p50": p50, "p99": p99, "max": max, "count": times.len(), "errors": errors }));
    }
    Ok(())
}
