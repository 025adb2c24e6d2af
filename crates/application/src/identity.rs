//! Accounts and who signs in to them: the context of every dialect.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use vestibule_domain::{Digest, Provider, TokenEpoch};
use vestibule_ports::{IdentityProvider, Mailer, PasswordHasher, TokenSigner};

use crate::{Core, accounts::Lookups, limits::SourceLimits, sessions::Advances, together::Together};

/// The adapters that only this context works with.
#[derive(Clone)]
pub struct IdentityPorts {
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Signs tokens.
    pub signer: Arc<dyn TokenSigner>,
    /// Hands mail over; never asked where mail goes to the local mailbox.
    pub mailer: Arc<dyn Mailer>,
    /// The sign-in providers that are configured.
    pub providers: BTreeMap<Provider, Arc<dyn IdentityProvider>>,
}

/// Every use case of accounts as a method; cheap to share, never cloned.
pub struct Identity {
    pub(crate) core: Arc<Core>,
    pub(crate) ports: IdentityPorts,
    pub(crate) limits: SourceLimits,
    pub(crate) advances: Together<Advances>,
    pub(crate) lookups: Together<Lookups>,
}

impl Identity {
    /// Builds the facade.
    pub fn new(core: Arc<Core>, ports: IdentityPorts) -> Self {
        let limits = SourceLimits::new(&core.ports.clock, &core.policy);
        let (advances, lookups) = (Advances::together(&core.ports.store), Lookups::together(&core.ports.store));
        Self { core, ports, limits, advances, lookups }
    }

    /// What it shares with the other contexts.
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// For how long one worker has a mail to deliver.
    pub fn mail_lease(&self) -> std::time::Duration {
        self.core.policy.outbox.lease.unsigned_abs()
    }

    /// Whether a sign-in provider is configured.
    pub fn has_provider(&self, provider: Provider) -> bool {
        self.ports.providers.contains_key(&provider)
    }

    pub(crate) fn new_epoch(&self) -> TokenEpoch {
        TokenEpoch::new(self.core.random())
    }

    /// A new one-time token: 32 random bytes in base64url without padding (RFC 4648, section 5).
    pub(crate) fn new_token(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.core.random::<32>())
    }

    /// A new one-time token: 32 random bytes as 64 lower-case hexadecimal digits.
    pub(crate) fn new_hex_token(&self) -> String {
        hex::encode(self.core.random::<32>())
    }

    /// The digest under which a one-time token is stored.
    pub(crate) fn token_digest(&self, token: &str) -> Digest {
        self.core.ports.keyring.digest("token", &[token.as_bytes()])
    }
}
