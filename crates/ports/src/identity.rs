//! Proving an identity at a sign-in provider.

use async_trait::async_trait;
use vestibule_domain::ProvenIdentity;

/// Why a provider's credential is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialRejection {
    /// Not the form of such a credential.
    #[error("the credential is malformed")]
    Malformed,
    /// Signed with another algorithm than the provider's.
    #[error("the credential is signed with another algorithm")]
    Algorithm,
    /// Not signed by a key of the provider, or changed.
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
        /// The issuer that it must have.
        expected: String,
    },
    /// Too old.
    #[error("the credential has expired")]
    Expired,
    /// The provider refused it without a reason.
    #[error("the provider refused the credential")]
    Refused,
    /// The provider refused it, with its reason in its own words.
    #[error("the provider refused the credential and said why")]
    RefusedBecause(String),
    /// The provider answered without the token that it should give.
    #[error("the provider gave no identity token")]
    NoIdentityToken,
}

/// Why an identity was not proven.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The credential is rejected.
    #[error(transparent)]
    Rejected(#[from] CredentialRejection),
    /// The provider is down, slow, or gives an invalid answer: try again later.
    #[error("the provider is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A provider that signs people in; every answer comes within 8 s.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Checks every property of a credential that a client got from the provider (an ID token, an access token or a code),
    /// and returns its owner's identity.
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError>;
}
