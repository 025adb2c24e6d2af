//! Requests that are made in turn, one at a time: all of them meet the same machine, and none waits for another.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{Failure, samples::percentile, wire::Connection};

/// A request, and under which key its samples are recorded.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) key: &'static str,
    /// The bytes that are sent.
    pub(crate) bytes: Vec<u8>,
    /// The place of the connection that it goes by.
    pub(crate) connection: usize,
}

/// Milliseconds until each answer was read, and how many answers were none.
#[derive(Default, Clone)]
struct Seen {
    times: Vec<f64>,
    errors: u32,
}

/// Makes the requests again and again for so long, and prints a line for each: its key, and latencies in milliseconds as JSON.
pub(crate) fn make(requests: &[Request], connections: &mut [Connection], time: Duration) -> Result<(), Failure> {
    let mut seen = vec![Seen::default(); requests.len()];
    // The first round finds nothing in any cache.
    for request in requests {
        connections[request.connection].ask(&request.bytes)?;
    }
    let end = Instant::now() + time;
    while Instant::now() < end {
        for (request, seen) in requests.iter().zip(&mut seen) {
            let sent = Instant::now();
            let answer = connections[request.connection].ask(&request.bytes)?;
            seen.times.push(sent.elapsed().as_secs_f64() * 1e3);
            seen.errors += u32::from(answer.status != 200);
        }
    }
    for (request, mut seen) in requests.iter().zip(seen) {
        seen.times.sort_by(f64::total_cmp);
        let [p50, p99, max] = [50.0, 99.0, 100.0].map(|percent| percentile(&seen.times, percent));
        let samples = json!({ "p50": p50, "p99": p99, "max": max, "count": seen.times.len(), "errors": seen.errors });
        println!("{} {samples}", request.key);
    }
    Ok(())
}
