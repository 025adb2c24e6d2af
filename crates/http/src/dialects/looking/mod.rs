//! `looking`: accounts of editors with single permissions, and tokens for clients that did not sign in.
//!
//! Imitates the back end of a gallery of stories. Its document shows several envelopes, each of which is kept. It deviates
//! from its document where that is unsafe or silent:
//!
//! - a token is revoked by a logout, a new password and a deletion; rights are read from the store with each request;
//! - `super` is the role of a root, and the last one can be neither deleted nor stripped;
//! - a request for a reset never tells whether an account exists, and its link works once;
//! - who is not a `super` sets neither rights nor a user name, and another address or password takes the present one;
//! - of what fails inside, only `Internal server error` is told.

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

use errors::Failure;
use time::Duration;
use vestibule_application::sessions::Renewal;

use super::{Dialect, DialectSettings, Mount};
use crate::shared::table::refuse_method;

const NAME: &str = "looking";

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect {
    name: NAME,
    own_paths: &["/auth", "/profiles", "/users", "/geocache", "/images"],
    rows: routes::ROUTES,
    rowless: &[],
    token_keys: tokens::TOKEN_KEYS,
    default_mount: || Mount::new(LookingOptions::default()),
    new_state: || Arc::new(()),
    configure: |cfg, mount| mount.provide::<LookingOptions, ()>(cfg),
    link_pages: mapping::LINK_PAGES,
    chapter: &openapi::CHAPTER,
    password_rules: |_, site| site,
    refuse: |_, status| Failure::of_status(status).response(),
    other_methods: |_, allow| refuse_method(|| Failure::METHOD_NOT_ALLOWED.response(), allow),
};

/// What can be set of the dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookingOptions {
    /// What the links of reset mails begin with: the URL of the client's pages. Empty means the public URL.
    pub frontend_url: String,
    /// How long the token of a sign-in lives.
    pub sign_in: Duration,
    /// How long an anonymous token lives.
    pub anonymous: Duration,
    /// How long a refreshed token lives.
    pub refreshed: Duration,
    /// How long tokens can be refreshed, from the sign-in.
    pub longest: Duration,
    /// How long the link of a reset mail works.
    pub reset_link: Duration,
}

impl LookingOptions {
    /// How long the first token of a session lives.
    pub(crate) const fn first(&self, lifetime: Duration) -> Renewal {
        Renewal { lifetime, longest: self.longest }
    }

    /// How long the later ones live.
    pub(crate) const fn renewal(&self) -> Renewal {
        self.first(self.refreshed)
    }
}

/// Tokens of an hour, refreshed ones of 15 minutes for 24 hours, reset links of 30 minutes, and pages at the public URL.
impl Default for LookingOptions {
    fn default() -> Self {
        Self {
            frontend_url: String::new(),
            sign_in: Duration::hours(1),
            anonymous: Duration::hours(1),
            refreshed: Duration::minutes(15),
            longest: Duration::hours(24),
            reset_link: Duration::minutes(30),
        }
    }
}

impl DialectSettings for LookingOptions {
    const DIALECT: &'static Dialect = &DIALECT;

    fn with_public_url(mut self, url: &str) -> Self {
        if self.frontend_url.is_empty() {
            url.clone_into(&mut self.frontend_url);
        }
        self
    }
}
