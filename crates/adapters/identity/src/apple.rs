//! Apple: a code, exchanged for an ID token that Apple's keys have signed.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use hyper::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use vestibule_domain::{ProvenIdentity, Provider};
use vestibule_ports::{Clock, CredentialRejection, IdentityError, IdentityProvider};

use crate::{
    IdentityConfigError, ProviderTimeouts,
    client::{Answer, HttpClient},
    client_secret::{ClientSecrets, read_key},
    endpoint::Endpoint,
    failure::{Failure, within},
    id_token::{IdTokenVerifier, identity},
    jwks::{KeySet, KeySource},
    options::filled,
};

/// The issuer of Apple's ID tokens, whatever URL Apple is reached by.
const ISSUER: &str = "https://appleid.apple.com";
/// The longest code, in bytes; Apple's have about sixty.
const MAX_CODE_BYTES: usize = 1024;
/// How many characters of Apple's own words are passed on.
const MAX_DESCRIPTION_CHARS: usize = 200;

/// How to reach Apple.
#[derive(Debug, Clone)]
pub struct AppleOptions {
    /// Our id there.
    pub client_id: String,
    /// The id of the team that the key belongs to.
    pub team_id: String,
    /// The id of the key.
    pub key_id: String,
    /// The key: P-256, PKCS#8 PEM; line breaks may be written as `\n`.
    pub private_key: SecretString,
    /// The base URL of `/auth/token` and `/auth/keys`: https, or http on this machine.
    pub url: String,
    /// How long to wait.
    pub timeouts: ProviderTimeouts,
}

impl AppleOptions {
    /// Apple's own URL.
    pub const DEFAULT_URL: &'static str = "https://appleid.apple.com";
}

/// Proves identities by Apple's codes; needs a tokio runtime with time and network.
pub struct AppleProvider {
    client: Arc<HttpClient>,
    token_endpoint: Endpoint,
    secrets: ClientSecrets,
    verifier: IdTokenVerifier,
    timeouts: ProviderTimeouts,
}

impl AppleProvider {
    /// Checks the options and the key; does not connect.
    pub fn new(options: AppleOptions, clock: Arc<dyn Clock>) -> Result<Self, IdentityConfigError> {
        let AppleOptions { client_id, team_id, key_id, private_key, url, timeouts } = options;
        let base = Endpoint::parse(&url)?;
        let client_id = filled("the client id at Apple", client_id)?;
        let ids = [filled("the team id at Apple", team_id)?, client_id.clone(), filled("the key id at Apple", key_id)?];
        let secrets = ClientSecrets::new(ids, read_key(&private_key)?);
        let client = Arc::new(HttpClient::new(&base, timeouts.connect)?);
        let keys = KeySet::new(KeySource {
            client: Arc::clone(&client),
            endpoint: base.join("/auth/keys"),
            timeout: timeouts.total,
            clock: Arc::clone(&clock),
        });
        let verifier = IdTokenVerifier { keys, audiences: vec![client_id], issuers: vec![ISSUER.to_owned()], clock };
        Ok(Self { client, token_endpoint: base.join("/auth/token"), secrets, verifier, timeouts })
    }

    async fn exchange(&self, code: &str) -> Result<String, IdentityError> {
        let secret = self.secrets.make(self.verifier.clock.now())?;
        let fields = [
            ("client_id", self.secrets.client_id.as_str()),
            ("client_secret", secret.expose_secret()),
            ("code", code),
            ("grant_type", "authorization_code"),
        ];
        let answer = self.client.post_form(&self.token_endpoint, &fields).await?;
        match answer.status {
            StatusCode::OK => {
                let tokens: Tokens = answer.json("answer with tokens")?;
                Ok(tokens.id_token.ok_or(CredentialRejection::NoIdentityToken)?)
            }
            StatusCode::TOO_MANY_REQUESTS => Err(Failure::Status(answer.status.as_u16()).into()),
            status if status.is_client_error() => Err(refusal(&answer)),
            status => Err(Failure::Status(status.as_u16()).into()),
        }
    }
}

/// The result of exchanging a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

/// Why the exchange failed (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

fn refusal(answer: &Answer) -> IdentityError {
    match answer.json::<Refusal>("refusal of a code") {
        // Not the code but our own secret is wrong: a client cannot fix that.
        Ok(Refusal { error, .. }) if error == "invalid_client" => Failure::NotKnownThere.into(),
        Ok(Refusal { error_description, .. }) => match error_description.as_deref().map(one_line) {
            Some(words) if !words.is_empty() => CredentialRejection::RefusedBecause(words).into(),
            _ => CredentialRejection::Refused.into(),
        },
        Err(_) => Failure::Status(answer.status.as_u16()).into(),
    }
}

fn one_line(words: &str) -> String {
    words.trim().chars().filter(|character| !character.is_control()).take(MAX_DESCRIPTION_CHARS).collect()
}

#[async_trait]
impl IdentityProvider for AppleProvider {
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError> {
        if !(1..=MAX_CODE_BYTES).contains(&credential.len()) || credential.chars().any(char::is_control) {
            return Err(CredentialRejection::Refused.into());
        }
        let proof = async { self.verifier.verify(&self.exchange(credential).await?).await };
        let mut proven = identity(Provider::Apple, &within(self.timeouts.total, proof).await?)?;
        // Apple's ID tokens have neither; the client sends the name.
        (proven.first_name, proven.last_name, proven.identity.picture) = (None, None, None);
        Ok(proven)
    }
}

impl fmt::Debug for AppleProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppleProvider").field("client_id", &self.secrets.client_id).finish_non_exhaustive()
    }
}
