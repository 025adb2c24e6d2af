//! The wire dialects: one folder each with the same rooms, none of which imports another.

pub(crate) mod contacts;

use actix_web::{HttpResponse, http::StatusCode, web};
use utoipa::openapi::{ComponentsBuilder, PathsBuilder};

use crate::{HttpOptions, shared::routes::RouteRow};

/// Mounts every dialect that is on.
pub(crate) fn configure(cfg: &mut web::ServiceConfig, options: &HttpOptions) {
    if let Some(mounted) = &options.contacts {
        contacts::configure(cfg, &mounted.prefix);
    }
}

/// Adds the endpoints of every dialect that is on to a description.
pub(crate) fn describe(
    options: &HttpOptions,
    paths: PathsBuilder,
    components: ComponentsBuilder,
) -> (PathsBuilder, ComponentsBuilder) {
    match &options.contacts {
        Some(mounted) => contacts::describe(&mounted.prefix, paths, components),
        None => (paths, components),
    }
}

/// Refuses a request in the envelope of the dialect that owns the path; `None` if nobody does.
pub(crate) fn refuse(options: &HttpOptions, path: &str, status: StatusCode) -> Option<HttpResponse> {
    let mounted = options.contacts.as_ref()?;
    owns(&mounted.prefix, contacts::OWN_PATHS, path).then(|| contacts::refuse(status))
}

/// The rows of every dialect, whether on or off, with the dialect's name.
pub fn routes() -> Vec<(&'static str, RouteRow)> {
    contacts::ROUTES.iter().map(|row| (contacts::NAME, row.clone())).collect()
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
