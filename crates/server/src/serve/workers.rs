//! What runs beside the listener: delivering mail and tidying up.

use std::{future::Future, sync::Arc, time::Duration};

use actix_web::rt::{spawn, task::JoinHandle, time::timeout};
use tokio::sync::watch;
use vestibule_application::{Application, chain};
use vestibule_ports::Clock;
use vestibule_system::SystemClock;

use crate::metrics::{Sample, Sampler, count_mail_delivery, sampler as make_sampler};

/// How long the outbox is left alone when nothing was written to it here: another node's mail, or a retry, waits no
/// longer.
const OUTBOX_POLL: Duration = Duration::from_secs(2);
const TIDY_UP: Duration = Duration::from_mins(1);
/// A round that removed this many rows may have left some of the kind, so that the next one follows soon: what expires
/// faster than a thousand a minute would pile up otherwise.
const MUCH: u64 = 1_000;
const SHORT_PAUSE: Duration = Duration::from_millis(100);

/// The workers, and the word that ends them.
pub(super) struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts the workers.
pub(super) fn start(app: &Arc<Application>) -> Workers {
    let (stop, stopped) = watch::channel(false);
    let tasks = vec![spawn(deliver_mail(Arc::clone(app), stopped.clone())), spawn(tidy_up(Arc::clone(app), stopped))];
    Workers { stop, tasks }
}

impl Workers {
    /// Ends them after what they are doing, or after some time: a delivery that has not finished is tried again after
    /// its lease.
    pub(super) async fn stop(self, grace: Duration) {
        // Nobody listens if they have ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = timeout(grace, task).await;
        }
    }
}

async fn deliver_mail(app: Arc<Application>, mut stopped: watch::Receiver<bool>) {
    loop {
        match app.deliver_due_mail().await {
            Ok(delivered) => {
                for (result, count) in
                    [("delivered", delivered.sent), ("retried", delivered.postponed), ("dead", delivered.dead)]
                {
                    (0..count).for_each(|_| count_mail_delivery(result));
                }
                if delivered.is_full_batch() && !*stopped.borrow() {
                    continue;
                }
            }
            Err(fault) => tracing::warn!(error = chain(&fault), "the outbox cannot be read"),
        }
        if rest(OUTBOX_POLL, app.mail_written(), &mut stopped).await {
            return;
        }
    }
}

async fn tidy_up(app: Arc<Application>, mut stopped: watch::Receiver<bool>) {
    let mut pause = TIDY_UP;
    while !rest(pause, std::future::pending(), &mut stopped).await {
        pause = TIDY_UP;
        match app.tidy_up().await {
            Ok(0) => {}
            Ok(rows) => {
                tracing::debug!(rows, "tidied up");
                if rows >= MUCH {
                    pause = SHORT_PAUSE;
                }
            }
            Err(fault) => tracing::warn!(error = chain(&fault), "could not tidy up"),
        }
    }
}

/// Waits for some time or until there is work; true if it is the end.
async fn rest(at_most: Duration, work: impl Future<Output = ()>, stopped: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = actix_web::rt::time::sleep(at_most) => false,
        () = work => false,
        _ = stopped.wait_for(|stopped| *stopped) => true,
    }
}

/// Reads what the gauges show.
pub(super) fn sampler(app: &Arc<Application>) -> Sampler {
    let app = Arc::clone(app);
    make_sampler(move || {
        let app = Arc::clone(&app);
        async move {
            let usage = app.usage();
            let readiness = app.readiness().await.ok().filter(vestibule_application::operations::Readiness::is_ready);
            let outbox = readiness.map(|readiness| (readiness.outbox, SystemClock.now()));
            Sample { hash_queue: usage.queued_hashes, pool: usage.pool, outbox }
        }
    })
}
