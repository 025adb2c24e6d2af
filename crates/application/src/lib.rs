//! The use cases of Vestibule, behind one facade: [`Application`].
//!
//! One use case is one file with its input, its output and one method of the facade; the folder's errors are in its
//! `mod.rs`. A use case owns its transaction, which it opens late and commits once, without hashing, network
//! or mail in between. This crate must never contain a word of HTTP, of a dialect or of a storage technology: where the
//! dialects differ, the difference is a field of the input or of the [`Policy`].

pub mod accounts;
pub mod administration;
mod app;
mod caller;
mod codes;
pub mod events;
mod fault;
mod limits;
pub mod links;
pub mod mail;
pub mod operations;
pub mod own_account;
pub mod password_reset;
mod passwords;
mod policy;
mod proofs;
pub mod register;
pub mod rights;
pub mod sessions;
pub mod sign_in;
mod throttles;
mod tokens;
mod unit;
pub mod users;
pub mod verification;

pub use app::{Application, MailDelivery, Policy, Ports};
pub use caller::{Caller, Operator, Principal, Visitor};
pub use fault::{Fault, chain};
pub use passwords::CommonPassword;
pub use policy::{CodeTries, LinkLifetimes, MailboxLimits, NodeLimits, OutboxTimes};
pub use vestibule_ports::{
    AccountFilter, AccountSearch, Algorithm, Claims, CredentialRejection, Found, Language, MayDo, MigrationStatus,
    OutboxStats, Page, PageRequest, SortBy, SortKey, TokenKey, TokenRejection, Window,
};
