//! The door to storage: reads without a transaction, and units of work.

use async_trait::async_trait;

use crate::{
    Accounts, AdvanceSessions, Codes, Conversations, Dossiers, Events, Export, Fingerprint, Import, Mailbox, Outbox,
    Places, Profiles, ReadAccounts, ReadConversations, ReadDossiers, ReadEvents, ReadFingerprint, ReadMailbox,
    ReadOutbox, ReadPlaces, ReadProfiles, ReadSessions, ReadSources, ReadTokens, SchemaError, Sessions, Sources,
    StoreError, Throttles, Tokens,
};

/// The whole storage of one deployment. Times that come in are cut to whole microseconds; a limit of 0 gives, takes and
/// removes nothing.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads, each its own snapshot: one call is one round trip, without BEGIN and COMMIT.
    fn read(&self) -> &dyn ReadView;

    /// Begins a unit of work; dropped without a commit it changes nothing.
    async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Uses of refresh tokens, each a transaction of one statement, because the hottest writes need no unit of work.
    fn sessions(&self) -> &dyn AdvanceSessions;

    /// Conversations; each verb is a short transaction of its own.
    fn conversations(&self) -> &dyn Conversations;

    /// Begins to read everything in the store, as committed at this moment.
    async fn export(&self) -> Result<Box<dyn Export + '_>, StoreError>;

    /// Begins to fill the store; `None` if it is not empty. The fingerprint of the secret does not count, and is replaced.
    async fn import(&self) -> Result<Option<Box<dyn Import + '_>>, StoreError>;

    /// Checks that requests can be served: the store answers, accepts writes and has room for them. It costs one round trip
    /// and an occasional small write, which changes no stored data. `Unavailable` says why not.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Brings the schema up to date; safe when several processes do it at once.
    async fn migrate(&self) -> Result<(), StoreError>;

    /// Every migration that is known or was applied, oldest first.
    async fn migrations(&self) -> Result<Vec<MigrationStatus>, StoreError>;

    /// Where the servers that use the store now are running, this one included, in words for an operator. Not every store
    /// sees every server. Commands, which are short-lived, are not listed.
    async fn servers(&self) -> Result<Vec<String>, StoreError>;

    /// How the connections are used now; zeros for a store without connections.
    fn pool_usage(&self) -> PoolUsage;

    /// Finishes running work and closes every connection; afterwards every call answers `Unavailable`.
    async fn close(&self);
}

/// Everything that can be read outside a unit of work: each aggregate's reading port.
pub trait ReadView:
    ReadAccounts
    + ReadConversations
    + ReadDossiers
    + ReadEvents
    + ReadFingerprint
    + ReadSessions
    + ReadMailbox
    + ReadOutbox
    + ReadPlaces
    + ReadProfiles
    + ReadSources
    + ReadTokens
{
}

impl<T> ReadView for T where
    T: ReadAccounts
        + ReadConversations
        + ReadDossiers
        + ReadEvents
        + ReadFingerprint
        + ReadSessions
        + ReadMailbox
        + ReadOutbox
        + ReadPlaces
        + ReadProfiles
        + ReadSources
        + ReadTokens
{
}

/// Accessors by aggregate, because several ports have methods of the same name.
impl<'v> dyn ReadView + 'v {
    /// Accounts.
    pub fn accounts(&self) -> &(dyn ReadAccounts + 'v) {
        self
    }

    /// Conversations.
    pub fn conversations(&self) -> &(dyn ReadConversations + 'v) {
        self
    }

    /// Dossiers.
    pub fn dossiers(&self) -> &(dyn ReadDossiers + 'v) {
        self
    }

    /// Security events.
    pub fn events(&self) -> &(dyn ReadEvents + 'v) {
        self
    }

    /// The fingerprint of the secret.
    pub fn fingerprint(&self) -> &(dyn ReadFingerprint + 'v) {
        self
    }

    /// Sessions.
    pub fn sessions(&self) -> &(dyn ReadSessions + 'v) {
        self
    }

    /// The local mailbox.
    pub fn mailbox(&self) -> &(dyn ReadMailbox + 'v) {
        self
    }

    /// Waiting mail.
    pub fn outbox(&self) -> &(dyn ReadOutbox + 'v) {
        self
    }

    /// Looked-up places.
    pub fn places(&self) -> &(dyn ReadPlaces + 'v) {
        self
    }

    /// Profiles.
    pub fn profiles(&self) -> &(dyn ReadProfiles + 'v) {
        self
    }

    /// Known sources of sign-ins.
    pub fn sources(&self) -> &(dyn ReadSources + 'v) {
        self
    }

    /// One-time tokens.
    pub fn tokens(&self) -> &(dyn ReadTokens + 'v) {
        self
    }
}

/// A transaction over every aggregate. Dropped without [`UnitOfWork::commit`] it leaves nothing behind.
///
/// No hashing, network call or mail delivery happens while one is open.
#[async_trait]
pub trait UnitOfWork:
    Accounts
    + Codes
    + Dossiers
    + Events
    + Sessions
    + Fingerprint
    + Mailbox
    + Outbox
    + Places
    + Profiles
    + Sources
    + Throttles
    + Tokens
{
    /// Makes the whole unit durable at once.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Accessors by aggregate, because several ports have methods of the same name.
impl<'u> dyn UnitOfWork + 'u {
    /// Accounts.
    pub fn accounts(&mut self) -> &mut (dyn Accounts + 'u) {
        self
    }

    /// Mailed one-time codes.
    pub fn codes(&mut self) -> &mut (dyn Codes + 'u) {
        self
    }

    /// Dossiers.
    pub fn dossiers(&mut self) -> &mut (dyn Dossiers + 'u) {
        self
    }

    /// Security events.
    pub fn events(&mut self) -> &mut (dyn Events + 'u) {
        self
    }

    /// Sessions.
    pub fn sessions(&mut self) -> &mut (dyn Sessions + 'u) {
        self
    }

    /// The fingerprint of the secret.
    pub fn fingerprint(&mut self) -> &mut (dyn Fingerprint + 'u) {
        self
    }

    /// The local mailbox.
    pub fn mailbox(&mut self) -> &mut (dyn Mailbox + 'u) {
        self
    }

    /// Waiting mail.
    pub fn outbox(&mut self) -> &mut (dyn Outbox + 'u) {
        self
    }

    /// Looked-up places.
    pub fn places(&mut self) -> &mut (dyn Places + 'u) {
        self
    }

    /// Profiles.
    pub fn profiles(&mut self) -> &mut (dyn Profiles + 'u) {
        self
    }

    /// Known sources of sign-ins.
    pub fn sources(&mut self) -> &mut (dyn Sources + 'u) {
        self
    }

    /// Throttles.
    pub fn throttles(&mut self) -> &mut (dyn Throttles + 'u) {
        self
    }

    /// One-time tokens.
    pub fn tokens(&mut self) -> &mut (dyn Tokens + 'u) {
        self
    }
}

/// A step of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number; steps are applied in ascending order.
    pub version: i64,
    /// What it does.
    pub description: String,
    /// Whether the store has it.
    pub applied: bool,
    /// Why this program cannot work on a store that has this step. A step of a newer program carries that program's
    /// description.
    pub unfit: Option<SchemaError>,
}

/// How a pool of connections is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolUsage {
    /// Open connections.
    pub open: u32,
    /// Open connections that are idle.
    pub idle: u32,
    /// The maximum number of connections.
    pub limit: u32,
    /// How many of them may write at once.
    pub writers: u32,
}
