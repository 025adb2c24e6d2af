//! Several of our client ids at one provider, whose credentials do not say which one they were issued to.

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_domain::ProvenIdentity;
use vestibule_ports::{CredentialRejection, IdentityError, IdentityProvider};

use crate::{ProviderTimeouts, failure::within};

/// Tries each of our client ids in turn until one is accepted; all of them share the time limit of one.
pub struct AnyClient {
    clients: Vec<Arc<dyn IdentityProvider>>,
    timeouts: ProviderTimeouts,
}

impl AnyClient {
    /// Joins clients; without any, every credential is refused.
    pub const fn new(clients: Vec<Arc<dyn IdentityProvider>>, timeouts: ProviderTimeouts) -> Self {
        Self { clients, timeouts }
    }

    /// A credential is refused only if the provider refused it for every client: one that could not be tried might have
    /// been the right one.
    async fn ask(&self, credential: &str) -> Result<ProvenIdentity, IdentityError> {
        let (mut rejection, mut failure) = (None, None);
        for client in &self.clients {
            match client.prove(credential).await {
                Ok(proven) => return Ok(proven),
                Err(error @ IdentityError::Rejected(_)) => rejection = rejection.or(Some(error)),
                Err(error @ IdentityError::Unavailable(_)) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.or(rejection).unwrap_or(CredentialRejection::Refused.into()))
    }
}

#[async_trait]
impl IdentityProvider for AnyClient {
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError> {
        within(self.timeouts.total, self.ask(credential)).await
    }
}
