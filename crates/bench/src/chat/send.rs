//! Sending without pause: each connection goes round its own conversations, so that none has two senders at once.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{Whose, message};
use crate::{Failure, samples::percentile, wire::Connection};

/// `bare chat send`
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    whose: Whose,
    /// Where to put a message, such as `/user/user_chat/{id}`.
    #[arg(long)]
    path: String,
    /// How many send at once.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    times: Vec<f64>,
    bytes: usize,
    errors: u32,
}

/// Prints messages a second, latencies in milliseconds and the mean size of an answer in KiB as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut requests = vec![Vec::new(); args.connections];
    for (number, conversation) in args.whose.conversations()?.iter().enumerate() {
        let body = message(conversation, "What is written now, of about forty bytes");
        let target = args.whose.target(&args.path, conversation);
        requests[number % args.connections].push(target.put(&conversation.token, &body));
    }
    requests.retain(|requests| !requests.is_empty());
    let open = |requests| Ok((Connection::open(&args.whose.url)?, requests));
    let connections: Vec<_> = requests.into_iter().map(open).collect::<Result<_, Failure>>()?;
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let threads: Vec<_> = connections
        .into_iter()
        .map(|(connection, requests)| thread::spawn(move || go_round(connection, &requests, end)))
        .collect();
    let mut all = Seen::default();
    for thread in threads {
        let seen = thread.join().map_err(|_| "a thread ended early")??;
        all.times.extend(seen.times);
        all.bytes += seen.bytes;
        all.errors += seen.errors;
    }
    println!("{}", summary(all, args.seconds)?);
    Ok(())
}

fn go_round(mut connection: Connection, requests: &[Vec<u8>], end: Instant) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    for request in requests.iter().cycle() {
        if Instant::now() >= end {
            break;
        }
        let sent = Instant::now();
        let answer = connection.ask(request)?;
        if answer.status == 200 {
            seen.times.push(sent.elapsed().as_secs_f64() * 1e3);
            seen.bytes += answer.body.len();
        } else {
            seen.errors += 1;
        }
    }
    Ok(seen)
}

fn summary(mut all: Seen, seconds: u64) -> Result<serde_json::Value, Failure> {
    all.times.sort_by(f64::total_cmp);
    let count = f64::from(u32::try_from(all.times.len())?);
    let kib = f64::from(u32::try_from(all.bytes / 1024)?) / count.max(1.0);
    let [p50, p99, max] = [50.0, 99.0, 100.0].map(|percent| percentile(&all.times, percent));
    let rps = count / Duration::from_secs(seconds).as_secs_f64();
    Ok(json!({ "rps": rps, "p50": p50, "p99": p99, "max": max, "kib": kib, "errors": all.errors, "refused": 0 }))
}
