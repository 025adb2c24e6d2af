//! A client of a constant rate: requests leave by the clock, whether or not earlier ones were answered.
//!
//! wrk waits for each answer before it asks again, so a server that stalls is asked less and looks better than it is.
//! Here every latency counts from the moment at which the request should have left.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    Failure,
    samples::percentile,
    wire::{Connection, Target},
};

/// `bare pace`
#[derive(clap::Args)]
pub struct Args {
    /// What to get.
    #[arg(long)]
    url: Target,
    /// The access token.
    #[arg(long)]
    token: String,
    /// Requests a second.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Over how many connections, in turn; one that is not answered in time delays its own next request only.
    #[arg(long, default_value_t = 32)]
    connections: u32,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    /// Milliseconds from when each request should have left until its answer was read.
    due: Vec<f64>,
    /// Milliseconds from when each request did leave.
    sent: Vec<f64>,
    /// Requests without an answer of 200.
    errors: u32,
}

/// Prints latencies in milliseconds and the errors, as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    let interval = Duration::from_secs(1) / args.rate.max(1);
    let request = args.url.get(&args.token);
    // All connections stand before the first request is due.
    let begin = Instant::now() + Duration::from_millis(200);
    let workers: Vec<_> = (0..args.connections)
        .map(|first| {
            let (target, request, connections) = (args.url.clone(), request.clone(), args.connections);
            let last = args.rate * args.seconds;
            let dues = (first..last).step_by(connections.max(1) as usize).map(move |turn| begin + interval * turn);
            thread::spawn(move || send_when_due(&target, &request, dues))
        })
        .collect();
    let mut all = Seen::default();
    for worker in workers {
        let seen = worker.join().map_err(|_| "a thread of the client died")?;
        all.due.extend(seen.due);
        all.sent.extend(seen.sent);
        all.errors += seen.errors;
    }
    println!("{}", summary(&mut all));
    Ok(())
}

fn send_when_due(target: &Target, request: &[u8], dues: impl Iterator<Item = Instant>) -> Seen {
    let mut seen = Seen::default();
    let mut connection = Connection::open(target).ok();
    for due in dues {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let sent = Instant::now();
        let answer = match connection.as_mut() {
            Some(open) => open.ask(request),
            None => Connection::open(target).and_then(|open| connection.insert(open).ask(request)),
        };
        if answer.is_ok_and(|answer| answer.status == 200) {
            seen.due.push(due.elapsed().as_secs_f64() * 1e3);
            seen.sent.push(sent.elapsed().as_secs_f64() * 1e3);
        } else {
            seen.errors += 1;
            connection = None;
        }
    }
    seen
}

fn summary(all: &mut Seen) -> serde_json::Value {
    all.due.sort_by(f64::total_cmp);
    all.sent.sort_by(f64::total_cmp);
    serde_json::json!({
        "answered": all.due.len(),
        "errors": all.errors,
        "p50": percentile(&all.due, 50.0),
        "p99": percentile(&all.due, 99.0),
        "max": percentile(&all.due, 100.0),
        "sent_p50": percentile(&all.sent, 50.0),
        "sent_p99": percentile(&all.sent, 99.0),
    })
}
