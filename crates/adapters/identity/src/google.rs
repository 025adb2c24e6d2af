//! Google: an ID token, signed by Google's keys.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use vestibule_domain::{ProvenIdentity, Provider};
use vestibule_ports::{Clock, IdentityError, IdentityProvider};

use crate::{
    IdentityConfigError, ProviderTimeouts,
    client::HttpClient,
    endpoint::Endpoint,
    failure::within,
    id_token::{IdTokenVerifier, identity},
    jwks::{KeySet, KeySource},
    options::{all_filled, filled},
};

/// The issuer names that Google uses.
const ISSUERS: [&str; 2] = ["accounts.google.com", "https://accounts.google.com"];

/// How to reach Google.
#[derive(Debug, Clone)]
pub struct GoogleOptions {
    /// Our ids there, one for each client (web, iOS, Android): a token for any of them is accepted.
    pub client_ids: Vec<String>,
    /// The URL of the keys: https, or http on this machine.
    pub jwks_url: String,
    /// The required issuer of tokens, instead of Google's two names.
    pub issuer: Option<String>,
    /// How long to wait.
    pub timeouts: ProviderTimeouts,
}

impl GoogleOptions {
    /// The URL of Google's keys.
    pub const DEFAULT_JWKS_URL: &'static str = "https://www.googleapis.com/oauth2/v3/certs";

    /// Google itself, for an id there.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_ids: vec![client_id.into()],
            jwks_url: Self::DEFAULT_JWKS_URL.to_owned(),
            issuer: None,
            timeouts: ProviderTimeouts::default(),
        }
    }
}

/// Proves identities by Google's ID tokens; needs a tokio runtime with time and network.
pub struct GoogleProvider {
    verifier: IdTokenVerifier,
    timeouts: ProviderTimeouts,
}

impl GoogleProvider {
    /// Checks the options; does not connect.
    pub fn new(options: GoogleOptions, clock: Arc<dyn Clock>) -> Result<Self, IdentityConfigError> {
        let GoogleOptions { client_ids, jwks_url, issuer, timeouts } = options;
        let endpoint = Endpoint::parse(&jwks_url)?;
        let audiences = all_filled("the client id at Google", client_ids)?;
        let issuers = match issuer {
            Some(issuer) => vec![filled("the issuer of Google's tokens", issuer)?],
            None => ISSUERS.map(ToOwned::to_owned).to_vec(),
        };
        let client = Arc::new(HttpClient::new(&endpoint, timeouts.connect)?);
        let keys = KeySet::new(KeySource { client, endpoint, timeout: timeouts.total, clock: Arc::clone(&clock) });
        Ok(Self { verifier: IdTokenVerifier { keys, audiences, issuers, clock }, timeouts })
    }
}

#[async_trait]
impl IdentityProvider for GoogleProvider {
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError> {
        let claims = within(self.timeouts.total, self.verifier.verify(credential)).await?;
        Ok(identity(Provider::Google, &claims)?)
    }
}

impl fmt::Debug for GoogleProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleProvider").field("client_ids", &self.verifier.audiences).finish_non_exhaustive()
    }
}
