//! Many streams on which nothing happens: what each costs the server in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{runtime, sync::Semaphore, task::JoinSet, time::sleep};

use super::{Whose, sse::Connection};
use crate::{Failure, upload::memory, wire::Target};

/// So many are opened at once.
const AT_ONCE: usize = 64;

/// `bare chat streams`
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    whose: Whose,
    /// What to follow, such as `/user/{id}/chat/events`.
    #[arg(long)]
    path: String,
    /// The process that serves it.
    #[arg(long)]
    pid: u32,
    /// For how long all of them stay open: with heartbeats every 20 s, longer than that.
    #[arg(long, default_value_t = 25)]
    seconds: u64,
}

/// What all streams saw together.
#[derive(Default)]
struct Seen {
    comments: AtomicU32,
    ended: AtomicU32,
}

/// Prints how much the resident memory of the server has grown at most while they were open, in KiB a stream, as JSON; a
/// stream that was refused or has ended by itself is an error.
pub fn run(args: &Args) -> Result<(), Failure> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(args))
}

async fn measure(args: &Args) -> Result<(), Failure> {
    let conversations = args.whose.conversations()?;
    let count = conversations.len();
    let requests = conversations.iter().map(|conversation| {
        let target = args.whose.target(&args.path, conversation);
        let request = target.get(&conversation.token);
        (target, request)
    });
    let (before, began, seen) = (memory(args.pid, "VmRSS:")?, Instant::now(), Arc::<Seen>::default());
    let (mut opening, turns) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for (target, request) in requests {
        let (turns, seen) = (Arc::clone(&turns), Arc::clone(&seen));
        opening.spawn(async move {
            let turn = turns.acquire_owned().await?;
            let connection = open(&target, &request).await?;
            drop(turn);
            tokio::spawn(listen(connection, seen));
            Ok::<_, Failure>(())
        });
    }
    while let Some(opened) = opening.join_next().await {
        opened??;
    }
    let opened = began.elapsed();
    let (mut most, end) = (0.0_f64, Instant::now() + Duration::from_secs(args.seconds));
    while Instant::now() < end {
        most = most.max(memory(args.pid, "VmRSS:")?);
        sleep(Duration::from_millis(200)).await;
    }
    let [comments, ended] = [&seen.comments, &seen.ended].map(|count| count.load(Ordering::Relaxed));
    let kib = (most - before) / f64::from(u32::try_from(count)?);
    let opened = opened.as_secs_f64() * 1e3;
    println!("{}", json!({ "kib": kib, "streams": count, "open_ms": opened, "comments": comments, "errors": ended }));
    Ok(())
}

/// Opened once the first piece has come.
async fn open(target: &Target, request: &[u8]) -> Result<Connection, Failure> {
    let mut connection = Connection::open(target).await?;
    connection.follow(request).await?;
    connection.next().await?;
    Ok(connection)
}

async fn listen(mut connection: Connection, seen: Arc<Seen>) {
    while connection.next().await.is_ok() {
        seen.comments.fetch_add(1, Ordering::Relaxed);
    }
    seen.ended.fetch_add(1, Ordering::Relaxed);
}
