//! A proxy between a store and its servers, whose address leads to changing servers, or nowhere.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use url::Url;

/// An address of its own.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Without one, connections are accepted and nothing answers.
    target: Option<String>,
    opened: usize,
    connections: JoinSet<()>,
    /// Whether what the store sends on the connections is passed on.
    asks: watch::Sender<bool>,
    /// Whether what the server answers is.
    answers: watch::Sender<bool>,
}

/// Connections on which nothing is passed on, or no answer, until this is told otherwise; they break when it is dropped.
pub(crate) struct Silence(Vec<watch::Sender<bool>>);

impl Proxy {
    /// Leads to the server of a URL. To be called within a runtime, which runs it.
    pub(crate) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asks, answers) = (watch::Sender::new(true), watch::Sender::new(true));
        let state = State { target: Some(target(url)), opened: 0, connections: JoinSet::new(), asks, answers };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let mut state = shared.lock().unwrap();
                let (target, asks, answers) = (state.target.clone(), state.asks.subscribe(), state.answers.subscribe());
                state.opened += 1;
                state.connections.spawn(relay(client, target, asks, answers));
            }
        });
        Self { address, state }
    }

    /// The same URL, by way of the proxy.
    pub(crate) fn url(&self, url: &str) -> String {
        let mut url = Url::parse(url).unwrap();
        url.set_ip_host(self.address.ip()).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    /// Leads new connections to another server. Those that are open go on as they are.
    pub(crate) fn lead_to(&self, url: &str) {
        self.state.lock().unwrap().target = Some(target(url));
    }

    /// Accepts new connections and answers nothing. Those that are open go on as they are.
    pub(crate) fn lead_nowhere(&self) {
        self.state.lock().unwrap().target = None;
    }

    /// Passes on nothing more on the connections that are open, as if their server had vanished. New ones work.
    pub(crate) fn silence(&self) -> Silence {
        let asks = quiet(&mut self.state.lock().unwrap().asks);
        let Silence(answers) = self.mute();
        Silence(std::iter::once(asks).chain(answers).collect())
    }

    /// Passes on no more answers on the connections that are open; what is asked arrives. New ones work.
    pub(crate) fn mute(&self) -> Silence {
        Silence(vec![quiet(&mut self.state.lock().unwrap().answers)])
    }

    /// Breaks every connection.
    pub(crate) async fn sever(&self) {
        let mut connections = std::mem::take(&mut self.state.lock().unwrap().connections);
        connections.shutdown().await;
    }

    /// How many connections were opened so far.
    pub(crate) fn opened(&self) -> usize {
        self.state.lock().unwrap().opened
    }
}

impl Silence {
    /// Passes on what has arrived in the meantime, and what comes later.
    pub(crate) fn end(&self) {
        for passes in &self.0 {
            passes.send_replace(true);
        }
    }
}

/// Stops what goes by a switch, and leaves another one for what comes later.
fn quiet(passes: &mut watch::Sender<bool>) -> watch::Sender<bool> {
    passes.send_replace(false);
    std::mem::replace(passes, watch::Sender::new(true))
}

async fn relay(
    mut client: TcpStream,
    target: Option<String>,
    asks: watch::Receiver<bool>,
    answers: watch::Receiver<bool>,
) {
    let Some(target) = target else { return pending().await };
    if let Ok(mut server) = TcpStream::connect(target).await {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::join!(pass(from_client, to_server, asks), pass(from_server, to_client, answers));
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut passes: watch::Receiver<bool>) {
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if passes.wait_for(|passes| *passes).await.is_err() || to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

fn target(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap_or(5432))
}
