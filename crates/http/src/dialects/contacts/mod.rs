//! `contacts`: sign-up, password reset by a six-digit code, and which of a client's contacts have an account.
//!
//! Imitates an authentication API whose every answer is `{status, message, data}`. It deviates from its document
//! where that is unsafe or silent:
//!
//! - a password is 8 characters to 72 bytes, and a name at most 100 characters;
//! - a forgotten password is answered alike for a known and an unknown address, in time too;
//! - a reset token works once, has a key of its own, and dies with the password that it was granted for;
//! - a reset ends every earlier access token;
//! - of what fails inside, only `Internal server error` is told.

mod caller;
mod errors;
mod mapping;
mod openapi;
mod requests;
mod responses;
mod routes;
mod tokens;

use std::sync::Arc;

use errors::Failure;

use super::{Dialect, DialectSettings, Mount};
use crate::shared::table::refuse_method;

const NAME: &str = "contacts";

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect {
    name: NAME,
    own_paths: &["/api"],
    rows: routes::ROUTES,
    rowless: &[],
    token_keys: tokens::TOKEN_KEYS,
    default_mount: || Mount::new(ContactsOptions),
    new_state: || Arc::new(()),
    configure: |cfg, mount| mount.provide::<ContactsOptions, ()>(cfg),
    link_pages: &[],
    chapter: &openapi::CHAPTER,
    password_rules: |_, site| site,
    refuse: |_, status| Failure::of_status(status).response(),
    other_methods: |_, allow| refuse_method(|| Failure::METHOD_NOT_ALLOWED.response(), allow),
};

/// What can be set of the dialect: nothing but where it is mounted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContactsOptions;

impl DialectSettings for ContactsOptions {
    const DIALECT: &'static Dialect = &DIALECT;
}
