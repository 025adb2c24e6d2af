//! The check of an ID token (OIDC Core, section 3.1.3.7).

use std::sync::Arc;

use jsonwebtoken::{Algorithm, crypto};
use serde_json::Value;
use vestibule_domain::{EmailAddress, LinkedIdentity, NamePart, ProvenIdentity, Provider, ProviderUserId};
use vestibule_ports::{Clock, CredentialRejection, IdentityError};

use crate::{
    jwks::KeySet,
    parts::{Claims, Parts},
};

/// The tolerated clock skew, in seconds.
const LEEWAY_SECONDS: i64 = 15;
/// The longest URL of a picture, in characters.
const MAX_PICTURE_CHARS: usize = 2048;

/// Checks the ID tokens of one provider for our clients.
pub(crate) struct IdTokenVerifier {
    pub(crate) keys: KeySet,
    /// Our ids at the provider: a token must be for one of them.
    pub(crate) audiences: Vec<String>,
    /// The provider's issuer names; clients are told the last one.
    pub(crate) issuers: Vec<String>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl IdTokenVerifier {
    /// The claims of a token that the provider has signed, that is for us, and that is valid now.
    ///
    /// Nothing in a token is read before its signature is verified, except what the verification needs. The provider
    /// determines the algorithm, never the token: a public key is no secret for an HMAC.
    pub(crate) async fn verify(&self, token: &str) -> Result<Claims, IdentityError> {
        let Parts { header, message, signature, claims } = Parts::read(token)?;
        if header.get("alg").and_then(Value::as_str) != Some("RS256") {
            return Err(CredentialRejection::Algorithm.into());
        }
        // Extensions that must be understood and are not (RFC 7515, section 4.1.11).
        if header.contains_key("crit") {
            return Err(CredentialRejection::Malformed.into());
        }
        let key_id = header.get("kid").and_then(Value::as_str).ok_or(CredentialRejection::Signature)?;
        let key = self.keys.find(key_id).await?;
        match crypto::verify(signature, message.as_bytes(), &key, Algorithm::RS256) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(CredentialRejection::Signature.into()),
        }
        self.check(&claims)?;
        Ok(claims)
    }

    fn check(&self, claims: &Claims) -> Result<(), CredentialRejection> {
        if !is_audience(claims.get("aud"), &self.audiences) {
            return Err(CredentialRejection::Audience { expected: self.audiences.join(" or ") });
        }
        if !claims
            .get("iss")
            .and_then(Value::as_str)
            .is_some_and(|issuer| self.issuers.iter().any(|ours| ours == issuer))
        {
            return Err(CredentialRejection::Issuer { expected: self.issuers.last().cloned().unwrap_or_default() });
        }
        let now = self.clock.now().unix_timestamp();
        match claims.get("exp").and_then(Value::as_i64) {
            Some(expiry) if now < expiry.saturating_add(LEEWAY_SECONDS) => Ok(()),
            _ => Err(CredentialRejection::Expired),
        }
    }
}

/// Whether a token is for one of our clients alone: one for several would have to say which one it was issued to.
fn is_audience(claim: Option<&Value>, ours: &[String]) -> bool {
    match claim {
        Some(Value::String(audience)) => ours.contains(audience),
        Some(Value::Array(audiences)) => {
            matches!(audiences.as_slice(), [Value::String(only)] if ours.contains(only))
        }
        _ => false,
    }
}

/// The identity in a verified token. An unusable name, address or picture is left out.
pub(crate) fn identity(provider: Provider, claims: &Claims) -> Result<ProvenIdentity, CredentialRejection> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let user_id = text("sub").and_then(|id| ProviderUserId::parse(id).ok()).ok_or(CredentialRejection::Malformed)?;
    let email = text("email").and_then(|email| EmailAddress::parse(email).ok());
    let is_verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    };
    Ok(ProvenIdentity {
        identity: LinkedIdentity { provider, user_id, picture: text("picture").and_then(picture) },
        email_is_vouched_for: is_verified && email.is_some(),
        email,
        first_name: text("given_name").and_then(|name| NamePart::parse(name).ok()),
        last_name: text("family_name").and_then(|name| NamePart::parse(name).ok()),
    })
}

/// A URL that a page may show.
fn picture(url: &str) -> Option<String> {
    let fits = url.chars().count() <= MAX_PICTURE_CHARS && url.starts_with("https://");
    (fits && !url.chars().any(|character| character.is_control() || character.is_whitespace())).then(|| url.to_owned())
}
