//! Workers beside the listener: delivering mail, purging expired rows, dropping stories that were never approved, checking
//! live streams of conversations, erasing the messages of removed accounts, and removing unreferenced blobs.

use std::{sync::Arc, time::Duration};

use actix_web::rt::{
    spawn,
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, timeout_at},
};
use vestibule_application::{Chat, Documents, Fault, Identity, Profiles, chain, documents::Sweep, mail::Delivery};
use vestibule_ports::Clock;
use vestibule_system::SystemClock;

use crate::metrics::{
    NodeSample, Sampler, StoreSample, count_mail_delivery, count_swept_blobs, sampler as make_sampler,
};

/// The longest time between two looks at the outbox if nothing was written to it here: for mail of other nodes and for
/// retries.
const OUTBOX_POLL: Duration = Duration::from_secs(2);
/// The most concurrent deliveries.
const DELIVERIES: usize = 16;
/// How many slots must be free before the next mails of a backlog are leased: leasing one at a time would double the
/// writes.
const LEAST_ROOM: usize = DELIVERIES / 4;
/// How long a worker waits for the store. A request has its own limit; a worker would wait for ever for a host that
/// vanished after accepting a statement.
const STORE: Duration = Duration::from_mins(2);
const TIDY_UP: Duration = Duration::from_mins(1);
/// How often live streams are checked: the longest time that a revoked one continues.
const WATCH_OVER: Duration = Duration::from_secs(2);
/// How long this waits for the store before it retries on other connections.
const WATCH_OVER_STORE: Duration = Duration::from_secs(15);
/// How long the last notices may take to reach the other nodes.
const LAST_NEWS: Duration = Duration::from_millis(500);
/// How often unreferenced blobs are looked for.
const SWEEP: Duration = Duration::from_hours(1);
/// A round that removed this many rows may have left more, so the next one follows soon: otherwise rows that expire faster
/// than a thousand a minute would pile up.
const MUCH: u64 = 1_000;
const SHORT_PAUSE: Duration = Duration::from_millis(100);
/// Between two erasures, so that other writers get in between, and a million messages are gone in less than two minutes.
const ERASURE_PAUSE: Duration = Duration::from_millis(50);

/// The workers, and the signal that stops them.
pub(super) struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts the workers.
pub(super) fn start(
    app: &Arc<Identity>,
    chat: &Arc<Chat>,
    (documents, profiles): (&Arc<Documents>, &Arc<Profiles>),
) -> Workers {
    let (stop, stopped) = watch::channel(false);
    let tasks = vec![
        spawn(deliver_mail(Arc::clone(app), stopped.clone())),
        spawn(tidy_up(Arc::clone(app), stopped.clone())),
        spawn(drop_stale(Arc::clone(profiles), stopped.clone())),
        spawn(relay(Arc::clone(chat), stopped.clone())),
        spawn(watch_over(Arc::clone(chat), stopped.clone())),
        spawn(erase_removed(Arc::clone(chat), stopped.clone())),
        spawn(remove_discarded(Arc::clone(documents), stopped.clone())),
        spawn(sweep(Arc::clone(documents), stopped)),
    ];
    Workers { stop, tasks }
}

impl Workers {
    /// Stops them after their current work, or at a deadline: an unfinished delivery is retried after its lease.
    pub(super) async fn stop(self, at_last: Instant) {
        // The workers may have ended already.
        let _ = self.stop.send(true);
        for mut task in self.tasks {
            if timeout_at(at_last, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

/// Delivers mail concurrently, and looks for more as soon as a slot is free: a slow address occupies one slot and delays no
/// other mail.
async fn deliver_mail(app: Arc<Identity>, mut stopped: watch::Receiver<bool>) {
    let mut under_way = JoinSet::new();
    let mut polls = interval(OUTBOX_POLL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut may_be_more, mut least_room) = (true, 1);
    loop {
        if may_be_more && DELIVERIES - under_way.len() >= least_room {
            may_be_more = hand_over(&app, &mut under_way).await;
        }
        tokio::select! {
            Some(outcome) = under_way.join_next() => {
                count(outcome);
                least_room = LEAST_ROOM;
            }
            _ = polls.tick() => (may_be_more, least_room) = (true, 1),
            () = app.mail_written() => (may_be_more, least_room) = (true, 1),
            _ = stopped.wait_for(|stopped| *stopped) => break,
        }
    }
    // The last requests may have written some.
    hand_over(&app, &mut under_way).await;
    while let Some(outcome) = under_way.join_next().await {
        count(outcome);
    }
}

/// Leases as many mails as there are free slots, and delivers each in its own task, because a delivery may hold the store,
/// or be next in its queue, when the next mails are leased. Returns whether there may be more.
async fn hand_over(app: &Arc<Identity>, under_way: &mut JoinSet<Result<Delivery, Fault>>) -> bool {
    let room = DELIVERIES - under_way.len();
    let leased = timeout(STORE, app.lease_due_mail(u32::try_from(room).unwrap_or(u32::MAX))).await;
    let mails = leased.unwrap_or_else(|_| Err(silent())).unwrap_or_else(|fault| {
        complain(&fault, "the outbox cannot be read");
        Vec::new()
    });
    let may_be_more = mails.len() == room;
    for mail in mails {
        let app = Arc::clone(app);
        // The mail server gets a part of the lease; the rest is for the store.
        let limit = app.mail_lease() + STORE;
        under_way.spawn(async move { timeout(limit, app.deliver(mail)).await.unwrap_or_else(|_| Err(silent())) });
    }
    may_be_more
}

fn count(outcome: Result<Result<Delivery, Fault>, JoinError>) {
    match outcome {
        Ok(Ok(Delivery::Sent)) => count_mail_delivery("delivered"),
        Ok(Ok(Delivery::Postponed)) => count_mail_delivery("retried"),
        Ok(Ok(Delivery::Dead)) => count_mail_delivery("dead"),
        Ok(Err(fault)) => complain(&fault, "the result of a delivery cannot be stored"),
        Err(panic) => tracing::error!(error = chain(&panic), "a mail delivery panicked"),
    }
}

async fn tidy_up(app: Arc<Identity>, mut stopped: watch::Receiver<bool>) {
    let mut pause = TIDY_UP;
    while !rest(pause, &mut stopped).await {
        pause = TIDY_UP;
        match timeout(STORE, app.tidy_up()).await.unwrap_or_else(|_| Err(silent())) {
            Ok(0) => {}
            Ok(rows) => {
                tracing::debug!(rows, "tidied up");
                if rows >= MUCH {
                    pause = SHORT_PAUSE;
                }
            }
            Err(fault) => complain(&fault, "could not delete expired rows"),
        }
    }
}

/// Drops public submissions that were not approved in time, a batch at a time.
async fn drop_stale(profiles: Arc<Profiles>, mut stopped: watch::Receiver<bool>) {
    let mut pause = TIDY_UP;
    while !rest(pause, &mut stopped).await {
        pause = TIDY_UP;
        match timeout(STORE, profiles.drop_stale()).await.unwrap_or_else(|_| Err(silent())) {
            Ok(0) => {}
            Ok(dropped) => {
                tracing::info!(profiles = dropped, "dropped stories that were not approved in time");
                pause = SHORT_PAUSE;
            }
            Err(fault) => {
                complain(&fault, "could not drop stories that were not approved in time");
            }
        }
    }
}

/// Carries conversation notices between this node and the others.
async fn relay(chat: Arc<Chat>, mut stopped: watch::Receiver<bool>) {
    tokio::select! {
        () = chat.relay() => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    // The last requests may have sent messages. If this fails, the other nodes notice soon.
    let _ = timeout(LAST_NEWS, chat.tell_rest()).await;
}

async fn watch_over(chat: Arc<Chat>, mut stopped: watch::Receiver<bool>) {
    let mut fails = false;
    while !rest(WATCH_OVER, &mut stopped).await {
        let outcome = timeout(WATCH_OVER_STORE, chat.watch_over()).await.unwrap_or_else(|_| Err(silent()));
        match &outcome {
            Err(fault) if !fails => {
                complain(fault, "live streams of conversations cannot be updated");
            }
            Ok(()) if fails => tracing::info!("live streams of conversations are updated again"),
            Ok(()) | Err(_) => {}
        }
        fails = outcome.is_err();
    }
}

/// Erases the messages of removed accounts, a batch at a time.
async fn erase_removed(chat: Arc<Chat>, mut stopped: watch::Receiver<bool>) {
    let (mut pause, mut erased) = (ERASURE_PAUSE, 0);
    while !rest(pause, &mut stopped).await {
        pause = TIDY_UP;
        match timeout(STORE, chat.erase_removed()).await.unwrap_or_else(|_| Err(silent())) {
            Ok(0) if erased == 0 => {}
            Ok(0) => {
                tracing::info!(messages = erased, "erased the messages of removed accounts");
                erased = 0;
            }
            Ok(messages) => {
                erased += messages;
                pause = ERASURE_PAUSE;
            }
            Err(fault) => complain(&fault, "could not erase the messages of removed accounts"),
        }
    }
}

/// Removes document contents soon after the document was replaced or removed.
async fn remove_discarded(documents: Arc<Documents>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = documents.discarded() => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        let removed = timeout(STORE, documents.remove_discarded()).await.unwrap_or_else(|_| Err(silent()));
        if let Err(fault) = removed {
            tracing::warn!(error = chain(&fault), "document contents could not be removed; the sweep will retry");
        }
    }
}

/// Sweeps all blobs, part by part, every hour; begins some time after the start. After a failure it continues in the next
/// hour.
async fn sweep(documents: Arc<Documents>, mut stopped: watch::Receiver<bool>) {
    if let Err(fault) = timeout(STORE, documents.ping_blobs()).await.unwrap_or_else(|_| Err(silent())) {
        tracing::warn!(error = chain(&fault), "documents can neither be uploaded nor read: see VESTIBULE_BLOBS");
    }
    let (mut sweep, mut pause) = (Sweep::default(), TIDY_UP);
    while !rest(pause, &mut stopped).await {
        pause = SWEEP;
        match timeout(STORE, documents.sweep(&mut sweep)).await.unwrap_or_else(|_| Err(silent())) {
            Ok(swept) => {
                if swept.removed > 0 {
                    count_swept_blobs(swept.removed);
                    tracing::info!(blobs = swept.removed, "removed unreferenced blobs");
                }
                if !swept.is_done {
                    pause = SHORT_PAUSE;
                }
            }
            Err(fault) => {
                tracing::warn!(error = chain(&fault), "could not look for unreferenced blobs");
            }
        }
    }
}

/// Logs a failure that will be retried. An unreachable store is logged once, by its watcher.
fn complain(fault: &Fault, what: &'static str) {
    if matches!(fault, Fault::Unavailable(_)) {
        tracing::debug!(error = chain(fault), "{what}");
    } else {
        tracing::warn!(error = chain(fault), "{what}");
    }
}

fn silent() -> Fault {
    Fault::unavailable("no answer in time")
}

/// Waits for some time; true if the server is stopping.
async fn rest(pause: Duration, stopped: &mut watch::Receiver<bool>) -> bool {
    timeout(pause, stopped.wait_for(|stopped| *stopped)).await.is_ok()
}

/// Reads the gauges.
pub(super) fn sampler(app: &Arc<Identity>, chat: &Arc<Chat>) -> Sampler {
    let (app, chat) = (Arc::clone(app), Arc::clone(chat));
    make_sampler(move || {
        let node = NodeSample { usage: app.usage(), live_streams: chat.followers() };
        let app = Arc::clone(&app);
        let store = async move {
            let Ok(readiness) = app.readiness().await else { return StoreSample::default() };
            let stats = if readiness.is_ready() { app.outbox_stats().await.ok() } else { None };
            StoreSample { is_up: true, outbox: stats.map(|stats| (stats, SystemClock.now())) }
        };
        (node, store)
    })
}
