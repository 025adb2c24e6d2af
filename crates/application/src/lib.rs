//! The use cases of Vestibule, in contexts: each is a facade with ports of its own over the [`Core`] that all share.
//! [`Identity`] is accounts and who signs in to them, [`Chat`] conversations, [`Dossiers`] the review of dossiers,
//! [`Documents`] what is stored of them, [`Profiles`] what the public hands in and reads, and [`Places`] where that is.
//!
//! One use case is one file with its input, its output and one method of its facade; the folder's errors are in its
//! `mod.rs`. To add a context, write its facade and its ports as in `identity.rs`. A use case owns its transaction, which it
//! opens late and commits once, without hashing, network or mail in between. This crate must never contain a word of HTTP,
//! of a dialect or of a storage technology: where the dialects differ, the difference is a field of the input or of the
//! [`Policy`].

pub mod accounts;
mod caller;
pub mod chat;
mod codes;
mod core;
pub mod documents;
mod dossier;
pub mod dossiers;
pub mod events;
mod fault;
mod identity;
mod limits;
pub mod links;
pub mod mail;
pub mod operations;
pub mod own_account;
pub mod password_reset;
mod passwords;
pub mod places;
mod policy;
pub mod profiles;
mod proofs;
pub mod register;
pub mod rights;
pub mod sessions;
pub mod sign_in;
mod throttles;
mod together;
mod tokens;
mod unit;
pub mod verification;

pub use self::core::{Core, CorePorts};
pub use caller::{Caller, Operator, Principal, Sitting, Visitor};
pub use chat::{Chat, ChatPorts};
pub use documents::{Documents, DocumentsPorts};
pub use dossiers::Dossiers;
pub use fault::{Fault, Traced, chain};
pub use identity::{Identity, IdentityPorts};
pub use passwords::CommonPassword;
pub use places::{Places, PlacesPorts};
pub use policy::{
    ChatLimits, CodeTries, DossierPolicy, LinkLifetimes, MailDelivery, MailboxLimits, NodeLimits, OutboxTimes, Policy,
};
pub use profiles::{Profiles, ProfilesPorts};
pub use vestibule_ports::{
    AccountFilter, AccountSearch, Algorithm, Around, Claims, CountedProfiles, CredentialRejection, Found, Language,
    MayDo, MessageRange, MigrationStatus, NearProfile, OutboxStats, Page, PageRequest, ProfileSummary, ProfileWindow,
    QueueFilter, QueuePage, QueuePlace, SortBy, SortKey, TokenKey, TokenRejection, Window,
};
