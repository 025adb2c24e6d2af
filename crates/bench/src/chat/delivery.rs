//! Live delivery: messages leave by the clock, each to the next conversation, and every conversation has a reader.
//!
//! The text of a message is its number, by which its reader knows when it left.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::{
    runtime,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{Conversation, Whose, message, sse::Connection};
use crate::{Failure, samples::percentile};

/// What has not come by then after the last message was sent does not come.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the text of a message begins with.
const MARK: &str = "number ";

/// `bare chat delivery`
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    whose: Whose,
    /// What to follow, such as `/user/{id}/chat/events`.
    #[arg(long)]
    events: String,
    /// Where to put a message, such as `/user/admin_chat/{id}`.
    #[arg(long)]
    path: String,
    /// Messages a second.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Over how many connections, in turn; one that is not answered in time delays its own next message only.
    #[arg(long, default_value_t = 128)]
    connections: u32,
}

/// When each message left and how long it took; times in nanoseconds since the beginning.
struct Record {
    begin: Instant,
    /// 0 before a message has left and after it has come.
    sent: Vec<AtomicU64>,
    times: Mutex<Vec<f64>>,
    answers: Mutex<Vec<f64>>,
    errors: AtomicU32,
}

/// Prints the messages a second that came, milliseconds from when each left until it was read, and until its sender was
/// answered, and the errors, as JSON: refused sends, and messages that came twice or never.
pub fn run(args: &Args) -> Result<(), Failure> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(args))
}

async fn measure(args: &Args) -> Result<(), Failure> {
    let conversations = Arc::new(args.whose.conversations()?);
    let total = args.rate * args.seconds;
    let mut readers = Vec::with_capacity(conversations.len());
    for conversation in &*conversations {
        let target = args.whose.target(&args.events, conversation);
        let mut reader = Connection::open(&target).await?;
        reader.follow(&target.get(&conversation.token)).await?;
        reader.next().await?;
        readers.push(reader);
    }
    let record = Arc::new(Record {
        begin: Instant::now() + Duration::from_millis(500),
        sent: (0..total).map(|_| AtomicU64::new(0)).collect(),
        times: Mutex::default(),
        answers: Mutex::default(),
        errors: AtomicU32::new(0),
    });
    for reader in readers {
        tokio::spawn(read(reader, Arc::clone(&record)));
    }
    let mut senders = JoinSet::new();
    for first in 0..args.connections {
        let connection = Connection::open(&args.whose.url).await?;
        let requests = (first..total).step_by(args.connections as usize).map(|number| {
            let conversation = &conversations[number as usize % conversations.len()];
            (number, request(args, conversation, number))
        });
        senders.spawn(send(connection, requests.collect(), args.rate, Arc::clone(&record)));
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    let sent = record.begin.elapsed();
    while record.arrived() < total as usize && record.begin.elapsed() < sent + PATIENCE {
        sleep(Duration::from_millis(10)).await;
    }
    println!("{}", record.summary(sent)?);
    Ok(())
}

fn request(args: &Args, conversation: &Conversation, number: u32) -> Vec<u8> {
    let body = message(conversation, &format!("{MARK}{number}"));
    args.whose.target(&args.path, conversation).put(&conversation.token, &body)
}

async fn send(
    mut connection: Connection,
    requests: Vec<(u32, Vec<u8>)>,
    rate: u32,
    record: Arc<Record>,
) -> Result<(), Failure> {
    for (number, request) in requests {
        sleep_until(record.begin + Duration::from_secs(1) * number / rate).await;
        let left = record.begin.elapsed();
        record.sent[number as usize].store(nanoseconds(left), Ordering::Relaxed);
        if connection.ask(&request).await? == 200 {
            let took = record.begin.elapsed().saturating_sub(left);
            lock(&record.answers).push(took.as_secs_f64() * 1e3);
        } else {
            record.errors.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

async fn read(mut reader: Connection, record: Arc<Record>) {
    while let Ok(event) = reader.next().await {
        if let Some(number) = number(&event) {
            record.note(number);
        }
    }
}

/// The number in the text of a message.
fn number(event: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(event).ok()?;
    let (_, rest) = text.split_once(MARK)?;
    rest.split_once('"')?.0.parse().ok()
}

impl Record {
    fn note(&self, number: usize) {
        let now = nanoseconds(self.begin.elapsed());
        match self.sent.get(number).map(|sent| sent.swap(0, Ordering::Relaxed)) {
            Some(sent) if sent > 0 => {
                let took = Duration::from_nanos(now - sent);
                lock(&self.times).push(took.as_secs_f64() * 1e3);
            }
            _ => drop(self.errors.fetch_add(1, Ordering::Relaxed)),
        }
    }

    fn arrived(&self) -> usize {
        lock(&self.times).len()
    }

    fn summary(&self, sent: Duration) -> Result<serde_json::Value, Failure> {
        let missing = u32::try_from(self.sent.len() - self.arrived())?;
        let (mut times, mut answers) = (lock(&self.times).clone(), lock(&self.answers).clone());
        times.sort_by(f64::total_cmp);
        answers.sort_by(f64::total_cmp);
        let [p50, p99, max] = [50.0, 99.0, 100.0].map(|percent| percentile(&times, percent));
        let [answer_p50, answer_p99] = [50.0, 99.0].map(|percent| percentile(&answers, percent));
        let errors = self.errors.load(Ordering::Relaxed) + missing;
        let rps = f64::from(u32::try_from(times.len())?) / sent.as_secs_f64();
        Ok(json!({
            "rps": rps, "p50": p50, "p99": p99, "max": max, "answer_p50": answer_p50, "answer_p99": answer_p99,
            "errors": errors, "refused": 0,
        }))
    }
}

/// At least 1.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1)
}

fn lock(times: &Mutex<Vec<f64>>) -> std::sync::MutexGuard<'_, Vec<f64>> {
    times.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_by_the_number_in_its_text() {
        assert_eq!(
            number(b"1f\r\nid: 7\nevent: message\ndata: {\"adminChats\":\"number 12\",\"seq\":7}\n\n"),
            Some(12)
        );
        assert_eq!(number(b"\r\n3\r\n:\n\n"), None);
    }
}
