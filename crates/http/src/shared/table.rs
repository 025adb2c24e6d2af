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
    /// Paths without a row, where every method is another method; one may end in a pattern for the rest, as in `{rest:.*}`.
    pub(crate) rowless: &'static [&'static str],
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
/// A word of a path comes before a parameter in the same segment, for every method: each path is looked for with its
/// methods, of whatever table, before the next one is. Another method is refused with the methods of all tables at that very
/// path, in the words of the first table that has it.
pub(crate) fn mount(cfg: &mut web::ServiceConfig, tables: &[Table<'_>]) {
    let mut places: Vec<Place<'_>> = tables.iter().flat_map(Place::of_table).collect();
    places.sort_by_cached_key(|place| shape(&place.full));
    mount_below(cfg, 0, &places);
}

/// Mounts places whose paths have this many bytes in common, in a scope for each word that comes next: a router tries its paths
/// one after the other, and so it tries none of those below another word. A word beside a parameter gets no scope, since a scope
/// lets no path pass on to the parameter.
fn mount_below(cfg: &mut web::ServiceConfig, start: usize, places: &[Place<'_>]) {
    let has_parameter = places.iter().any(|place| is_parameter(&place.full[start + 1..]));
    let scope_of = |place: &Place<'_>| place.scope(start).filter(|_| !has_parameter).map(str::to_owned);
    for below in places.chunk_by(|one, other| scope_of(one) == scope_of(other)) {
        match below.first().and_then(scope_of) {
            Some(scope) => {
                let start = start + scope.len();
                cfg.service(web::scope(&scope).configure(|cfg| mount_below(cfg, start, below)));
            }
            None => mount_here(cfg, start, below),
        }
    }
}

fn mount_here(cfg: &mut web::ServiceConfig, start: usize, places: &[Place<'_>]) {
    for same in places.chunk_by(|one, other| shape(&one.full) == shape(&other.full)) {
        for place in same {
            for row in place.rows() {
                cfg.service(place.resource(start, row));
            }
        }
        if let Some(first) = same.first() {
            let refusal = (first.table.other_methods)(first.path, allow(same));
            cfg.service(web::resource(&first.full[start..]).default_service(refusal));
        }
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

/// Whether a table has a row for a path by some method, and whether for this one; judged by the paths of the best
/// shape alone that any of the tables has, as [`mount`] does.
pub(crate) fn has_path<'t>(table: Table<'t>, tables: &[Table<'t>], path: &str) -> bool {
    rows_at(table, tables, path).next().is_some()
}

/// The same for a method.
pub(crate) fn has_row<'t>(table: Table<'t>, tables: &[Table<'t>], (method, path): (&Method, &str)) -> bool {
    rows_at(table, tables, path).any(|row| takes(row, method))
}

/// The rows of a table that a path means, if none of the tables has a better shape for it.
fn rows_at<'t>(table: Table<'t>, tables: &[Table<'t>], path: &str) -> impl Iterator<Item = &'static RouteRow> {
    let best = best_shape(tables, path);
    shapes_at(table, path).filter(move |(shape, _)| Some(shape) == best.as_ref()).map(|(_, row)| row)
}

/// The best shape that any of the tables has for a path.
pub(crate) fn best_shape(tables: &[Table<'_>], path: &str) -> Option<Shape> {
    tables.iter().flat_map(|table| shapes_at(*table, path)).map(|(shape, _)| shape).min()
}

/// The rows of a table that a path fits, each with its shape.
fn shapes_at(table: Table<'_>, path: &str) -> impl Iterator<Item = (Shape, &'static RouteRow)> {
    let fits = move |(_, its): &(&RouteRow, &str)| {
        let below = path.strip_prefix(table.prefix);
        below.is_some_and(|below| segments_match(its, below, str::eq))
    };
    let paths = |row: &'static RouteRow| row.paths().map(move |its| (row, its));
    let fitting: Vec<_> = table.rows.iter().flat_map(paths).filter(fits).collect();
    fitting.into_iter().map(move |(row, its)| (shape(&format!("{}{its}", table.prefix)), row))
}

/// What the router sorts paths by: which segments are parameters, and the words. The least one is the best: a word comes before a
/// parameter, and that before the rest of the path.
pub(crate) type Shape = Vec<(bool, String)>;

fn shape(path: &str) -> Shape {
    let segment = |segment: &str| {
        let is_parameter = is_parameter(segment);
        let is_rest = is_parameter && segment.contains(':');
        (is_parameter, if is_parameter && !is_rest { String::new() } else { segment.to_owned() })
    };
    path.split('/').map(segment).collect()
}

fn takes(row: &'static RouteRow, method: &Method) -> bool {
    methods_of(row).any(|taken| *method == taken)
}

/// A path with the case of the row that it means but for the case of its letters, or whose words it begins with; a parameter
/// and what no row has stay as they are. With the number of words that it has from there: none if there is not one.
pub(crate) fn table_case(rows: &[RouteRow], path: &str) -> Option<(String, usize)> {
    let patterns = || rows.iter().flat_map(RouteRow::paths);
    let fitting = patterns().filter(|pattern| segments_match(pattern, path, str::eq_ignore_ascii_case));
    let whole = fitting.min_by_key(|pattern| shape(pattern));
    let pattern = whole.or_else(|| patterns().max_by_key(|pattern| common_words(pattern, path)))?;
    let words = common_words(pattern, path);
    if words == 0 {
        return None;
    }
    let mut of_row = pattern.split('/').map(Some).chain(std::iter::repeat(None));
    let mut is_common = true;
    let segment = |given: &str| {
        let of_row = of_row.next().flatten();
        is_common &= of_row.is_some_and(|of_row| is_parameter(of_row) || of_row.eq_ignore_ascii_case(given));
        match of_row {
            Some(word) if is_common && !is_parameter(word) => word.to_owned(),
            _ => given.to_owned(),
        }
    };
    Some((path.split('/').map(segment).collect::<Vec<_>>().join("/"), words))
}

/// How many words a path begins with that a pattern begins with too; a parameter between them may be anything.
fn common_words(pattern: &str, path: &str) -> usize {
    let segments = pattern.split('/').zip(path.split('/'));
    let common = segments.take_while(|(of_row, given)| is_parameter(of_row) || of_row.eq_ignore_ascii_case(given));
    common.filter(|(of_row, _)| !of_row.is_empty() && !is_parameter(of_row)).count()
}

impl<'a> Place<'a> {
    fn of_table(table: &Table<'a>) -> Vec<Self> {
        let table = *table;
        let mut paths: Vec<&'static str> = Vec::new();
        for row in table.rows {
            for path in row.paths() {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
        let place = |path| Place { table, path, full: format!("{}{path}", table.prefix) };
        paths.iter().chain(table.rowless).copied().map(place).collect()
    }

    /// The word that comes next, with the slash before it, unless the path ends there.
    fn scope(&self, start: usize) -> Option<&str> {
        let rest = &self.full[start..];
        let (end, _) = rest.match_indices('/').nth(1)?;
        Some(&rest[..end]).filter(|word| !is_parameter(&word[1..]))
    }

    fn rows(&self) -> impl Iterator<Item = &'static RouteRow> {
        let path = self.path;
        self.table.rows.iter().filter(move |row| row.paths().any(|its| its == path))
    }

    /// A handler, for its method only.
    fn resource(&self, start: usize, row: &'static RouteRow) -> actix_web::Resource {
        let is_its_method = move |context: &GuardContext<'_>| takes(row, &context.head().method);
        web::resource(&self.full[start..])
            .guard(guard::fn_guard(is_its_method))
            .app_data(row.kind)
            .app_data(row.access)
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

/// The methods of places of one shape.
fn allow(places: &[Place<'_>]) -> HeaderValue {
    let mut methods: Vec<&str> = Vec::new();
    for method in places.iter().flat_map(Place::rows).flat_map(methods_of) {
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
        RouteRow::page("/api/find/{from}/{to}", |route| route).with_optional(2),
    ];

    fn table() -> Table<'static> {
        Table { prefix: "", rows: ROWS, rowless: &[], other_methods: |_, _| web::to(HttpResponse::Ok) }
    }

    #[test]
    fn a_path_is_of_a_table_if_each_segment_is() {
        for path in [
            "/api/auth/me",
            "/api/links/own",
            "/api/links/x",
            "/api/links/%00",
            "/api/find",
            "/api/find/1",
            "/api/find/1/2",
        ] {
            assert!(has_path(table(), &[table()], path), "{path}");
        }
        for path in [
            "",
            "/",
            "/api",
            "/api/auth",
            "/api/auth/me/x",
            "/api/links",
            "/api/links/",
            "/API/auth/me",
            "/api/find/1/2/3",
        ] {
            assert!(!has_path(table(), &[table()], path), "{path}");
        }
    }

    #[test]
    fn only_what_is_no_parameter_gets_the_case_of_the_table() {
        for (path, folded) in [
            ("/API/Auth/ME", Some("/api/auth/me")),
            ("/api/auth/me", Some("/api/auth/me")),
            ("/Api/LINKS/AbC", Some("/api/links/AbC")),
            ("/api/links/OWN", Some("/api/links/own")),
            ("/API/Find", Some("/api/find")),
            ("/API/Find/Ab/cD", Some("/api/find/Ab/cD")),
            ("/api/auth/You", Some("/api/auth/You")),
            ("/API/LINKS", Some("/api/links")),
            ("/API/LINKS/Ab/Cd/ME", Some("/api/links/Ab/Cd/ME")),
            ("/API%2FLINKS", None),
            ("/You", None),
        ] {
            assert_eq!(table_case(ROWS, path).map(|(folded, _)| folded).as_deref(), folded, "{path}");
        }
    }
}
