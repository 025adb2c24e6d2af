//! The domain of Vestibule: accounts, codes, tokens, sessions, conversations, mail and throttles as values and policies.
//!
//! This crate is pure. It must never contain async code, I/O, a clock, a source of randomness, a wire format or SQL: time
//! and random bytes come in as arguments. Each module holds one idea. To add one, add a file, parse in the only
//! constructor, and give it a typed error.

pub mod account;
pub mod blob;
pub mod code;
pub mod conversation;
pub mod digest;
pub mod dossier;
pub mod email;
pub mod epoch;
pub mod event;
pub mod id;
pub mod identity;
pub mod mail;
pub mod name;
pub mod password;
pub mod permission;
pub mod picture;
pub mod place;
pub mod profile;
pub mod role;
pub mod session;
mod skew;
pub mod source;
pub mod text;
pub mod throttle;
pub mod token;
pub mod username;

pub use account::{Account, AccountRecord, AccountStatus, NewAccount, SignInOutcome, SignIns};
pub use blob::{BlobId, BlobName, BlobOwner};
pub use code::{Code, CodeFormat, LiveCode, OneTimeCode};
pub use conversation::{Conversation, Message, NewMessage};
pub use digest::Digest;
pub use dossier::{Dossier, DossierChange, PhoneNumber};
pub use email::{EmailAddress, MaskedEmail};
pub use epoch::{EpochClaim, TokenEpoch};
pub use event::{Actor, EventKind, Origin, RequestId, SecurityEvent};
pub use id::{AccountId, CodeId, EventId, MailId, MessageId, PlaceId, ProfileId, ProfileMessageId, SessionId};
pub use identity::{LinkedIdentity, ProvenIdentity, Provider, ProviderUserId};
pub use name::{FullName, NamePart, PersonName};
pub use password::{NewPassword, PasswordHash, PasswordRules};
pub use permission::{Permission, PermissionSet};
pub use profile::{Profile, ProfileContent, ProfileRecord};
pub use role::Role;
pub use session::{Owner, Presentation, RefreshRule, RefreshTokenId, Session, TokenUse};
pub use skew::CLOCK_SKEW;
pub use source::Source;
pub use throttle::ThrottleRule;
pub use token::{OneTimeToken, TokenPurpose};
pub use username::Username;
