//! `ego`: sign-up with an e-mailed code, access and refresh tokens, a profile, a superadmin; in French.
//!
//! Imitates the accounts of a money-transfer product. Its document shows no failure at all; the envelope and the codes are
//! those of its source. It deviates from both where that is unsafe or silent:
//!
//! - a password is never shown, not even as a hash; a reset token has 256 bits instead of six digits;
//! - a role at sign-up counts only for a caller who may give it, and nobody makes a superadmin;
//! - a deletion needs a token, the list of users an admin's, a new password the present one;
//! - an unknown address is told apart only at sign-up, and a refresh token works once;
//! - a required field that is missing or of another type is `Champ requis`, whatever else is wrong with a field
//!   `Champ invalide`, and `errors` lists every field at fault;
//! - a store or hasher that is busy or away is 503 `Service indisponible`, of code 1021;
//! - of what fails inside, only `Erreur interne` is told.

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
use vestibule_domain::PasswordRules;

use super::{Dialect, DialectSettings, Mount};
use crate::shared::table::refuse_method;

const NAME: &str = "ego";

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect {
    name: NAME,
    own_paths: &["/api/v1/users"],
    rows: routes::ROUTES,
    rowless: &[],
    token_keys: tokens::TOKEN_KEYS,
    default_mount: || Mount::new(EgoOptions::default()),
    new_state: || Arc::new(()),
    configure: |cfg, mount| mount.provide::<EgoOptions, ()>(cfg),
    link_pages: mapping::LINK_PAGES,
    chapter: &openapi::CHAPTER,
    password_rules: |mount, site| mount.settings::<EgoOptions>().map_or(site, |options| options.password_rules()),
    refuse: |path, status| Failure::of_status(path, status).response(),
    other_methods: |_, allow| refuse_method(|| Failure::METHOD_NOT_ALLOWED.response(), allow),
};

/// What can be set of the dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgoOptions {
    /// The fewest characters of a new password.
    pub password_min: usize,
    /// What the links of reset mails begin with: the URL of the client's pages. Empty means the public URL.
    pub frontend_url: String,
}

impl EgoOptions {
    /// What a new password must look like.
    pub(crate) const fn password_rules(&self) -> PasswordRules {
        PasswordRules::at_least(self.password_min)
    }
}

/// Passwords as short as the document's example, and pages at the public URL.
impl Default for EgoOptions {
    fn default() -> Self {
        Self { password_min: 5, frontend_url: String::new() }
    }
}

impl DialectSettings for EgoOptions {
    const DIALECT: &'static Dialect = &DIALECT;

    fn with_public_url(mut self, url: &str) -> Self {
        if self.frontend_url.is_empty() {
            url.clone_into(&mut self.frontend_url);
        }
        self
    }
}
