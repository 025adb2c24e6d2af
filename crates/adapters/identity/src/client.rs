//! The HTTP client.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Bytes,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
    http::request::Builder,
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use crate::{
    IdentityConfigError,
    endpoint::{Endpoint, encode_form},
    failure::Failure,
};

/// The longest answer, in bytes.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The most concurrent requests to a provider; others wait, within the time limit of their proof.
const MAX_REQUESTS: usize = 64;
/// Providers close idle connections; one that was idle for less counts as open.
const IDLE_SECONDS: u64 = 20;

/// Sends requests to one provider: without redirects, cookies, compression or proxies, by HTTP/1.1.
pub(crate) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    slots: Semaphore,
}

/// What a provider answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Bytes,
}

impl HttpClient {
    /// A client for one endpoint and those below it; its certificate must be signed by an authority that the system trusts.
    pub(crate) fn new(endpoint: &Endpoint, connect: Duration) -> Result<Self, IdentityConfigError> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(connect));
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = HttpsConnectorBuilder::new();
        let connector = if endpoint.is_encrypted() {
            let trusting = builder.with_provider_and_native_roots(provider);
            trusting.map_err(IdentityConfigError::Certificates)?.https_only().enable_http1().wrap_connector(connector)
        } else {
            // Connections to this machine are not encrypted, so no authority is needed.
            let config = ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()
                .map_err(|error| IdentityConfigError::Certificates(std::io::Error::other(error)))?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            builder.with_tls_config(config).https_or_http().enable_http1().wrap_connector(connector)
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .build(connector);
        Ok(Self { client, slots: Semaphore::new(MAX_REQUESTS) })
    }

    pub(crate) async fn get(&self, endpoint: &Endpoint) -> Result<Answer, Failure> {
        self.ask(request(Method::GET, endpoint).body(Full::default())).await
    }

    pub(crate) async fn post_form(&self, endpoint: &Endpoint, fields: &[(&str, &str)]) -> Result<Answer, Failure> {
        let request = request(Method::POST, endpoint).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Full::from(encode_form(fields)))).await
    }

    async fn ask(&self, request: Result<Request<Full<Bytes>>, hyper::http::Error>) -> Result<Answer, Failure> {
        let request = request.map_err(Failure::Request)?;
        // The semaphore is never closed.
        let _slot = self.slots.acquire().await.map_err(|_| Failure::Stopping)?;
        let (head, body) = self.client.request(request).await.map_err(Failure::Connection)?.into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(Failure::Body)?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

fn request(method: Method, endpoint: &Endpoint) -> Builder {
    Request::builder()
        .method(method)
        .uri(endpoint.as_str())
        .header(USER_AGENT, "vestibule")
        .header(ACCEPT, "application/json")
}

impl Answer {
    /// The body as JSON; errors name it by `what`, because the parser's own words may quote it.
    pub(crate) fn json<T: DeserializeOwned>(&self, what: &'static str) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|_| Failure::Nonsense(what))
    }
}
