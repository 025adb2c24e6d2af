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

use actix_web::{HttpResponse, http::StatusCode, web};
pub(crate) use caller::limits::RateLimits;
use errors::Failure;
pub(crate) use openapi::describe;
pub(crate) use routes::ROUTES;
pub(crate) use tokens::TOKEN_KEYS;

use crate::{MernOptions, shared::routes::table_case};

/// What the dialect is called, in the configuration too.
pub(crate) const NAME: &str = "mern";
/// Unknown paths below these are answered in this dialect's envelope.
pub(crate) const OWN_PATHS: &[&str] = &["/api"];

/// Mounts the dialect.
pub(crate) fn configure(cfg: &mut web::ServiceConfig, options: &MernOptions, limits: &web::Data<RateLimits>) {
    cfg.app_data(web::Data::new(options.clone())).app_data(limits.clone());
    routes::mount(cfg, &options.prefix);
}

/// Refuses a request that reached no handler, or whose handler took too long.
pub(crate) fn refuse(_path: &str, status: StatusCode) -> HttpResponse {
    Failure::of_status(status).response()
}

/// The path as the URL table has it: only in this dialect, upper and lower case are one, but for what stands for a token
/// or an id.
pub(crate) fn fold_case(options: &MernOptions, path: &str) -> Option<String> {
    let below = path.strip_prefix(&options.prefix)?;
    // The table is in lower case, and so is nearly every path that is asked for.
    if !below.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let folded = table_case(ROUTES, below).or_else(|| routes::fold_users(below))?;
    (folded != below).then(|| format!("{}{folded}", options.prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_table_is_in_lower_case() {
        let named = |segment: &&str| !segment.starts_with('{');
        for segment in ROUTES.iter().flat_map(|row| row.path.split('/')).filter(named) {
            assert_eq!(segment, segment.to_ascii_lowercase());
        }
    }
}
