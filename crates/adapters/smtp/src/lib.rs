//! Mail by SMTP (RFC 5321), through one configured mail server, by the `lettre` crate.
//!
//! Each mail is one dialogue on its own connection: mails are few, and a connection that is not kept cannot go stale. This
//! crate must never decide when to retry, and never let an address or a mail's content into an error. To add a step to the
//! dialogue, add it to [`Step`] and to `dialogue.rs`; `status.rs` says whether its refusal is permanent.

mod dialogue;
mod encoded_words;
mod failure;
pub mod mailer;
mod message;
pub mod options;
pub mod probe;
pub mod security;
mod status;
mod tls;

pub use mailer::{SmtpMailer, check_certificates, check_ehlo_name, check_sender};
pub use options::{SmtpConfigError, SmtpOptions, SmtpTimeouts};
pub use probe::{ProbeReport, ProbeStep, Step};
pub use security::{Security, TlsMode};
