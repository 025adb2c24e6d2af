//! Options that every provider needs.

use std::time::Duration;

use crate::InvalidEndpoint;

/// How long to wait for a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For one proof, including name resolution, handshakes and all requests.
    pub total: Duration,
}

impl Default for ProviderTimeouts {
    /// 3 s and 8 s.
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(8) }
    }
}

/// Why the options are refused.
#[derive(Debug, thiserror::Error)]
pub enum IdentityConfigError {
    /// A value is empty, and would match what must not match.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A URL cannot be used.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// The system has no certificates to verify a provider with.
    #[error("cannot read the system's certificate authorities")]
    Certificates(#[source] std::io::Error),
    /// The private key is not PEM, or holds another kind of key.
    #[error("Apple's private key must be a P-256 key in PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`)")]
    PrivateKey,
}

/// At least one value, none of them empty.
pub(crate) fn all_filled(name: &'static str, values: Vec<String>) -> Result<Vec<String>, IdentityConfigError> {
    if values.is_empty() {
        return Err(IdentityConfigError::Empty(name));
    }
    values.into_iter().map(|value| filled(name, value)).collect()
}

/// A value that is not empty.
pub(crate) fn filled(name: &'static str, value: String) -> Result<String, IdentityConfigError> {
    if value.trim().is_empty() { Err(IdentityConfigError::Empty(name)) } else { Ok(value) }
}
