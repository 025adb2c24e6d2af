//! The HTTP client.

use std::{io, time::Duration};

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request, StatusCode,
    body::Bytes,
    header::{ACCEPT, HeaderValue, USER_AGENT},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore};

use crate::{endpoint::Endpoint, failure::Failure};

/// The longest answer, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;
/// Servers close idle connections; one that was idle for less counts as open.
const IDLE_SECONDS: u64 = 20;

/// Sends requests to one server: without redirects, cookies, compression or proxies, by HTTP/1.1.
pub(crate) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    user_agent: HeaderValue,
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl HttpClient {
    /// A client for one server; its certificate must be signed by an authority that the system trusts.
    pub(crate) fn new(endpoint: &Endpoint, user_agent: HeaderValue, connect: Duration) -> Result<Self, io::Error> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(connect));
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = HttpsConnectorBuilder::new();
        let connector = if endpoint.is_encrypted() {
            builder.with_provider_and_native_roots(provider)?.https_only().enable_http1().wrap_connector(connector)
        } else {
            // Connections to this machine are not encrypted, so no authority is needed.
            let config = ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            builder.with_tls_config(config).https_or_http().enable_http1().wrap_connector(connector)
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            // The library resends a request only if the connection was closed before any of it was sent.
            .build(connector);
        Ok(Self { client, user_agent })
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Answer, Failure> {
        let request = Request::get(url)
            .header(USER_AGENT, &self.user_agent)
            .header(ACCEPT, "application/json")
            .body(Empty::new())
            .map_err(Failure::Request)?;
        let (head, body) = self.client.request(request).await.map_err(Failure::Connection)?.into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES)
            .collect()
            .await
            .map_err(|error| if error.is::<LengthLimitError>() { Failure::TooLong } else { Failure::Body(error) })?;
        Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes() })
    }
}
