//! The URL table of a dialect as data: what is mounted, and what tests and documents iterate over.

use actix_web::{
    HttpResponse, Route, guard,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web,
};

/// What a request must carry to be listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// Nothing, but an access token that comes must be good.
    Optional,
    /// An access token, in the `Authorization` header or where else the dialect has it.
    Bearer,
    /// The same, of an account with a role or a permission that not everybody has.
    Privileged,
}

impl Access {
    /// Whether a request without an access token is refused.
    pub const fn needs_token(self) -> bool {
        match self {
            Self::Public | Self::Optional => false,
            Self::Bearer | Self::Privileged => true,
        }
    }
}

/// A row of a dialect's URL table.
#[derive(Debug, Clone)]
pub struct RouteRow {
    /// Its method; `HEAD` works wherever `GET` does.
    pub method: Method,
    /// Its path below the dialect's prefix.
    pub path: &'static str,
    /// What it asks of a request first.
    pub access: Access,
    /// Ties the handler to the route.
    pub(crate) handler: fn(Route) -> Route,
}

impl RouteRow {
    /// A row for `GET`.
    pub(crate) const fn get(path: &'static str, access: Access, handler: fn(Route) -> Route) -> Self {
        Self { method: Method::GET, path, access, handler }
    }

    /// A row for `POST`.
    pub(crate) const fn post(path: &'static str, access: Access, handler: fn(Route) -> Route) -> Self {
        Self { method: Method::POST, path, access, handler }
    }

    /// A row for `PUT`.
    pub(crate) const fn put(path: &'static str, access: Access, handler: fn(Route) -> Route) -> Self {
        Self { method: Method::PUT, path, access, handler }
    }

    /// A row for `DELETE`.
    pub(crate) const fn delete(path: &'static str, access: Access, handler: fn(Route) -> Route) -> Self {
        Self { method: Method::DELETE, path, access, handler }
    }
}

/// What answers another method on a path of a table, given the path and the value of `Allow`.
pub(crate) type OtherMethods = fn(&'static str, HeaderValue) -> Route;

/// Mounts a table.
pub(crate) fn mount(cfg: &mut web::ServiceConfig, prefix: &str, rows: &[RouteRow], other_methods: OtherMethods) {
    let is_first_of_path =
        |(index, row): &(usize, &RouteRow)| rows[..*index].iter().all(|other| other.path != row.path);
    for (_, first) in rows.iter().enumerate().filter(is_first_of_path) {
        let rows = rows.iter().filter(|row| row.path == first.path);
        let allow = allow(rows.clone());
        let resource = rows.fold(web::resource(format!("{prefix}{}", first.path)), |resource, row| {
            resource.route((row.handler)(route_of(&row.method)))
        });
        cfg.service(resource.default_service(other_methods(first.path, allow)));
    }
}

/// A refusal of the method, with the methods that are allowed.
pub(crate) fn refuse_method(refusal: fn() -> HttpResponse, allow: HeaderValue) -> Route {
    web::to(move || {
        let mut response = refusal();
        response.headers_mut().insert(header::ALLOW, allow.clone());
        async { response }
    })
}

/// Whether a path is one of a table's, by any method.
pub(crate) fn has_path(rows: &[RouteRow], path: &str) -> bool {
    rows.iter().any(|row| segments_match(row.path, path, str::eq))
}

/// A path with the case of the first row that it matches but for the case of its letters; what stands in the place of a
/// parameter is left as it is.
pub(crate) fn table_case(rows: &[RouteRow], path: &str) -> Option<String> {
    let row = rows.iter().find(|row| segments_match(row.path, path, str::eq_ignore_ascii_case))?;
    let segment = |(of_row, given): (&'static str, &str)| {
        if is_parameter(of_row) { given.to_owned() } else { of_row.to_owned() }
    };
    Some(row.path.split('/').zip(path.split('/')).map(segment).collect::<Vec<_>>().join("/"))
}

fn segments_match(pattern: &str, path: &str, same: fn(&str, &str) -> bool) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if is_parameter(part) && !given.is_empty() || same(part, given) => {}
            _ => return false,
        }
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn route_of(method: &Method) -> Route {
    if method == Method::GET {
        web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        web::method(method.clone())
    }
}

fn allow<'a>(rows: impl Iterator<Item = &'a RouteRow>) -> HeaderValue {
    let methods: Vec<&str> = rows
        .flat_map(|row| if row.method == Method::GET { vec!["GET", "HEAD"] } else { vec![row.method.as_str()] })
        .collect();
    HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> [RouteRow; 3] {
        let row = |path| RouteRow::get(path, Access::Public, |route| route);
        [row("/api/auth/me"), row("/api/links/own"), row("/api/links/{token}")]
    }

    #[test]
    fn a_path_is_of_a_table_if_each_segment_is() {
        for path in ["/api/auth/me", "/api/links/own", "/api/links/x", "/api/links/%00"] {
            assert!(has_path(&rows(), path), "{path}");
        }
        for path in ["", "/", "/api", "/api/auth", "/api/auth/me/x", "/api/links", "/api/links/", "/API/auth/me"] {
            assert!(!has_path(&rows(), path), "{path}");
        }
    }

    #[test]
    fn only_what_is_no_parameter_gets_the_case_of_the_table() {
        for (path, folded) in [
            ("/API/Auth/ME", Some("/api/auth/me")),
            ("/api/auth/me", Some("/api/auth/me")),
            ("/Api/LINKS/AbC", Some("/api/links/AbC")),
            ("/api/links/OWN", Some("/api/links/own")),
            ("/api/auth/you", None),
            ("/api/links", None),
        ] {
            assert_eq!(table_case(&rows(), path).as_deref(), folded, "{path}");
        }
    }
}
