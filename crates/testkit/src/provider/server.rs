//! The HTTP server under the providers.

use std::{
    collections::HashMap,
    convert::Infallible,
    future,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use http_body_util::{BodyExt, Collected, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    runtime::Builder,
    sync::oneshot,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{Misbehaviour, state::State};

/// The parts of a request that the providers use.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The fields of the query or the form.
    fields: HashMap<String, String>,
}

impl Asked {
    /// A field; empty if it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// An answer.
pub(crate) struct Reply {
    status: u16,
    pub(crate) cache_control: Option<String>,
    location: Option<String>,
    body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, cache_control: None, location: None, body: body.to_string().into_bytes() }
    }
}

/// A server on its own thread, so that it serves in any runtime of a test, or none.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(state: Arc<Mutex<State>>, tls: Option<TlsAcceptor>) -> Self {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        listener.set_nonblocking(true).expect("a socket can be asked without waiting");
        let address = listener.local_addr().expect("a listener has an address");
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, state, tls) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either may have ended before.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The TLS acceptor, for a certificate and its key, both as PEM.
pub(crate) fn acceptor(certificate: &str, key: &str) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate as PEM");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a private key as PEM");
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions();
    let config = config.expect("the versions are known").with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).expect("the key is the certificate's")))
}

async fn serve(listener: StdListener, state: Arc<Mutex<State>>, tls: Option<TlsAcceptor>) {
    let listener = TcpListener::from_std(listener).expect("a listener is taken over");
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (state, tls) = (Arc::clone(&state), tls.clone());
        connections.spawn(async move {
            match tls {
                None => serve_connection(stream, state).await,
                Some(tls) => {
                    // A client that does not trust the certificate says so and disconnects.
                    let Ok(stream) = tls.accept(stream).await else { return };
                    serve_connection(stream, state).await;
                }
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<Mutex<State>>) {
    let service = service_fn(move |request| answer(Arc::clone(&state), request));
    // A client may disconnect at any time.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let query = head.uri.query().unwrap_or_default();
    let fields = [query.as_bytes(), &body]
        .into_iter()
        .flat_map(form_urlencoded::parse)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let asked = Asked { method: head.method.to_string(), path: head.uri.path().to_owned(), fields };
    let misbehaviour = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        *state.requests.entry(asked.path.clone()).or_default() += 1;
        state.misbehaviours.get(&asked.path).cloned().filter(|_| query != "moved")
    };
    let proper = || state.lock().unwrap_or_else(PoisonError::into_inner).answer(&asked);
    let reply = match misbehaviour {
        None => proper(),
        Some(Misbehaviour::Delay(time)) => {
            tokio::time::sleep(time).await;
            proper()
        }
        Some(Misbehaviour::Silence) => future::pending().await,
        Some(Misbehaviour::Reply(status, body)) => {
            Reply { status, cache_control: None, location: None, body: body.into_bytes() }
        }
        Some(Misbehaviour::Huge) => {
            let mut reply = proper();
            reply.body = [vec![b' '; 2 * 1024 * 1024], reply.body].concat();
            reply
        }
        Some(Misbehaviour::Redirect) => {
            let location = Some(format!("{}?moved", asked.path));
            Reply { status: 307, cache_control: None, location, body: Vec::new() }
        }
    };
    Ok(reply.into())
}

impl From<Reply> for Response<Full<Bytes>> {
    fn from(reply: Reply) -> Self {
        let mut response = Response::builder().status(reply.status).header(CONTENT_TYPE, "application/json");
        for (name, value) in [(CACHE_CONTROL, reply.cache_control), (LOCATION, reply.location)] {
            if let Some(value) = value {
                response = response.header(name, value);
            }
        }
        response.body(Full::from(reply.body)).expect("a response is made")
    }
}
