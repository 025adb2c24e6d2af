//! Apple's form of a client secret: a token that the client signs with a registered key.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use time::OffsetDateTime;

use crate::{IdentityConfigError, failure::Failure};

/// How long a secret is valid, in seconds.
const LIFETIME_SECONDS: i64 = 300;
/// The audience of a secret, whatever URL it is sent to.
const AUDIENCE: &str = "https://appleid.apple.com";

/// Makes client secrets.
pub(crate) struct ClientSecrets {
    pub(crate) team_id: String,
    pub(crate) client_id: String,
    pub(crate) key_id: String,
    key: EncodingKey,
}

/// Checks a private key as [`AppleOptions`](crate::AppleOptions) takes it.
pub fn check_private_key(pem: &str) -> Result<(), IdentityConfigError> {
    read_key(&pem.into()).map(drop)
}

/// Reads a P-256 key in PKCS#8 PEM. An environment variable holds it in one line, with `
/// ` written out.
pub(crate) fn read_key(pem: &SecretString) -> Result<EncodingKey, IdentityConfigError> {
    let pem = SecretString::from(pem.expose_secret().replace("\\n", "\n"));
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose_secret().as_bytes());
    let key = EncodingKey::from_ec_der(der.map_err(|_| IdentityConfigError::PrivateKey)?.secret_pkcs8_der());
    // The library validates a key only when it signs.
    crypto::sign(b"", &key, Algorithm::ES256).map_err(|_| IdentityConfigError::PrivateKey)?;
    Ok(key)
}

impl ClientSecrets {
    pub(crate) fn new(ids: [String; 3], key: EncodingKey) -> Self {
        let [team_id, client_id, key_id] = ids;
        Self { team_id, client_id, key_id, key }
    }

    /// A secret that is valid from now on.
    pub(crate) fn make(&self, now: OffsetDateTime) -> Result<SecretString, Failure> {
        let issued = now.unix_timestamp();
        let header = json!({ "alg": "ES256", "kid": self.key_id, "typ": "JWT" });
        let claims = json!({
            "iss": self.team_id,
            "sub": self.client_id,
            "aud": AUDIENCE,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
        });
        let encode = |part: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(&header), encode(&claims));
        let signature = crypto::sign(message.as_bytes(), &self.key, Algorithm::ES256).map_err(Failure::Signing)?;
        Ok(format!("{message}.{signature}").into())
    }
}
