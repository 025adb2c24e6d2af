//! What every provider needs to be told.

use std::time::Duration;

use crate::InvalidEndpoint;

/// How long to wait for a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For one proof, whatever it takes: looking up names, handshakes and all requests.
    pub total: Duration,
}

impl Default for ProviderTimeouts {
    /// 3 s and 8 s.
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(8) }
    }
}

/// Why the options are not taken.
#[derive(Debug, thiserror::Error)]
pub enum IdentityConfigError {
    /// A value is empty, so that something would match it that must not.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A URL cannot be used.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// The system has no certificates to check a provider's by.
    #[error("cannot read the system's certificate authorities")]
    Certificates(#[source] std::io::Error),
    /// The private key is not PEM, or holds another kind of key.
    #[error("Apple's private key must be a P-256 key in PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`)")]
    PrivateKey,
}

/// Values that are there, at least one.
pub(crate) fn all_filled(name: &'static str, values: Vec<String>) -> Result<Vec<String>, IdentityConfigError> {
    if values.is_empty() {
        return Err(IdentityConfigError::Empty(name));
    }
    values.into_iter().map(|value| filled(name, value)).collect()
}

/// A value that is there.
pub(crate) fn filled(name: &'static str, value: String) -> Result<String, IdentityConfigError> {
    if value.trim().is_empty() { Err(IdentityConfigError::Empty(name)) } else { Ok(value) }
}
