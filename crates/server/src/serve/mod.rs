//! `serve`: the listener, its workers, and their shutdown.

mod end;
mod greeting;
mod listener;
mod outage;
mod store;
mod systemd;
mod workers;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{HttpServer, dev::ServerHandle};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use vestibule_application::{Chat, Identity};
use vestibule_http::{HttpOptions, Leaving, Site};

pub(crate) use self::end::End;
pub(crate) use self::systemd::own;
use self::{greeting::Addresses, systemd::Supervised, workers::Workers};
use crate::{
    compose::{Composition, compose, http_options},
    config::{Config, Loaded},
    exit::Exit,
    metrics, telemetry,
    terminal::complain,
};

/// The shutdown time has this many parts: requests must finish when four are left, mail when two are, the store when one
/// is; the last is for the log.
const PARTS: u32 = 20;

/// Serves until a signal stops it; first prints where everything is, as lines or as one JSON object, like log lines.
pub fn run(loaded: &Loaded, json: bool) -> Exit {
    let config = &loaded.config;
    let log_share = Duration::from_secs(config.server.shutdown_seconds) / PARTS;
    let log = match telemetry::install(&config.log, log_share) {
        Ok(log) => log,
        Err(error) => {
            complain(&format!("logging cannot be set up: {error}"));
            return Exit::Failure;
        }
    };
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let outcome = actix_web::rt::System::new().block_on(serve(config, json));
    match outcome {
        Ok(()) => Exit::Success,
        Err(StartError { message, exit }) => {
            log.say(&telemetry::last_words(config.log.format, &message, exit));
            exit
        }
    }
}

/// Why serving could not begin, in words, and the exit code.
pub(crate) struct StartError {
    message: String,
    exit: Exit,
}

impl StartError {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { message: message.into(), exit }
    }
}

async fn serve(config: &Config, json: bool) -> Result<(), StartError> {
    let Composition { app, chat, documents, profiles, places, .. } =
        compose(config).await.map_err(|error| StartError::new(error.exit(), error.to_string()))?;
    let listener = bind(config.server.listen, "VESTIBULE_LISTEN to another address or port")?;
    let address = listener.local_addr()?;
    let metrics = config
        .metrics_listen
        .map(|address| bind(address, "VESTIBULE_METRICS_LISTEN to another address or port, or to `off`"));
    let metrics = metrics.transpose()?;
    let (preparation, refusal) = store::prepare(config, &app).await?;
    let leaving = Leaving::default();
    let site = Site {
        leaving: leaving.clone(),
        identity: Arc::clone(&app),
        chat: Arc::clone(&chat),
        documents: Arc::clone(&documents),
        profiles: Arc::clone(&profiles),
        places,
        options: options(config, &listener)?,
    };
    let server = start(config, site, listener)?;
    let metrics = metrics.map(|listener| start_metrics(listener, &app, &chat)).transpose()?;
    let workers = workers::start(&app, &chat, (&documents, &profiles));
    // Install signal handlers before printing: a script may stop us as soon as it reads the greeting.
    let mut end = End::listen()?;
    let bound = Addresses { http: address, metrics: metrics.as_ref().map(|(at, _)| *at) };
    greeting::greet(config, &bound, &preparation, json);
    let supervised = Supervised::start(address);

    let http = server.handle();
    let serving = Serving {
        http,
        running: actix_web::rt::spawn(server),
        workers,
        metrics: metrics.map(|(_, metrics)| metrics),
        app,
        chat,
    };
    let outcome = tokio::select! {
        () = end.wait() => {
            leave(config, &leaving, &mut end).await;
            Ok(())
        }
        error = refusal.wait() => Err(error),
    };
    supervised.stop();
    serving.stop(Duration::from_secs(config.server.shutdown_seconds)).await;
    outcome
}

/// Everything that runs while the server serves.
struct Serving {
    http: ServerHandle,
    running: JoinHandle<io::Result<()>>,
    workers: Workers,
    metrics: Option<ServerHandle>,
    app: Arc<Identity>,
    chat: Arc<Chat>,
}

impl Serving {
    /// Stops everything in order of dependency, within a time limit.
    async fn stop(self, grace: Duration) {
        tracing::info!("stopping, within {} s", grace.as_secs());
        let deadline = Instant::now() + grace;
        // Close live streams, which the listener would otherwise wait for.
        self.chat.close();
        let http = async {
            self.http.stop(true).await;
            let _ = self.running.await;
        };
        if timeout_at(deadline - 4 * grace / PARTS, http).await.is_err() {
            tracing::warn!("connections were still open: their requests were cancelled");
        }
        // Only now, because the last requests may have written mail.
        self.workers.stop(deadline - 2 * grace / PARTS).await;
        let close = async {
            if let Some(metrics) = self.metrics {
                metrics.stop(false).await;
            }
            self.app.close().await;
        };
        if timeout_at(deadline - grace / PARTS, close).await.is_err() {
            tracing::warn!("the store was not closed in time");
        }
        tracing::info!("stopped");
    }
}

/// Reports the server as unready and keeps serving until load balancers have noticed; a second signal cuts that short.
async fn leave(config: &Config, leaving: &Leaving, end: &mut End) {
    leaving.announce();
    let drain = Duration::from_secs(config.server.drain_seconds);
    if !drain.is_zero() {
        tracing::info!("unready, and serving for another {} s", drain.as_secs());
        end.wait_for(drain).await;
    }
}

fn bind(address: SocketAddr, remedy: &str) -> Result<TcpListener, StartError> {
    listener::bind(address, listener::UNREAD)
        .map_err(|error| StartError::new(Exit::Failure, format!("cannot listen on {address}: {error}; set {remedy}")))
}

fn options(config: &Config, listener: &TcpListener) -> io::Result<Arc<HttpOptions>> {
    Ok(Arc::new(http_options(config, &config.server.public_url_at(listener.local_addr()?))))
}

fn start(config: &Config, site: Site, listener: TcpListener) -> io::Result<actix_web::dev::Server> {
    let service = vestibule_http::service(site);
    let server = HttpServer::new(move || service.build())
        .workers(config.server.workers)
        .client_request_timeout(config.requests.head_time)
        .keep_alive(config.requests.idle_time)
        // Longer than we wait ourselves.
        .shutdown_timeout(config.server.shutdown_seconds)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

fn start_metrics(
    listener: TcpListener,
    app: &Arc<Identity>,
    chat: &Arc<Chat>,
) -> Result<(SocketAddr, ServerHandle), StartError> {
    let handle: PrometheusHandle =
        metrics::install().map_err(|error| StartError::new(Exit::Failure, error.to_string()))?;
    let bound = listener.local_addr()?;
    let server = metrics::serve(listener, handle.clone(), workers::sampler(app, chat))?;
    let stop = server.handle();
    actix_web::rt::spawn(server);
    actix_web::rt::spawn(metrics::upkeep(handle));
    Ok((bound, stop))
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failure, format!("the server failed: {error}"))
    }
}
