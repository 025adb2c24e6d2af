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

use actix_web::{HttpResponse, http::StatusCode, web};
use errors::Failure;
pub(crate) use openapi::describe;
pub(crate) use routes::ROUTES;
pub(crate) use tokens::TOKEN_KEYS;

use crate::{EgoOptions, shared};

/// What the dialect is called, in the configuration too.
pub(crate) const NAME: &str = "ego";
/// Unknown paths below these are answered in this dialect's words.
pub(crate) const OWN_PATHS: &[&str] = &["/api/v1/users"];

/// Mounts the dialect.
pub(crate) fn configure(cfg: &mut web::ServiceConfig, options: &EgoOptions) {
    cfg.app_data(web::Data::new(options.clone()));
    shared::routes::mount(cfg, &options.prefix, ROUTES, |_, allow| {
        shared::routes::refuse_method(|| Failure::METHOD_NOT_ALLOWED.response(), allow)
    });
}

/// Refuses a request that reached no handler, or whose handler took too long.
pub(crate) fn refuse(path: &str, status: StatusCode) -> HttpResponse {
    Failure::of_status(path, status).response()
}
