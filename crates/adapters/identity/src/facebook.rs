//! Facebook: an access token, inspected and used at the Graph API.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::Sha256;
use vestibule_domain::{
    EmailAddress, FullName, LinkedIdentity, NamePart, PersonName, ProvenIdentity, Provider, ProviderUserId,
};
use vestibule_ports::{Clock, CredentialRejection, IdentityError, IdentityProvider};

use crate::{
    IdentityConfigError, ProviderTimeouts,
    client::{Answer, HttpClient},
    endpoint::Endpoint,
    failure::{Failure, within},
    options::filled,
};

/// The longest access token, in bytes; Facebook's have about two hundred.
const MAX_TOKEN_BYTES: usize = 4096;
/// Error codes for Facebook's own failures and for rate limits.
const TRANSIENT_CODES: [i64; 8] = [1, 2, 4, 17, 32, 341, 368, 613];

/// How to reach Facebook.
#[derive(Debug, Clone)]
pub struct FacebookOptions {
    /// Our id there.
    pub app_id: String,
    /// Our secret there.
    pub app_secret: SecretString,
    /// The URL of the Graph API, with its version: https, or http on this machine.
    pub graph_url: String,
    /// Whether Facebook vouches for the addresses that it reveals.
    pub trust_email: bool,
    /// How long to wait.
    pub timeouts: ProviderTimeouts,
}

impl FacebookOptions {
    /// The Graph API. Facebook serves requests for an expired version with the oldest current one.
    pub const DEFAULT_GRAPH_URL: &'static str = "https://graph.facebook.com/v2.6";

    /// Facebook itself, for an app there; its addresses are trusted.
    pub fn new(app_id: impl Into<String>, app_secret: SecretString) -> Self {
        Self {
            app_id: app_id.into(),
            app_secret,
            graph_url: Self::DEFAULT_GRAPH_URL.to_owned(),
            trust_email: true,
            timeouts: ProviderTimeouts::default(),
        }
    }
}

/// Proves identities by Facebook's access tokens; needs a tokio runtime with time and network.
pub struct FacebookProvider {
    client: HttpClient,
    graph: Endpoint,
    app_id: String,
    app_secret: SecretString,
    trust_email: bool,
    timeouts: ProviderTimeouts,
    clock: Arc<dyn Clock>,
}

impl FacebookProvider {
    /// Checks the options; does not connect.
    pub fn new(options: FacebookOptions, clock: Arc<dyn Clock>) -> Result<Self, IdentityConfigError> {
        let FacebookOptions { app_id, app_secret, graph_url, trust_email, timeouts } = options;
        let graph = Endpoint::parse(&graph_url)?;
        filled("the app secret at Facebook", app_secret.expose_secret().to_owned())?;
        let client = HttpClient::new(&graph, timeouts.connect)?;
        let app_id = filled("the app id at Facebook", app_id)?;
        Ok(Self { client, graph, app_id, app_secret, trust_email, timeouts, clock })
    }

    /// The owner of a token issued to our app. Without this check, a token issued to any other app would sign its owner in
    /// here.
    async fn inspect(&self, token: &str) -> Result<ProviderUserId, IdentityError> {
        let ours = SecretString::from(format!("{}|{}", self.app_id, self.app_secret.expose_secret()));
        let query = [("input_token", token), ("access_token", ours.expose_secret())];
        let answer = self.client.get(&self.graph.join("/debug_token").with_query(&query)).await?;
        let Inspection { data } = read(&answer, "inspection of a token")?;
        let now = self.clock.now().unix_timestamp();
        let lives = data.expires_at.is_none_or(|expiry| expiry == 0 || now < expiry);
        let is_ours = data.app_id.is_some_and(|id| id.is(&self.app_id)) && data.kind.as_deref() == Some("USER");
        match data.user_id {
            Some(id) if data.is_valid && lives && is_ours => id.parse(),
            _ => Err(CredentialRejection::Refused.into()),
        }
    }

    async fn profile(&self, token: &str) -> Result<Profile, IdentityError> {
        let proof = proof(token, &self.app_secret)?;
        let fields = "id,first_name,last_name,name,email";
        let query = [("fields", fields), ("access_token", token), ("appsecret_proof", &proof)];
        let answer = self.client.get(&self.graph.join("/me").with_query(&query)).await?;
        read(&answer, "profile")
    }

    async fn ask(&self, token: &str) -> Result<ProvenIdentity, IdentityError> {
        let user_id = self.inspect(token).await?;
        let profile = self.profile(token).await?;
        if profile.id.parse()? != user_id {
            return Err(CredentialRejection::Refused.into());
        }
        let picture = self.graph.join(&format!("/{user_id}/picture")).with_query(&[("type", "large")]);
        let email = profile.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        let (first_name, last_name) = profile.names();
        Ok(ProvenIdentity {
            identity: LinkedIdentity {
                provider: Provider::Facebook,
                user_id,
                picture: Some(picture.as_str().to_owned()),
            },
            email_is_vouched_for: self.trust_email && email.is_some(),
            email,
            first_name,
            last_name,
        })
    }
}

/// Proof that the caller knows the app's secret: without it, a stolen token would be enough.
fn proof(token: &str, secret: &SecretString) -> Result<String, Failure> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .map_err(|_| Failure::Nonsense("app secret"))?;
    mac.update(token.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// A number in some API versions, a text in others.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
}

impl Id {
    fn is(&self, expected: &str) -> bool {
        match self {
            Self::Text(text) => text == expected,
            Self::Number(number) => number.to_string() == expected,
        }
    }

    /// A user id. It becomes part of a URL, so characters with a meaning there are refused.
    fn parse(&self) -> Result<ProviderUserId, IdentityError> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        };
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        match ProviderUserId::parse(&text) {
            Ok(id) if is_plain => Ok(id),
            _ => Err(Failure::Nonsense("id of a person").into()),
        }
    }
}

#[derive(Deserialize)]
struct Inspection {
    data: Inspected,
}

#[derive(Deserialize)]
struct Inspected {
    #[serde(default)]
    is_valid: bool,
    app_id: Option<Id>,
    user_id: Option<Id>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Seconds since 1970; 0 for a token without expiry.
    expires_at: Option<i64>,
}

#[derive(Deserialize)]
struct Profile {
    id: Id,
    first_name: Option<String>,
    last_name: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

impl Profile {
    /// The two parts, or else those of the full name.
    fn names(&self) -> (Option<NamePart>, Option<NamePart>) {
        let part = |name: &str| NamePart::parse(name).ok();
        let parts = (self.first_name.as_deref().and_then(part), self.last_name.as_deref().and_then(part));
        match (parts, self.name.as_deref().map(FullName::parse)) {
            ((None, None), Some(Ok(name))) => {
                let name = PersonName::Full(name);
                (name.first().and_then(part), name.last().and_then(part))
            }
            (parts, _) => parts,
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalReason,
}

#[derive(Deserialize)]
struct RefusalReason {
    code: Option<i64>,
    #[serde(default)]
    is_transient: bool,
}

/// Facebook's answer. It refuses a token by a status of 400 or more and an error with a code.
fn read<T: DeserializeOwned>(answer: &Answer, what: &'static str) -> Result<T, IdentityError> {
    let status = answer.status;
    if status.is_success() {
        return Ok(answer.json(what)?);
    }
    match answer.json::<Refusal>(what) {
        Ok(Refusal { error }) if status.is_client_error() && status.as_u16() != 429 => {
            if error.is_transient || error.code.is_some_and(|code| TRANSIENT_CODES.contains(&code)) {
                return Err(Failure::Status(status.as_u16()).into());
            }
            tracing::warn!(
                code = error.code,
                "Facebook refused our request for the {what}; if it refuses every one, check the app's id and secret"
            );
            Err(CredentialRejection::Refused.into())
        }
        _ => Err(Failure::Status(status.as_u16()).into()),
    }
}

#[async_trait]
impl IdentityProvider for FacebookProvider {
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError> {
        let fits = (1..=MAX_TOKEN_BYTES).contains(&credential.len());
        if !fits || !credential.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CredentialRejection::Refused.into());
        }
        within(self.timeouts.total, self.ask(credential)).await
    }
}

impl fmt::Debug for FacebookProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FacebookProvider").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}
