//! Signing and checking of tokens (JWT, RFC 7519).

use time::OffsetDateTime;

/// The claims of a token.
pub type Claims = serde_json::Map<String, serde_json::Value>;

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-512.
    Hs512,
}

/// Names a key: a token of one dialect and kind is refused everywhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenKey {
    /// The dialect, such as `contacts`.
    pub dialect: &'static str,
    /// The kind, such as `access`.
    pub kind: &'static str,
    /// The only algorithm that signs and is accepted.
    pub algorithm: Algorithm,
}

impl TokenKey {
    /// The label that derives this key from the secret. Changing it changes the key and ends every signed token, so the
    /// algorithm is spelled out here and does not follow the name of its variant.
    pub fn label(&self) -> String {
        let algorithm = match self.algorithm {
            Algorithm::Hs256 => "Hs256",
            Algorithm::Hs512 => "Hs512",
        };
        format!("token/{}/{}/{algorithm}", self.dialect, self.kind)
    }
}

/// Why a token could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The signer was not given this key at start.
    #[error("there is no key for these tokens")]
    UnknownKey,
    /// The claims cannot be encoded.
    #[error("the token could not be signed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a token is refused, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRejection {
    /// Longer than 4 KiB, not three parts, or not base64url-encoded JSON.
    #[error("the token is malformed")]
    Malformed,
    /// An algorithm other than the key's, `none` included.
    #[error("the token is signed with another algorithm")]
    Algorithm,
    /// Signed with another key, or changed.
    #[error("the signature is invalid")]
    Signature,
    /// `exp` is missing or past (15 s of leeway).
    #[error("the token has expired")]
    Expired {
        /// The value of `exp`, in seconds since 1970.
        at: Option<i64>,
    },
}

/// Signs and checks tokens with the keys given at start.
pub trait TokenSigner: Send + Sync {
    /// Signs claims, which must have `exp`.
    fn sign(&self, key: TokenKey, claims: &Claims) -> Result<String, SignerError>;
    /// Checks size, algorithm, signature and `exp`, and returns the claims.
    fn verify(&self, key: TokenKey, token: &str, now: OffsetDateTime) -> Result<Claims, TokenRejection>;
}
