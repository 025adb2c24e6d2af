//! What the use cases need from the outside, as traits: storage, blobs, mail, time, randomness, hashing, keys, tokens.
//!
//! Entities go in and come out whole; a port never sees a use case's input, a dialect or a driver's error. This crate must
//! never contain an implementation of a port. Storage is one small trait per aggregate, in a file of the aggregate's name
//! that every store repeats. Anything unique, single-use or counted is one atomic verb (see docs/adapters.md). `stored`
//! converts between entities and the primitives that a store keeps.

pub mod accounts;
pub mod blobs;
pub mod bus;
pub mod clock;
pub mod codes;
pub mod conversations;
pub mod dossiers;
pub mod errors;
pub mod events;
pub mod fingerprint;
pub mod geocoder;
pub mod hasher;
pub mod identity;
pub mod keyring;
pub mod letters;
pub mod mailbox;
pub mod mailer;
pub mod outbox;
pub mod pictures;
pub mod places;
pub mod profiles;
pub mod randomness;
pub mod sessions;
pub mod signer;
pub mod sources;
pub mod store;
pub mod stored;
pub mod throttles;
pub mod tokens;
pub mod transfer;

pub use accounts::{
    AccountFilter, AccountSearch, Accounts, Found, MAX_HASH_COST, MayDo, Page, PageRequest, ReadAccounts, SortBy,
    SortKey, Window, hash_cost_digits,
};
pub use blobs::{BlobError, BlobReader, BlobScan, BlobWriter, Blobs, FoundBlob};
pub use bus::{Bus, BusError, Notice, Subscription};
pub use clock::Clock;
pub use codes::Codes;
pub use conversations::{Appended, Conversations, MessageRange, ReadConversations};
pub use dossiers::{Dossiers, QueueFilter, QueuePage, QueuePlace, ReadDossiers};
pub use errors::{SchemaError, StoreError, UniqueKey};
pub use events::{Events, ReadEvents};
pub use fingerprint::{Fingerprint, ReadFingerprint};
pub use geocoder::{FoundPlace, GeocodeError, Geocoder};
pub use hasher::{HashError, HashTurn, PasswordHasher, PasswordMatch};
pub use identity::{CredentialRejection, IdentityError, IdentityProvider};
pub use keyring::{BlobOpener, BlobSealer, Keyring, SealBroken, SealedDocumentKey};
pub use letters::{Language, Letter, LetterError, Letters};
pub use mailbox::{Mailbox, ReadMailbox};
pub use mailer::{Mailer, MailerError};
pub use outbox::{Outbox, OutboxStats, ReadOutbox};
pub use pictures::{PictureError, PictureRenderer, RenderedPicture};
pub use places::{Places, ReadPlaces};
pub use profiles::{Around, CountedProfiles, NearProfile, ProfileSummary, ProfileWindow, Profiles, ReadProfiles};
pub use randomness::{Randomness, RandomnessExt};
pub use sessions::{Advance, AdvanceSessions, Advanced, ReadSessions, Sessions};
pub use signer::{Algorithm, Claims, SignerError, TokenKey, TokenRejection, TokenSigner};
pub use sources::{ReadSources, Sources};
pub use store::{MigrationStatus, PoolUsage, ReadView, Store, UnitOfWork};
pub use throttles::Throttles;
pub use tokens::{ReadTokens, Tokens};
pub use transfer::{Batch, Export, Import, MessageSpan, MessageTally, Snapshot, SnapshotExport};
#[cfg(feature = "mock")]
pub use {
    clock::MockClock,
    hasher::{MockHashTurn, MockPasswordHasher},
    identity::MockIdentityProvider,
    mailer::MockMailer,
};
