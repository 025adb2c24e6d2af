//! Proving an identity at a sign-in provider.

use async_trait::async_trait;
use vestibule_domain::ProvenIdentity;

/// Why a provider's credential is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialRejection {
    /// Not the form of such a credential.
    #[error("the credential is malformed")]
    Malformed,
    /// Signed with another algorithm than the provider's.
    #[error("the credential is signed with another algorithm")]
    Algorithm,
    /// Signed by nobody the provider knows, or changed.
    #[error("the signature is invalid")]
    Signature,
    /// Made for another application.
    #[error("the credential was made for another application")]
    Audience {
        /// Our id there.
        expected: String,
    },
    /// Made by another issuer.
    #[error("the credential was made by another issuer")]
    Issuer {
        /// Who should have made it.
        expected: String,
    },
    /// Too old.
    #[error("the credential has expired")]
    Expired,
    /// The provider refused it, without more.
    #[error("the provider refused the credential")]
    Refused,
    /// The provider refused it and said why, in its own words.
    #[error("the provider refused the credential and said why")]
    RefusedBecause(String),
    /// The provider answered without the token that it should give.
    #[error("the provider gave no identity token")]
    NoIdentityToken,
}

/// Why an identity was not proven.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The credential is of no use.
    #[error(transparent)]
    Rejected(#[from] CredentialRejection),
    /// The provider is down, slow, or answers what it should not: try again later.
    #[error("the provider is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A provider that signs people in; every answer comes within 8 s.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Checks a credential that a client got from the provider (an ID token, an access token or a code) in every way
    /// that there is, and says whose it is.
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError>;
}
