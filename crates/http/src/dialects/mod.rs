//! The wire dialects: one folder each with the same rooms, none of which imports another.

pub(crate) mod contacts;
pub(crate) mod ego;
pub(crate) mod mern;

use actix_web::{HttpResponse, http::StatusCode, web};
use utoipa::openapi::{ComponentsBuilder, PathsBuilder};
use vestibule_application::TokenKey;

use crate::{
    HttpOptions,
    shared::routes::{RouteRow, has_path},
};

/// Below these lie the paths of `ego`, which are nobody's while it is off, although others own what they lie below.
const ELSEWHERE: &[&str] = ego::OWN_PATHS;

/// What dialects keep from request to request, shared by all workers.
#[derive(Clone, Default)]
pub(crate) struct State {
    mern_limits: web::Data<mern::RateLimits>,
}

/// A dialect that is on.
struct Mounted<'a> {
    prefix: &'a str,
    rows: &'static [RouteRow],
    own_paths: &'static [&'static str],
    /// What lies below its own paths and is another's all the same.
    elsewhere: &'static [&'static str],
    refuse: fn(&str, StatusCode) -> HttpResponse,
}

/// Every dialect that is on; of two that own a path, the first answers for it.
fn mounted(options: &HttpOptions) -> impl Iterator<Item = Mounted<'_>> {
    let mern = options.mern.as_ref().map(|options| Mounted {
        prefix: &options.prefix,
        rows: mern::ROUTES,
        own_paths: mern::OWN_PATHS,
        elsewhere: ELSEWHERE,
        refuse: mern::refuse,
    });
    let contacts = options.contacts.as_ref().map(|options| Mounted {
        prefix: &options.prefix,
        rows: contacts::ROUTES,
        own_paths: contacts::OWN_PATHS,
        elsewhere: ELSEWHERE,
        refuse: contacts::refuse,
    });
    let ego = options.ego.as_ref().map(|options| Mounted {
        prefix: &options.prefix,
        rows: ego::ROUTES,
        own_paths: ego::OWN_PATHS,
        elsewhere: &[],
        refuse: ego::refuse,
    });
    ego.into_iter().chain(mern).chain(contacts)
}

/// Mounts every dialect that is on.
pub(crate) fn configure(cfg: &mut web::ServiceConfig, options: &HttpOptions, state: &State) {
    if let Some(mounted) = &options.contacts {
        contacts::configure(cfg, &mounted.prefix);
    }
    if let Some(mounted) = &options.mern {
        mern::configure(cfg, mounted, &state.mern_limits);
    }
    if let Some(mounted) = &options.ego {
        ego::configure(cfg, mounted);
    }
}

/// The keys that the tokens of all dialects are signed with.
pub(crate) fn token_keys() -> Vec<TokenKey> {
    [contacts::TOKEN_KEYS, mern::TOKEN_KEYS, ego::TOKEN_KEYS].concat()
}

/// Adds the endpoints of every dialect that is on to a description.
pub(crate) fn describe(
    options: &HttpOptions,
    mut paths: PathsBuilder,
    mut components: ComponentsBuilder,
) -> (PathsBuilder, ComponentsBuilder) {
    if let Some(mounted) = &options.contacts {
        (paths, components) = contacts::describe(&mounted.prefix, paths, components);
    }
    if let Some(mounted) = &options.mern {
        (paths, components) = mern::describe(&mounted.prefix, paths, components);
    }
    if let Some(mounted) = &options.ego {
        (paths, components) = ego::describe(&mounted.prefix, paths, components);
    }
    (paths, components)
}

/// The path that a request means, where its dialect does not tell upper from lower case.
pub(crate) fn fold_case(options: &HttpOptions, path: &str) -> Option<String> {
    mern::fold_case(options.mern.as_ref()?, path)
}

/// Refuses a request in the envelope of the dialect that has the path, or else owns what it lies below; `None` if nobody
/// does.
pub(crate) fn refuse(options: &HttpOptions, path: &str, status: StatusCode) -> Option<HttpResponse> {
    let has =
        |dialect: &Mounted<'_>| path.strip_prefix(dialect.prefix).is_some_and(|path| has_path(dialect.rows, path));
    let owns = |dialect: &Mounted<'_>| {
        owns(dialect.prefix, dialect.own_paths, path) && !owns(dialect.prefix, dialect.elsewhere, path)
    };
    let owner = mounted(options).find(has).or_else(|| mounted(options).find(owns))?;
    Some((owner.refuse)(path, status))
}

/// The rows of every dialect, whether on or off, with the dialect's name.
pub fn routes() -> Vec<(&'static str, RouteRow)> {
    let of = |name, rows: &'static [RouteRow]| rows.iter().map(move |row| (name, row.clone()));
    of(contacts::NAME, contacts::ROUTES).chain(of(mern::NAME, mern::ROUTES)).chain(of(ego::NAME, ego::ROUTES)).collect()
}

/// Whether a path is one of a dialect's own or lies below one.
fn owns(prefix: &str, own: &[&str], path: &str) -> bool {
    let Some(path) = path.strip_prefix(prefix) else { return false };
    own.iter().any(|own| path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_owns_its_paths_and_what_lies_below() {
        for path in ["/api", "/api/", "/api/auth/unknown"] {
            assert!(owns("", &["/api"], path), "{path}");
        }
        for path in ["/", "/apiary", "/health/live", "/x/api"] {
            assert!(!owns("", &["/api"], path), "{path}");
        }
        assert!(owns("/legacy", &["/api"], "/legacy/api/auth"));
        assert!(!owns("/legacy", &["/api"], "/api/auth"));
    }
}
