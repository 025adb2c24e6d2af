//! Prometheus metrics: the recorder, the meaning of each metric, and the listener that serves them.
//!
//! Counters and histograms are recorded where things happen, through the macros of the `metrics` crate. Gauges are read
//! when the page is requested, so that they cost nothing otherwise.

use std::{future::Future, io, net::TcpListener, pin::Pin, sync::Arc, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, dev::Server, http::header, web};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use time::OffsetDateTime;
use vestibule_application::operations::Usage;
use vestibule_ports::{OutboxStats, PoolUsage};

use crate::process;

/// Requests, by `route` (the pattern, not the path), `method` and `status`.
pub const HTTP_REQUESTS: &str = "http_requests_total";
/// Seconds from the head of a request to the end of its response, with the same labels.
pub const HTTP_SECONDS: &str = "http_request_duration_seconds";
/// Password hashes that wait for a thread.
pub const HASH_QUEUE: &str = "password_hash_queue";
/// Live streams of conversations.
pub const LIVE_STREAMS: &str = "live_streams";
/// Removed blobs that nothing referred to.
pub const BLOBS_SWEPT: &str = "blobs_swept_total";
/// Connections to the store, by `state`: `busy`, `idle`, `limit`.
pub const STORE_CONNECTIONS: &str = "store_connections";
/// Whether the store answered the latest page request and takes writes: 1 or 0.
pub const STORE_UP: &str = "store_up";
/// Waiting mails.
pub const OUTBOX_WAITING: &str = "outbox_waiting";
/// Age of the oldest waiting mail.
pub const OUTBOX_OLDEST: &str = "outbox_oldest_seconds";
/// Mails that were given up.
pub const OUTBOX_DEAD: &str = "outbox_dead";
/// Attempts to deliver a mail, by `result`: `delivered`, `retried`, `dead`.
pub const MAIL_DELIVERIES: &str = "mail_deliveries_total";
/// Log lines dropped because the reader of standard error was too slow.
pub const LOG_LINES_DROPPED: &str = "log_lines_dropped_total";

/// Upper bounds in seconds: a cached read takes a millisecond, a sign-in a few hundred, and 10 s is the time limit.
const SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How long the page waits for the store before it is shown without the store's values.
const SAMPLE_TIMEOUT: Duration = Duration::from_secs(2);

/// How often histogram samples are aggregated if the page is not requested.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The recorder could not be built.
    #[error("the metrics recorder could not be built")]
    Build(#[from] metrics_exporter_prometheus::BuildError),
    /// Metrics are already set up in this process.
    #[error("metrics are set up already")]
    Installed,
}

/// The store's values for the gauges; by default it does not answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoreSample {
    /// Whether the store answered.
    pub is_up: bool,
    /// The outbox and the time at which it was read; none if the store did not answer or is not migrated.
    pub outbox: Option<(OutboxStats, OffsetDateTime)>,
}

/// The store's answer, which may take a while.
type StoreAnswer = Pin<Box<dyn Future<Output = StoreSample> + Send>>;

/// Reads the gauges at each page request: the values that the process knows, and a future with the store's answer.
pub type Sampler = Arc<dyn Fn() -> (NodeSample, StoreAnswer) + Send + Sync>;

/// Makes a sampler of a closure.
pub fn sampler<F: Future<Output = StoreSample> + Send + 'static>(
    sample: impl Fn() -> (NodeSample, F) + Send + Sync + 'static,
) -> Sampler {
    Arc::new(move || {
        let (node, store) = sample();
        (node, Box::pin(store))
    })
}

/// What the process knows of itself.
#[derive(Debug, Clone, Copy)]
pub struct NodeSample {
    /// Connections in use.
    pub usage: Usage,
    /// How many live streams are open.
    pub live_streams: usize,
}

fn publish_node(NodeSample { usage, live_streams }: NodeSample) {
    gauge!(HASH_QUEUE).set(count(usage.queued_hashes));
    gauge!(LIVE_STREAMS).set(count(live_streams));
    let PoolUsage { open, idle, limit, .. } = usage.pool;
    gauge!(STORE_CONNECTIONS, "state" => "busy").set(open.saturating_sub(idle));
    gauge!(STORE_CONNECTIONS, "state" => "idle").set(idle);
    gauge!(STORE_CONNECTIONS, "state" => "limit").set(limit);
}

impl StoreSample {
    /// Sets the gauges. Values of a store that does not answer become NaN, not stale numbers.
    fn publish(&self) {
        gauge!(STORE_UP).set(if self.is_up { 1.0 } else { 0.0 });
        let [waiting, oldest, dead] = self.outbox.map_or([f64::NAN; 3], |(stats, now)| {
            let age = stats.oldest.map_or(0.0, |oldest| (now - oldest).as_seconds_f64().max(0.0));
            [count(stats.waiting), age, count(stats.dead)]
        });
        gauge!(OUTBOX_WAITING).set(waiting);
        gauge!(OUTBOX_OLDEST).set(oldest);
        gauge!(OUTBOX_DEAD).set(dead);
    }
}

fn count(number: impl TryInto<u32>) -> f64 {
    number.try_into().map_or(f64::from(u32::MAX), f64::from)
}

/// Counts an attempt to deliver a mail: `delivered`, `retried` or `dead`.
pub fn count_mail_delivery(result: &'static str) {
    counter!(MAIL_DELIVERIES, "result" => result).increment(1);
}

/// Counts removed blobs that nothing referred to.
pub(crate) fn count_swept_blobs(blobs: u64) {
    counter!(BLOBS_SWEPT).increment(blobs);
}

/// Counts a dropped log line.
pub(crate) fn count_dropped_log_line() {
    counter!(LOG_LINES_DROPPED).increment(1);
}

/// A recorder with our buckets.
pub fn recorder() -> Result<PrometheusRecorder, MetricsError> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(HTTP_SECONDS.to_owned()), &SECONDS)?;
    Ok(builder.build_recorder())
}

/// Records the metrics of this process from now on; to be called once.
pub fn install() -> Result<PrometheusHandle, MetricsError> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Installed)?;
    describe();
    Ok(handle)
}

/// Describes each metric.
pub fn describe() {
    describe_counter!(HTTP_REQUESTS, Unit::Count, "Requests by route, method and status.");
    describe_histogram!(HTTP_SECONDS, Unit::Seconds, "Seconds a request took, by route, method and status.");
    describe_gauge!(HASH_QUEUE, Unit::Count, "Password hashes that wait for a thread.");
    describe_gauge!(LIVE_STREAMS, Unit::Count, "Live streams of conversations that are open on this node.");
    describe_gauge!(STORE_CONNECTIONS, Unit::Count, "Connections to the store that are busy or idle, and their limit.");
    describe_gauge!(STORE_UP, Unit::Count, "Whether the store answered this node just now and takes writes.");
    describe_gauge!(
        OUTBOX_WAITING,
        Unit::Count,
        "Mails of the whole database that wait or are being delivered: the same on every node."
    );
    describe_gauge!(
        OUTBOX_OLDEST,
        Unit::Seconds,
        "Age in seconds of the oldest mail of the whole database that waits; 0 if none does."
    );
    describe_gauge!(
        OUTBOX_DEAD,
        Unit::Count,
        "Mails of the whole database that were given up: the same on every node."
    );
    describe_counter!(MAIL_DELIVERIES, Unit::Count, "Attempts to deliver a mail, by result.");
    describe_counter!(BLOBS_SWEPT, Unit::Count, "Stored contents to which nothing referred, and that were removed.");
    describe_counter!(LOG_LINES_DROPPED, Unit::Count, "Log lines that standard error did not take.");
    // Exported before anything is counted, so that the first count is an increase.
    counter!(LOG_LINES_DROPPED).increment(0);
    counter!(BLOBS_SWEPT).increment(0);
    for result in ["delivered", "retried", "dead"] {
        counter!(MAIL_DELIVERIES, "result" => result).increment(0);
    }
}

/// The page in the text format of Prometheus.
pub async fn render(handle: &PrometheusHandle, sampler: &Sampler) -> String {
    let (node, store) = sampler();
    // Never late: the metrics matter most when the store hangs.
    publish_node(node);
    tokio::time::timeout(SAMPLE_TIMEOUT, store).await.unwrap_or_default().publish();
    handle.render() + &process::page()
}

/// Serves `/metrics` on its own listener until the server stops; to be spawned. Must be called within a runtime. It
/// installs no signal handlers.
pub fn serve(listener: TcpListener, handle: PrometheusHandle, sampler: Sampler) -> io::Result<Server> {
    let app = move || {
        let (handle, sampler) = (handle.clone(), Arc::clone(&sampler));
        let page = move || {
            let (handle, sampler) = (handle.clone(), Arc::clone(&sampler));
            async move {
                let body = render(&handle, &sampler).await;
                HttpResponse::Ok()
                    .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
                    .body(body)
            }
        };
        App::new().route("/metrics", web::get().to(page))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

/// Keeps histograms from growing while the page is not requested; never ends.
pub async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}
