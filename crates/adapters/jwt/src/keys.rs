//! A key, prepared once at start.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use vestibule_ports::{Algorithm, TokenKey};

/// Why a set of keys is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Fewer bytes than the hash gives (RFC 7518, section 3.2): 32 for HS256, 64 for HS512.
    #[error("the key of the {kind} tokens of {dialect} is too short", kind = .0.kind, dialect = .0.dialect)]
    TooShort(TokenKey),
    /// Two keys for the same tokens.
    #[error("there are two keys for the {kind} tokens of {dialect}", kind = .0.kind, dialect = .0.dialect)]
    Duplicate(TokenKey),
    /// Another entry has the same secret, so tokens of one kind would be accepted as another's.
    #[error("the key of the {kind} tokens of {dialect} is also that of others", kind = .0.kind, dialect = .0.dialect)]
    Shared(TokenKey),
}

/// Signs and checks the tokens of one [`TokenKey`].
pub(crate) struct PreparedKey {
    pub(crate) algorithm: jsonwebtoken::Algorithm,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    /// The header of every token that this key signs.
    pub(crate) header: String,
}

impl PreparedKey {
    pub(crate) fn new(key: TokenKey, secret: &[u8]) -> Result<Self, KeyError> {
        let (algorithm, least_bytes) = match key.algorithm {
            Algorithm::Hs256 => (jsonwebtoken::Algorithm::HS256, 32),
            Algorithm::Hs512 => (jsonwebtoken::Algorithm::HS512, 64),
        };
        if secret.len() < least_bytes {
            return Err(KeyError::TooShort(key));
        }
        // Written out because the dialects' documents show the members in this order.
        let header = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, name(key.algorithm));
        Ok(Self {
            algorithm,
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            header: BASE64_URL_SAFE_NO_PAD.encode(header),
        })
    }
}

/// The name of an algorithm in a header (RFC 7518, section 3.1).
pub(crate) fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Hs256 => "HS256",
        Algorithm::Hs512 => "HS512",
    }
}
