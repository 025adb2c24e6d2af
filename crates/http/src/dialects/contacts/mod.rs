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

use actix_web::{HttpResponse, http::StatusCode, web};
use errors::Failure;
pub(crate) use openapi::describe;
pub(crate) use routes::ROUTES;
pub(crate) use tokens::TOKEN_KEYS;

use crate::shared;

/// What the dialect is called, in the configuration too.
pub(crate) const NAME: &str = "contacts";
/// Unknown paths below these are answered in this dialect's envelope.
pub(crate) const OWN_PATHS: &[&str] = &["/api"];

/// Mounts the dialect under a prefix, which is empty or a path without a slash at its end.
pub(crate) fn configure(cfg: &mut web::ServiceConfig, prefix: &str) {
    shared::routes::mount(cfg, prefix, ROUTES, |_, allow| {
        shared::routes::refuse_method(|| Failure::METHOD_NOT_ALLOWED.response(), allow)
    });
}

/// Refuses a request that reached no handler, or whose handler took too long.
pub(crate) fn refuse(_path: &str, status: StatusCode) -> HttpResponse {
    Failure::of_status(status).response()
}
