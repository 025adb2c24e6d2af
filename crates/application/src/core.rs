//! What every context of use cases works with: storage, time, randomness, keys, the writing of mail, the policy.

use std::sync::Arc;

use time::OffsetDateTime;
use tokio::sync::Notify;
use vestibule_domain::{AccountId, Digest, PasswordRules, id::Id96};
use vestibule_ports::{Clock, Keyring, Letters, Randomness, RandomnessExt, ReadView, Store, StoreError};

use crate::{MailDelivery, Policy, documents::Discarded, unit::Unit};

/// The adapters that every context works with.
#[derive(Clone)]
pub struct CorePorts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub randomness: Arc<dyn Randomness>,
    /// Keyed digests and seals.
    pub keyring: Arc<dyn Keyring>,
    /// Writes the texts of mails.
    pub letters: Arc<dyn Letters>,
}

/// What every context works with; made once, shared by all.
pub struct Core {
    pub(crate) ports: CorePorts,
    pub(crate) policy: Policy,
    pub(crate) mail_written: Arc<Notify>,
    /// Blobs that a committed change of a dossier has released, whatever context made it.
    pub(crate) discarded: Discarded,
}

impl Core {
    /// Brings it together.
    pub fn new(ports: CorePorts, policy: Policy) -> Arc<Self> {
        Arc::new(Self { ports, policy, mail_written: Arc::default(), discarded: Discarded::default() })
    }

    /// The time.
    pub fn now(&self) -> OffsetDateTime {
        self.ports.clock.now()
    }

    /// The time that passes, for what a node counts by itself; see [`Clock::monotonic`].
    pub fn monotonic(&self) -> std::time::Duration {
        self.ports.clock.monotonic()
    }

    /// 64 random bits as 16 hexadecimal digits: makes a token or a request unlike any other.
    pub fn nonce(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.random()))
    }

    /// What a new password must look like.
    pub fn password_rules(&self) -> PasswordRules {
        self.policy.password
    }

    /// Whether mail goes to the local mailbox.
    pub fn has_local_mailbox(&self) -> bool {
        matches!(self.policy.mail, MailDelivery::LocalMailbox { .. })
    }

    /// Whether anything is counted per source.
    pub fn limits_are_on(&self) -> bool {
        self.policy.limits
    }

    /// Begins a unit of work.
    pub(crate) async fn begin(&self) -> Result<Unit, StoreError> {
        Ok(Unit::new(self.ports.store.write().await?, &self.mail_written, &self.discarded))
    }

    /// What can be read outside a unit of work.
    pub(crate) fn read(&self) -> &dyn ReadView {
        self.ports.store.read()
    }

    /// By what the secret is known.
    pub(crate) fn fingerprint(&self) -> Digest {
        self.ports.keyring.digest("fingerprint", &[])
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        self.ports.randomness.bytes()
    }

    /// The id that an account which does not exist would have: what is counted and looked up for a known identifier
    /// is so for an unknown one.
    pub(crate) fn phantom_id(&self, identifier: &str) -> AccountId {
        let digest = self.ports.keyring.digest("phantom-account", &[identifier.as_bytes()]);
        let mut bytes = [0; 12];
        bytes.copy_from_slice(&digest.bytes()[..12]);
        Id96::from_bytes(bytes).into()
    }
}
