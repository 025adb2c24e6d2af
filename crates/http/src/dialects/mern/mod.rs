//! `mern`: sign-in by password, Google, Facebook and Apple, mailed links, permission flags, user administration.
//!
//! Imitates the server of a web stack whose successes have no envelope and whose failures are `{"error":{"message":…}}`.
//! Its validation messages, which many clients show as they are, are those of the library that the original uses. It
//! deviates from its document where that is unsafe or silent:
//!
//! - a password has at most 72 bytes and no NUL, a first or last name a bound and no control characters;
//! - mailed links expire, work once, and only the last one sent works;
//! - a sign-up for the address of a social account changes nothing until the mailed link is opened;
//! - a social sign-in joins an account only when the provider vouches for the address;
//! - a caller grants only the permissions that it has, and the last active root stays;
//! - at most 1000 users are listed at once, and only fields that are shown sort;
//! - a compressed body is refused, and of what fails inside, only `Internal server error` is told.

mod caller;
mod errors;
mod mapping;
mod openapi;
mod requests;
mod responses;
mod routes;
mod tokens;
mod words;

use std::sync::Arc;

use caller::limits::RateLimits;
use errors::Failure;
use vestibule_application::sign_in::MailboxProof;

use super::{Dialect, DialectSettings, Mount};

const NAME: &str = "mern";

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect {
    name: NAME,
    own_paths: &["/api"],
    rows: routes::ROUTES,
    rowless: routes::ROWLESS,
    token_keys: tokens::TOKEN_KEYS,
    default_mount: || Mount::new(MernOptions::default()),
    new_state: || Arc::new(RateLimits::default()),
    configure: |cfg, mount| mount.provide::<MernOptions, RateLimits>(cfg),
    link_pages: mapping::LINK_PAGES,
    chapter: &openapi::CHAPTER,
    password_rules: |_, site| site,
    refuse: |_, status| Failure::of_status(status).response(),
    other_methods: routes::other_methods,
};

/// What can be set of the dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MernOptions {
    /// Whether a mailbox must be proven by a link before its account can sign in.
    pub verify_email: bool,
    /// Whether a forgotten password can be replaced by a mailed link.
    pub reset_password: bool,
    /// What mailed links begin with: the URL of the client's pages. Empty means the public URL.
    pub frontend_url: String,
    /// What the mails call the site.
    pub title: String,
}

impl MernOptions {
    /// An unproven mailbox matters only where proving it is asked for.
    pub(crate) const fn mailbox_proof(&self) -> MailboxProof {
        if self.verify_email { MailboxProof::Needed } else { MailboxProof::NotNeeded }
    }
}

/// Without proofs of mailboxes, with password resets, and pages at the public URL.
impl Default for MernOptions {
    fn default() -> Self {
        Self { verify_email: false, reset_password: true, frontend_url: String::new(), title: "MERN Stack".to_owned() }
    }
}

impl DialectSettings for MernOptions {
    const DIALECT: &'static Dialect = &DIALECT;

    fn with_public_url(mut self, url: &str) -> Self {
        if self.frontend_url.is_empty() {
            url.clone_into(&mut self.frontend_url);
        }
        self
    }
}
