//! The facade and what it is built from.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use time::{Duration, OffsetDateTime};
use tokio::sync::Notify;
use vestibule_domain::{Digest, PasswordRules, Provider, RefreshRule, ThrottleRule, TokenEpoch};
use vestibule_ports::{
    Clock, IdentityProvider, Keyring, Letters, Mailer, PasswordHasher, Randomness, RandomnessExt, Store, StoreError,
    TokenSigner,
};

use crate::{
    CodeTries, LinkLifetimes, MailboxLimits, NodeLimits, OutboxTimes, limits::SourceLimits, sessions::AdvanceQueue,
    unit::Unit,
};

/// The adapters that the use cases work with.
#[derive(Clone)]
pub struct Ports {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub randomness: Arc<dyn Randomness>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Keyed digests and seals.
    pub keyring: Arc<dyn Keyring>,
    /// Signs tokens.
    pub signer: Arc<dyn TokenSigner>,
    /// Hands mail over; never asked where mail goes to the local mailbox.
    pub mailer: Arc<dyn Mailer>,
    /// Writes the texts of mails.
    pub letters: Arc<dyn Letters>,
    /// The sign-in providers that are configured.
    pub providers: BTreeMap<Provider, Arc<dyn IdentityProvider>>,
}

/// Where mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailDelivery {
    /// Into the outbox, from which a worker hands it to the mailer.
    Outbox,
    /// Straight into the local mailbox, with this sender: for development.
    LocalMailbox {
        /// The sender that a mail server would be told.
        from: String,
    },
}

/// What can be set without changing a use case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether anything is counted per source, per mailbox, or makes an account wait; tries per code always are.
    pub limits: bool,
    /// What a new password must look like, where a dialect has no rule of its own.
    pub password: PasswordRules,
    /// How long a mailed code works.
    pub code_lifetime: Duration,
    /// How long refresh tokens live, and what counts as a retry.
    pub refresh: RefreshRule,
    /// How long a sign-up may wait for its first proof.
    pub provisional_memory: Duration,
    /// How long security events are kept.
    pub event_memory: Duration,
    /// Where mail goes.
    pub mail: MailDelivery,
    /// How often codes may be tried.
    pub code_tries: CodeTries,
    /// How long mailed links work.
    pub links: LinkLifetimes,
    /// What password guesses on one account lead to.
    pub guesses: ThrottleRule,
    /// How much mail one mailbox gets.
    pub mailbox: MailboxLimits,
    /// What each node counts per source or account.
    pub node: NodeLimits,
    /// How long the delivery of mail is tried.
    pub outbox: OutboxTimes,
}

/// Limits on, passwords of at least 8 characters, codes for 10 minutes, refresh tokens by their default rule, sign-ups
/// that wait for 7 days, events for 90 days, mail by the outbox.
impl Default for Policy {
    fn default() -> Self {
        Self {
            limits: true,
            password: PasswordRules::default(),
            code_lifetime: Duration::minutes(10),
            refresh: RefreshRule::default(),
            provisional_memory: Duration::days(7),
            event_memory: Duration::days(90),
            mail: MailDelivery::Outbox,
            code_tries: CodeTries::default(),
            links: LinkLifetimes::default(),
            guesses: ThrottleRule::SIGN_IN,
            mailbox: MailboxLimits::default(),
            node: NodeLimits::default(),
            outbox: OutboxTimes::default(),
        }
    }
}

/// Every use case as a method; cheap to share, never cloned.
pub struct Application {
    pub(crate) ports: Ports,
    pub(crate) policy: Policy,
    pub(crate) limits: SourceLimits,
    pub(crate) mail_written: Arc<Notify>,
    pub(crate) advances: AdvanceQueue,
}

impl Application {
    /// Builds the facade.
    pub fn new(ports: Ports, policy: Policy) -> Self {
        let limits = SourceLimits::new(&ports.clock, &policy);
        Self { ports, policy, limits, mail_written: Arc::default(), advances: AdvanceQueue::default() }
    }

    /// What a new password must look like.
    pub fn password_rules(&self) -> PasswordRules {
        self.policy.password
    }

    /// Whether mail goes to the local mailbox.
    pub fn has_local_mailbox(&self) -> bool {
        matches!(self.policy.mail, MailDelivery::LocalMailbox { .. })
    }

    /// Whether a sign-in provider is configured.
    pub fn has_provider(&self, provider: Provider) -> bool {
        self.ports.providers.contains_key(&provider)
    }

    /// Whether anything is counted per source.
    pub fn limits_are_on(&self) -> bool {
        self.policy.limits
    }

    /// The time.
    pub fn now(&self) -> OffsetDateTime {
        self.ports.clock.now()
    }

    /// The time that passes, for what a node counts by itself; see [`Clock::monotonic`].
    pub fn monotonic(&self) -> std::time::Duration {
        self.ports.clock.monotonic()
    }

    /// Begins a unit of work.
    pub(crate) async fn begin(&self) -> Result<Unit, StoreError> {
        Ok(Unit::new(self.ports.store.write().await?, &self.mail_written))
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        self.ports.randomness.bytes()
    }

    pub(crate) fn new_epoch(&self) -> TokenEpoch {
        TokenEpoch::new(self.random())
    }

    /// A new one-time token: 32 random bytes in base64url without padding (RFC 4648, section 5).
    pub(crate) fn new_token(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.random::<32>())
    }

    /// A new one-time token: 32 random bytes as 64 lower-case hexadecimal digits.
    pub(crate) fn new_hex_token(&self) -> String {
        hex::encode(self.random::<32>())
    }

    /// The digest under which a one-time token is stored.
    pub(crate) fn token_digest(&self, token: &str) -> Digest {
        self.ports.keyring.digest("token", &[token.as_bytes()])
    }
}
