//! The signer over a fixed set of keys.

use std::{collections::HashMap, fmt};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::crypto;
use secrecy::{ExposeSecret, SecretSlice};
use serde_json::Value;
use time::OffsetDateTime;
use vestibule_ports::{Claims, SignerError, TokenKey, TokenRejection, TokenSigner};

use crate::{
    keys::{KeyError, PreparedKey, name},
    parts::{MAX_TOKEN_BYTES, Parts},
};

/// The tolerated clock skew, in seconds.
const LEEWAY_SECONDS: i64 = 15;

/// Signs and checks tokens with keys that are given once, at start; never printed.
///
/// The cryptography is `jsonwebtoken`'s. Its `decode` is not used: it reads the system clock, does not order its
/// rejections, and parses header and claims twice, on the hot path of every request.
pub struct JwtSigner {
    keys: HashMap<TokenKey, PreparedKey>,
}

impl JwtSigner {
    /// Takes the keys: at least 32 bytes for HS256 and 64 for HS512, no two alike.
    pub fn new(keys: impl IntoIterator<Item = (TokenKey, SecretSlice<u8>)>) -> Result<Self, KeyError> {
        let mut prepared = HashMap::new();
        let mut secrets: Vec<SecretSlice<u8>> = Vec::new();
        for (key, secret) in keys {
            if secrets.iter().any(|other| other.expose_secret() == secret.expose_secret()) {
                return Err(KeyError::Shared(key));
            }
            if prepared.insert(key, PreparedKey::new(key, secret.expose_secret())?).is_some() {
                return Err(KeyError::Duplicate(key));
            }
            secrets.push(secret);
        }
        Ok(Self { keys: prepared })
    }
}

impl TokenSigner for JwtSigner {
    fn sign(&self, key: TokenKey, claims: &Claims) -> Result<String, SignerError> {
        let prepared = self.keys.get(&key).ok_or(SignerError::UnknownKey)?;
        if expiry(claims).is_none() {
            return Err(SignerError::Failed("a token needs `exp`, in whole seconds".into()));
        }
        let claims = serde_json::to_vec(claims).map_err(|error| SignerError::Failed(error.into()))?;
        let message = format!("{}.{}", prepared.header, BASE64_URL_SAFE_NO_PAD.encode(claims));
        let signature = crypto::sign(message.as_bytes(), &prepared.encoding, prepared.algorithm)
            .map_err(|error| SignerError::Failed(error.into()))?;
        let token = format!("{message}.{signature}");
        if token.len() > MAX_TOKEN_BYTES {
            return Err(SignerError::Failed("the claims are too long for a token".into()));
        }
        Ok(token)
    }

    fn verify(&self, key: TokenKey, token: &str, now: OffsetDateTime) -> Result<Claims, TokenRejection> {
        let parts = Parts::read(token)?;
        // Without its key, no token of this kind can have been signed here.
        let prepared = self.keys.get(&key).ok_or(TokenRejection::Signature)?;
        if parts.header != prepared.header && parts.algorithm()? != name(key.algorithm) {
            return Err(TokenRejection::Algorithm);
        }
        match crypto::verify(parts.signature, parts.message.as_bytes(), &prepared.decoding, prepared.algorithm) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(TokenRejection::Signature),
        }
        match expiry(&parts.claims) {
            Some(expiry) if now.unix_timestamp() < expiry.saturating_add(LEEWAY_SECONDS) => Ok(parts.claims),
            at => Err(TokenRejection::Expired { at }),
        }
    }
}

/// `exp` in seconds since 1970. Our own tokens carry whole numbers; any other value counts as missing.
fn expiry(claims: &Claims) -> Option<i64> {
    claims.get("exp").and_then(Value::as_i64)
}

impl fmt::Debug for JwtSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys.keys()).finish()
    }
}
