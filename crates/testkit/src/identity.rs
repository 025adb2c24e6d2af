//! A scripted sign-in provider.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use vestibule_domain::ProvenIdentity;
use vestibule_ports::{CredentialRejection, IdentityError, IdentityProvider};

/// Proves the identity set for a credential, and refuses every other credential.
#[derive(Debug, Default)]
pub struct ScriptedProvider(Mutex<Vec<(String, ProvenIdentity)>>);

impl ScriptedProvider {
    /// From now on this credential proves this identity.
    pub fn accept(&self, credential: &str, identity: ProvenIdentity) {
        let mut accepted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accepted.retain(|(known, _)| known != credential);
        accepted.push((credential.to_owned(), identity));
    }
}

#[async_trait]
impl IdentityProvider for ScriptedProvider {
    async fn prove(&self, credential: &str) -> Result<ProvenIdentity, IdentityError> {
        let accepted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = accepted.iter().find(|(known, _)| known == credential);
        known.map(|(_, identity)| identity.clone()).ok_or_else(|| CredentialRejection::Refused.into())
    }
}
