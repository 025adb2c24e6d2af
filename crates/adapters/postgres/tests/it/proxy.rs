//! What stands between a store and its servers: an address that leads now to one, now to another.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::Url;

/// An address of its own.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    target: String,
    opened: usize,
    connections: JoinSet<()>,
}

impl Proxy {
    /// Leads to the server of a URL. To be called within a runtime, which runs it.
    pub(crate) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State { target: target(url), opened: 0, connections: JoinSet::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let mut state = shared.lock().unwrap();
                let target = state.target.clone();
                state.opened += 1;
                state.connections.spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(target).await {
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                });
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
        self.state.lock().unwrap().target = target(url);
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

fn target(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap_or(5432))
}
