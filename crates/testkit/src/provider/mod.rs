//! A Google, a Facebook and an Apple on this machine, which speak the real protocols with real keys.
//!
//! They check what the real ones check (the client's secret, the proof of knowing it, that a code is used once) and answer
//! in their words, so that tests against them can leave nothing out. Google's keys are at `/google/certs`, Facebook's Graph
//! API is below `/graph` and Apple below `/apple`.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a double for tests may panic where it is misused")]

mod apple;
mod facebook;
mod google;
mod keys;
mod server;
mod state;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tokio_rustls::TlsAcceptor;

pub use facebook::FacebookGrant;
pub use keys::SigningKey;

use self::{server::Server, state::State};

/// Our ids and secrets at the local providers.
pub mod ids {
    /// The client id at Google.
    pub const GOOGLE_CLIENT_ID: &str = "vestibule.apps.googleusercontent.test";
    /// The app id at Facebook.
    pub const FACEBOOK_APP_ID: &str = "138483919580948";
    /// The app secret at Facebook.
    pub const FACEBOOK_APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
    /// The client id at Apple.
    pub const APPLE_CLIENT_ID: &str = "test.vestibule.web";
    /// The id of our other client at Apple, an app.
    pub const APPLE_APP_ID: &str = "test.vestibule.app";
    /// The team at Apple.
    pub const APPLE_TEAM_ID: &str = "TEAM123456";
    /// The key at Apple.
    pub const APPLE_KEY_ID: &str = "KEY1234567";
}

/// The members of an ID token, or of its header.
pub type Members = Map<String, Value>;

/// A person with an account at a provider.
#[derive(Debug, Clone)]
pub struct Person {
    /// The id there.
    pub id: String,
    /// The address, if the provider reveals it.
    pub email: Option<String>,
    /// Whether the provider has verified the address; Facebook does not say.
    pub email_verified: bool,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The URL of a picture; Google's only.
    pub picture: Option<String>,
}

impl Person {
    /// A person with a verified address and a name.
    pub fn new(id: &str, email: &str) -> Self {
        Self {
            id: id.to_owned(),
            email: Some(email.to_owned()),
            email_verified: true,
            first_name: Some("Ada".to_owned()),
            last_name: Some("Lovelace".to_owned()),
            picture: Some("https://pictures.test/ada.png".to_owned()),
        }
    }
}

/// How a provider misbehaves.
#[derive(Debug, Clone)]
pub enum Misbehaviour {
    /// Answers with this status and body.
    Reply(u16, String),
    /// Answers correctly, but this much later.
    Delay(Duration),
    /// Does not answer, and keeps the connection open.
    Silence,
    /// Answers with this status and 2 MiB of blanks before the body.
    Huge,
    /// Redirects to the same path with `?moved`, which answers correctly.
    Redirect,
}

/// The three providers, on a local port and their own thread; they end with the value.
#[derive(Debug)]
pub struct LocalProvider {
    state: Arc<Mutex<State>>,
    server: Server,
    scheme: &'static str,
}

impl LocalProvider {
    /// Starts the providers.
    pub fn start() -> Self {
        Self::serve("http", None)
    }

    /// Starts the providers behind TLS, with a certificate and its key, both as PEM.
    pub fn start_encrypted(certificate: &str, key: &str) -> Self {
        Self::serve("https", Some(server::acceptor(certificate, key)))
    }

    fn serve(scheme: &'static str, tls: Option<TlsAcceptor>) -> Self {
        let state = Arc::new(Mutex::new(State::new()));
        let server = Server::start(Arc::clone(&state), tls);
        Self { state, server, scheme }
    }

    /// Their URL.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address())
    }

    /// The URL of Google's keys.
    pub fn google_jwks_url(&self) -> String {
        self.url("/google/certs")
    }

    /// The URL of Facebook's Graph API.
    pub fn facebook_graph_url(&self) -> String {
        self.url("/graph")
    }

    /// The URL of Apple.
    pub fn apple_url(&self) -> String {
        self.url("/apple")
    }

    /// The variables that make a server use these providers.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("GOOGLE_CLIENT_ID", ids::GOOGLE_CLIENT_ID.to_owned()),
            ("FACEBOOK_APP_ID", ids::FACEBOOK_APP_ID.to_owned()),
            ("FACEBOOK_APP_SECRET", ids::FACEBOOK_APP_SECRET.to_owned()),
            ("APPLE_CLIENT_ID", ids::APPLE_CLIENT_ID.to_owned()),
            ("APPLE_TEAM_ID", ids::APPLE_TEAM_ID.to_owned()),
            ("APPLE_KEY_ID", ids::APPLE_KEY_ID.to_owned()),
            ("APPLE_PRIVATE_KEY", self.apple_private_key().replace('\n', "\\n")),
            ("VESTIBULE_GOOGLE_JWKS_URL", self.google_jwks_url()),
            ("VESTIBULE_FACEBOOK_GRAPH_URL", self.facebook_graph_url()),
            ("VESTIBULE_APPLE_URL", self.apple_url()),
        ]
    }

    /// Misbehaves at one path, until [`LocalProvider::behave`].
    pub fn misbehave(&self, path: &str, how: Misbehaviour) {
        self.state().misbehaviours.insert(path.to_owned(), how);
    }

    /// Answers correctly everywhere.
    pub fn behave(&self) {
        self.state().misbehaviours.clear();
    }

    /// How many requests a path got.
    pub fn requests(&self, path: &str) -> usize {
        self.state().requests.get(path).copied().unwrap_or(0)
    }

    /// From now on Google and Apple sign with a new key and publish no other.
    pub fn rotate_keys(&self) {
        self.state().rotate();
    }

    /// The key that Google and Apple sign with now.
    pub fn signing_key(&self) -> SigningKey {
        self.state().signing.clone()
    }

    /// For how many seconds the keys may be cached.
    pub fn set_max_age(&self, seconds: u32) {
        self.state().max_age = seconds;
    }

    /// An ID token with these members, signed with the current key.
    pub fn sign(&self, claims: &Members) -> String {
        let key = self.signing_key();
        key.sign(&members(json!({ "alg": "RS256", "kid": key.id, "typ": "JWT" })), claims)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The members of a JSON object.
pub fn members(object: Value) -> Members {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
