//! Uploads without pause: how many a second, and how far the memory of what takes them grows.

use std::{
    fs,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    Failure,
    chat::{Conversation, Whose},
    samples::percentile,
    wire::Connection,
};

/// `bare upload`
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    whose: Whose,
    /// Where to post a file, such as `/user/{id}/documents/taxId`.
    #[arg(long)]
    path: String,
    /// The process that takes them.
    #[arg(long)]
    pid: u32,
    /// How many upload at once, each to an account of its own.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// The size of a file in MiB.
    #[arg(long, default_value_t = 10)]
    mib: usize,
    /// For how long a client begins another one.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// What one connection saw.
struct Seen {
    times: Vec<f64>,
    errors: u32,
}

/// Prints uploads a second, latencies in milliseconds and the growth of the resident memory from before the first upload to its
/// peak in MiB, as JSON. The first upload of each client is not timed.
pub fn run(args: &Args) -> Result<(), Failure> {
    let conversations = args.whose.conversations()?;
    if conversations.len() < args.connections {
        return Err("each connection needs an account of its own".into());
    }
    // From here on the kernel counts the peak anew (proc_pid_clear_refs(5)).
    let before = memory(args.pid, "VmRSS:")?;
    fs::write(format!("/proc/{}/clear_refs", args.pid), "5")?;
    let requests = conversations[..args.connections].iter().map(|whose| request(args, whose));
    let requests: Vec<_> = requests.collect();
    let start = Barrier::new(args.connections);
    let (all, took) = thread::scope(|scope| {
        let threads: Vec<_> = requests.iter().map(|request| scope.spawn(|| go_on(args, request, &start))).collect();
        let (mut all, mut took) = (Seen { times: Vec::new(), errors: 0 }, Duration::ZERO);
        for thread in threads {
            let (seen, of_thread) = thread.join().map_err(|_| "a thread ended early")??;
            all.times.extend(seen.times);
            all.errors += seen.errors;
            took = took.max(of_thread);
        }
        Ok::<_, Failure>((all, took))
    })?;
    let growth = memory(args.pid, "VmHWM:")? - before;
    let mut times = all.times;
    times.sort_by(f64::total_cmp);
    let rps = f64::from(u32::try_from(times.len())?) / took.as_secs_f64();
    let [p50, p99] = [50.0, 99.0].map(|percent| percentile(&times, percent));
    let figures =
        json!({ "rps": rps, "p50": p50, "p99": p99, "growth": growth / 1024.0, "errors": all.errors, "refused": 0 });
    println!("{figures}");
    Ok(())
}

/// A form with one file that begins as a PDF does.
fn request(args: &Args, whose: &Conversation) -> Vec<u8> {
    let target = args.whose.target(&args.path, whose);
    let mut file = b"%PDF-1.7\n".to_vec();
    file.resize(args.mib << 20, b'x');
    target.upload(&whose.token, &file)
}

/// Since the barrier, until the last answer.
fn go_on(args: &Args, request: &[u8], start: &Barrier) -> Result<(Seen, Duration), Failure> {
    // A connection that waits for the slowest one might be closed meanwhile.
    let first = Connection::open(&args.whose.url).and_then(|mut connection| connection.ask(request));
    start.wait();
    let (first, mut connection) = (first?, Connection::open(&args.whose.url)?);
    let (mut seen, began) = (Seen { times: Vec::new(), errors: u32::from(first.status != 201) }, Instant::now());
    while began.elapsed() < Duration::from_secs(args.seconds) {
        let sent = Instant::now();
        if connection.ask(request)?.status == 201 {
            seen.times.push(sent.elapsed().as_secs_f64() * 1e3);
        } else {
            seen.errors += 1;
        }
    }
    Ok((seen, began.elapsed()))
}

/// A figure of the memory of a process in KiB.
pub(crate) fn memory(pid: u32, name: &str) -> Result<f64, Failure> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such figure of memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
