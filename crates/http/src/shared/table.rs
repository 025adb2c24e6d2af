//! URL tables as the router takes them: those of all dialects together, whatever the order in which they are mounted.

use std::sync::Arc;

use actix_web::{
    HttpResponse, Route,
    guard::{self, GuardContext},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web,
};

use super::routes::RouteRow;

/// What answers another method on a path of a table, given the path and the value of `Allow`.
pub(crate) type OtherMethods = fn(&'static str, HeaderValue) -> Route;

/// The rows of a table, and where they are mounted.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    /// What stands before every path.
    pub(crate) prefix: &'a str,
    pub(crate) rows: &'static [RouteRow],
    pub(crate) other_methods: OtherMethods,
}

/// What stands before the paths of the table that a handler is in.
#[derive(Clone, Default)]
pub(crate) struct Prefix(pub(crate) Arc<str>);

/// The rows of one path of one table.
struct Place<'a> {
    table: Table<'a>,
    /// The path below the prefix.
    path: &'static str,
    /// The path as the router takes it.
    full: String,
}

/// Mounts tables.
///
/// Each path is looked for with its methods first, and a word of a path before a parameter in the same segment. What no
/// table takes by its method is refused with the methods of all tables at that path, in the words of the first table.
pub(crate) fn mount(cfg: &mut web::ServiceConfig, tables: &[Table<'_>]) {
    let mut places: Vec<Place<'_>> = tables.iter().flat_map(Place::of_table).collect();
    places.sort_by_cached_key(|place| place.full.split('/').map(is_parameter).collect::<Vec<_>>());
    for place in &places {
        for row in place.rows() {
            cfg.service(place.resource(row));
        }
    }
    for place in &places {
        let refusal = (place.table.other_methods)(place.path, allow(place, &places));
        cfg.service(web::resource(&*place.full).default_service(refusal));
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

/// Whether a request is for a row of a table.
pub(crate) fn has_row(table: Table<'_>, method: &Method, path: &str) -> bool {
    rows_at(table, path).any(|row| takes(row, method))
}

/// Whether a path is one of a table's, by any method.
pub(crate) fn has_path(table: Table<'_>, path: &str) -> bool {
    rows_at(table, path).next().is_some()
}

/// The rows of a table that a path fits.
fn rows_at<'a>(table: Table<'a>, path: &'a str) -> impl Iterator<Item = &'static RouteRow> {
    let below = path.strip_prefix(table.prefix);
    table.rows.iter().filter(move |row| below.is_some_and(|below| segments_match(row.path, below, str::eq)))
}

fn takes(row: &'static RouteRow, method: &Method) -> bool {
    methods_of(row).any(|taken| *method == taken)
}

/// A path with the case of the first row that it matches but for the case of its letters; a parameter stays as it is.
pub(crate) fn table_case(rows: &[RouteRow], path: &str) -> Option<String> {
    let row = rows.iter().find(|row| segments_match(row.path, path, str::eq_ignore_ascii_case))?;
    let segment = |(of_row, given): (&'static str, &str)| {
        if is_parameter(of_row) { given.to_owned() } else { of_row.to_owned() }
    };
    Some(row.path.split('/').zip(path.split('/')).map(segment).collect::<Vec<_>>().join("/"))
}

impl<'a> Place<'a> {
    fn of_table(table: &Table<'a>) -> Vec<Self> {
        let table = *table;
        let mut paths: Vec<&'static str> = Vec::new();
        for row in table.rows {
            if !paths.contains(&row.path) {
                paths.push(row.path);
            }
        }
        let place = |path| Place { table, path, full: format!("{}{path}", table.prefix) };
        paths.into_iter().map(place).collect()
    }

    fn rows(&self) -> impl Iterator<Item = &'static RouteRow> {
        let path = self.path;
        self.table.rows.iter().filter(move |row| row.path == path)
    }

    /// A handler, for its method only.
    fn resource(&self, row: &'static RouteRow) -> actix_web::Resource {
        let is_its_method = move |context: &GuardContext<'_>| takes(row, &context.head().method);
        web::resource(&*self.full)
            .guard(guard::fn_guard(is_its_method))
            .app_data(row.kind)
            .app_data(Prefix(self.table.prefix.into()))
            .route((row.handler)(web::route()))
    }
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

/// `HEAD` works wherever `GET` does.
fn methods_of(row: &'static RouteRow) -> impl Iterator<Item = &'static str> {
    let head = (row.method == Method::GET).then_some("HEAD");
    std::iter::once(row.method.as_str()).chain(head)
}

/// The methods of all places that a request for this one could mean, its own first. Of two places that have each a parameter
/// where the other has a word, neither means the other.
fn allow(place: &Place<'_>, places: &[Place<'_>]) -> HeaderValue {
    let others = places.iter().filter(|other| segments_match(&other.full, &place.full, str::eq));
    let mut methods: Vec<&str> = Vec::new();
    for method in place.rows().chain(others.flat_map(Place::rows)).flat_map(methods_of) {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &[RouteRow] = &[
        RouteRow::page("/api/auth/me", |route| route),
        RouteRow::page("/api/links/own", |route| route),
        RouteRow::page("/api/links/{token}", |route| route),
    ];

    fn table() -> Table<'static> {
        Table { prefix: "", rows: ROWS, other_methods: |_, _| web::to(HttpResponse::Ok) }
    }

    #[test]
    fn a_path_is_of_a_table_if_each_segment_is() {
        for path in ["/api/auth/me", "/api/links/own", "/api/links/x", "/api/links/%00"] {
            assert!(has_path(table(), path), "{path}");
        }
        for path in ["", "/", "/api", "/api/auth", "/api/auth/me/x", "/api/links", "/api/links/", "/API/auth/me"] {
            assert!(!has_path(table(), path), "{path}");
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
            assert_eq!(table_case(ROWS, path).as_deref(), folded, "{path}");
        }
    }
}
