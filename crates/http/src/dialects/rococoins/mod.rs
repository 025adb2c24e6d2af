//! `rococoins`: personal and business accounts with a dossier and documents, a chat with the staff, a mailed code.
//!
//! Imitates the user management of a brokerage. Its document shows few answers and hardly a failure; every failure is
//! `{"success":false,"message"}`. It deviates from its document where that is unsafe or silent:
//!
//! - whatever reads, changes or lists an account needs a token: the account's own, or an admin's;
//! - no password or hash is shown, and the staff's codes are shown to admins only;
//! - a role, a status or a code is never set by the account itself;
//! - another address or password needs the present password, and an unknown account is never told apart;
//! - the chat has no end: old entries are read page by page;
//! - the path of a document can be an uploaded file, which only the owner and admins read;
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

use super::{Dialect, DialectSettings, Mount};
use crate::shared::table::refuse_method;

const NAME: &str = "rococoins";

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect {
    name: NAME,
    own_paths: &["/user", "/users"],
    rows: routes::ROUTES,
    rowless: &[],
    token_keys: tokens::TOKEN_KEYS,
    default_mount: || Mount::new(RococoinsOptions),
    new_state: || Arc::new(()),
    configure: |cfg, mount| mount.provide::<RococoinsOptions, ()>(cfg),
    link_pages: &[],
    chapter: &openapi::CHAPTER,
    password_rules: |_, site| site,
    refuse: |_, status| Failure::of_status(status).response(),
    other_methods: |_, allow| refuse_method(|| Failure::METHOD_NOT_ALLOWED.response(), allow),
};

/// What can be set of the dialect: nothing but where it is mounted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RococoinsOptions;

impl DialectSettings for RococoinsOptions {
    const DIALECT: &'static Dialect = &DIALECT;
}
