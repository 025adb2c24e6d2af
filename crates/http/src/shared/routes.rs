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
    /// An access token in the `Authorization` header.
    Bearer,
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
}

/// Mounts a table. Another method on one of its paths gets the dialect's refusal, with `Allow`.
pub(crate) fn mount(
    cfg: &mut web::ServiceConfig,
    prefix: &str,
    rows: &[RouteRow],
    refuse_method: fn() -> HttpResponse,
) {
    let is_first_of_path =
        |(index, row): &(usize, &RouteRow)| rows[..*index].iter().all(|other| other.path != row.path);
    for (_, first) in rows.iter().enumerate().filter(is_first_of_path) {
        let rows = rows.iter().filter(|row| row.path == first.path);
        let allow = allow(rows.clone());
        let resource = rows.fold(web::resource(format!("{prefix}{}", first.path)), |resource, row| {
            resource.route((row.handler)(route_of(&row.method)))
        });
        cfg.service(resource.default_service(web::to(move || {
            let mut response = refuse_method();
            response.headers_mut().insert(header::ALLOW, allow.clone());
            async { response }
        })));
    }
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
