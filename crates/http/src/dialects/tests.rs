//! What holds for dialects that share paths, whatever the order in which they are mounted: two made-up ones.

use std::{
    collections::BTreeSet,
    future::{Ready, ready},
};

use actix_web::{
    App, Route,
    http::{Method, header},
    test::{TestRequest, call_service, init_service, read_body},
};

use super::*;
use crate::shared::{
    chapter::Chapter,
    kind::Kind,
    routes::Access,
    table::{OtherMethods, Table, refuse_method},
};

const ROWS_OF_ONE: &[RouteRow] = &[
    row(Method::GET, "/users/{id}", |route| route.to(|| told("one: get a user"))),
    row(Method::PUT, "/users/{id}", |route| route.to(|| told("one: put a user"))),
    row(Method::GET, "/shared", |route| route.to(|| told("one: get"))),
];
const ROWS_OF_OTHER: &[RouteRow] = &[
    row(Method::POST, "/users/otp", |route| route.to(|| told("other: post a code"))),
    row(Method::DELETE, "/users/{name}", |route| route.to(|| told("other: delete a user"))),
    row(Method::PUT, "/shared", |route| route.to(|| told("other: put"))),
];

const ONE: Dialect = Dialect {
    name: "one",
    own_paths: &["/users", "/shared"],
    rows: ROWS_OF_ONE,
    default_mount: || Mount::new(One),
    refuse: |_, status| HttpResponse::build(status).body("one: refused"),
    other_methods: |_, allow| refuse_method(|| HttpResponse::MethodNotAllowed().body("one: method"), allow),
    ..NONE
};
const OTHER: Dialect = Dialect {
    name: "other",
    own_paths: &["/users/otp", "/shared"],
    rows: ROWS_OF_OTHER,
    default_mount: || Mount::new(Other),
    refuse: |_, status| HttpResponse::build(status).body("other: refused"),
    other_methods: |_, allow| refuse_method(|| HttpResponse::MethodNotAllowed().body("other: method"), allow),
    ..NONE
};
const NONE: Dialect = Dialect {
    name: "",
    own_paths: &[],
    rows: &[],
    rowless: &[],
    token_keys: &[],
    default_mount: || Mount::new(One),
    new_state: || std::sync::Arc::new(()),
    configure: |_, _| (),
    link_pages: &[],
    chapter: &Chapter { token: None, common: |_, _| Vec::new(), segment: |_| None },
    password_rules: |_, site| site,
    refuse: |_, status| HttpResponse::new(status),
    other_methods: NO_METHODS,
};
const NO_METHODS: OtherMethods = |_, _| web::to(HttpResponse::MethodNotAllowed);

const fn row(method: Method, path: &'static str, handler: fn(Route) -> Route) -> RouteRow {
    RouteRow { method, path, optional: 0, access: Access::Public, kind: Kind::JSON, describe: None, handler }
}

#[derive(Debug, Clone, Default)]
struct One;
#[derive(Debug, Clone, Default)]
struct Other;

impl DialectSettings for One {
    const DIALECT: &'static Dialect = &ONE;
}
impl DialectSettings for Other {
    const DIALECT: &'static Dialect = &OTHER;
}

fn told(text: &'static str) -> Ready<&'static str> {
    ready(text)
}

/// Both, in both orders.
fn orders() -> [Vec<Mount>; 2] {
    let (one, other) = (ONE.default_mount(), OTHER.default_mount());
    [vec![one.clone(), other.clone()], vec![other, one]]
}

/// Status, body and `Allow` of the answer of a service with these dialects.
async fn answer(mounts: &[Mount], method: Method, path: &str) -> (u16, String, String) {
    let mounts = mounts.to_vec();
    let app = init_service(App::new().configure(move |cfg| configure(cfg, &mounts))).await;
    let response = call_service(&app, TestRequest::with_uri(path).method(method).to_request()).await;
    let allow = response.headers().get(header::ALLOW).map(|allow| allow.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
    (status, body, allow.unwrap_or_default())
}

async fn refused(mounts: &[Mount], method: Method, path: &str) -> Option<String> {
    let refusal = refuse(mounts, &method, path, StatusCode::SERVICE_UNAVAILABLE)?;
    let body = actix_web::body::to_bytes(refusal.into_body()).await.unwrap();
    Some(String::from_utf8(body.to_vec()).unwrap())
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_refused_in_the_words_of_the_dialect_that_served_it() {
    for mounts in orders() {
        for (method, path, words) in [
            (Method::PUT, "/users/otp", "other: refused"),
            (Method::POST, "/users/otp", "other: refused"),
            (Method::PUT, "/users/7", "one: refused"),
            (Method::HEAD, "/shared", "one: refused"),
            (Method::PUT, "/shared", "other: refused"),
        ] {
            let refusal = refused(&mounts, method.clone(), path).await;
            assert_eq!(refusal.as_deref(), Some(words), "{method} {path}, {mounts:?}");
        }
    }
}

/// Of two handlers for one method of one path only one could be reached.
#[test]
fn no_two_dialects_have_a_method_of_a_path() {
    let mut seen = BTreeSet::new();
    for (dialect, row) in routes() {
        let shape: Vec<&str> =
            row.path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
        assert!(seen.insert((row.method.to_string(), shape.join("/"))), "{dialect}: {} {}", row.method, row.path);
    }
}

#[actix_web::test]
async fn dialects_that_share_a_path_each_get_their_methods() {
    for mounts in orders() {
        for (method, path, text) in [
            (Method::GET, "/shared", "one: get"),
            (Method::PUT, "/shared", "other: put"),
            (Method::GET, "/users/7", "one: get a user"),
            (Method::PUT, "/users/7", "one: put a user"),
            (Method::DELETE, "/users/7", "other: delete a user"),
        ] {
            let (status, body, _) = answer(&mounts, method.clone(), path).await;
            assert_eq!((status, body.as_str()), (200, text), "{method} {path}, {mounts:?}");
        }
    }
}

#[actix_web::test]
async fn a_word_comes_before_a_parameter_for_every_method() {
    for mounts in orders() {
        let (status, body, _) = answer(&mounts, Method::POST, "/users/otp").await;
        assert_eq!((status, body.as_str()), (200, "other: post a code"), "{mounts:?}");
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
            let (status, body, allow) = answer(&mounts, method.clone(), "/users/otp").await;
            let body = if method == Method::HEAD { "other: method" } else { &body };
            assert_eq!((status, body, &*allow), (405, "other: method", "POST"), "{method}, {mounts:?}");
        }
    }
}

#[actix_web::test]
async fn another_method_is_refused_with_those_of_all_dialects_at_the_path() {
    for mounts in orders() {
        for (path, mut methods) in [
            ("/shared", vec!["GET", "HEAD", "PUT"]),
            ("/users/7", vec!["DELETE", "GET", "HEAD", "PUT"]),
            ("/users/otp", vec!["POST"]),
        ] {
            let (status, _, allow) = answer(&mounts, Method::PATCH, path).await;
            let mut allowed: Vec<&str> = allow.split(", ").collect();
            allowed.sort_unstable();
            methods.sort_unstable();
            assert_eq!((status, allowed), (405, methods), "{path}, {mounts:?}");
        }
    }
}

/// A path that fits a row of a table, with a word of a dialect's own for each parameter.
fn path_of(row: &RouteRow) -> String {
    let segment = |segment: &'static str| if segment.starts_with('{') { "507f1f77bcf86cd799439011" } else { segment };
    row.path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The rows of all dialects as they are, with handlers and refusals that need nothing.
fn stubs(order: impl Iterator<Item = &'static &'static Dialect>) -> Vec<Table<'static>> {
    let stub = |row: &RouteRow| RouteRow { handler: |route| route.to(HttpResponse::Ok), ..row.clone() };
    let table = |dialect: &&'static Dialect| Table {
        prefix: "",
        rows: dialect.rows.iter().map(stub).collect::<Vec<_>>().leak(),
        rowless: dialect.rowless,
        other_methods: |_, allow| refuse_method(|| HttpResponse::MethodNotAllowed().finish(), allow),
    };
    order.map(table).collect()
}

/// Every path without a parameter of every dialect, by every method: a method of the table reaches its handler, and any
/// other is answered by the dialect that has the path, never by a row with a parameter that the path fits too.
#[actix_web::test]
async fn a_path_without_parameters_is_its_dialects_for_every_method() {
    let orders = [stubs(ALL.iter()), stubs(ALL.iter().rev())];
    for tables in orders {
        let tables: &'static [Table<'static>] = tables.leak();
        let app = init_service(App::new().configure(|cfg| table::mount(cfg, tables))).await;
        for (dialect, row) in routes().into_iter().filter(|(_, row)| !row.path.contains('{')) {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let rows = routes().into_iter().filter(|(_, other)| other.path == row.path);
                let rows: Vec<RouteRow> = rows.map(|(_, row)| row).collect();
                let is_taken = rows
                    .iter()
                    .any(|row| row.method == method || (method == Method::HEAD && row.method == Method::GET));
                let request = TestRequest::with_uri(row.path).method(method.clone()).to_request();
                let response = call_service(&app, request).await;
                let place = format!("{dialect} {method} {}", row.path);
                assert_eq!(response.status() == StatusCode::OK, is_taken, "{place}: {}", response.status());
                if is_taken {
                    continue;
                }
                let allow = response.headers().get(header::ALLOW).unwrap_or_else(|| panic!("{place}: no Allow"));
                let mut allowed: Vec<&str> = allow.to_str().unwrap().split(", ").collect();
                let mut expected: Vec<&str> = rows.iter().map(|row| row.method.as_str()).collect();
                expected.extend(rows.iter().any(|row| row.method == Method::GET).then_some("HEAD"));
                allowed.sort_unstable();
                expected.sort_unstable();
                assert_eq!((response.status().as_u16(), allowed), (405, expected), "{place}");
            }
        }
    }
}

/// The scopes that the router is divided into change nothing: a word of any table in any segment of a path.
#[actix_web::test]
async fn a_path_reaches_a_row_if_it_means_one() {
    let tables: &'static [Table<'static>] = stubs(ALL.iter()).leak();
    let app = init_service(App::new().configure(|cfg| table::mount(cfg, tables))).await;
    let paths: Vec<String> = routes().iter().map(|(_, row)| path_of(row)).collect();
    let words: BTreeSet<&str> = paths.iter().flat_map(|path| path.split('/').skip(1)).collect();
    let is_rowless = |path: &str| path.starts_with("/api/users/");
    for path in &paths {
        for at in 1..path.split('/').count() {
            for word in &words {
                let mut segments: Vec<&str> = path.split('/').collect();
                segments[at] = word;
                let path = segments.join("/");
                let response = call_service(&app, TestRequest::with_uri(&path).to_request()).await;
                let takes = tables.iter().any(|of| has_row(*of, tables, (&Method::GET, &path)));
                let has = is_rowless(&path) || tables.iter().any(|of| has_path(*of, tables, &path));
                let expected = if takes {
                    200
                } else if has {
                    405
                } else {
                    404
                };
                assert_eq!(response.status(), expected, "{path}");
            }
        }
    }
}

/// The same for what is refused before it reaches a handler, or after it took too long.
#[actix_web::test]
async fn a_path_without_parameters_is_refused_in_its_dialects_words_for_every_method() {
    let mounts: Vec<Mount> = ALL.iter().map(|dialect| dialect.default_mount()).collect();
    let body = async |response: HttpResponse| actix_web::body::to_bytes(response.into_body()).await.unwrap();
    for (dialect, row) in routes() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let owners: Vec<&str> = routes()
                .into_iter()
                .filter(|(_, other)| path_of(other) == path_of(&row))
                .map(|(owner, _)| owner)
                .collect();
            if owners.iter().any(|owner| *owner != dialect) {
                continue;
            }
            let path = path_of(&row);
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let owner = ALL.iter().find(|other| other.name == dialect).unwrap();
            let expected = body((owner.refuse)(&path, status)).await;
            let refused = body(refuse(&mounts, &method, &path, status).unwrap()).await;
            assert_eq!(refused, expected, "{dialect} {method} {path}");
        }
    }
}

#[actix_web::test]
async fn the_longest_own_path_owns_an_unknown_path_and_a_dialect_that_is_not_there_leaves_it_to_none() {
    let owner = async |mounts: &[Mount], path: &str| refused(mounts, Method::GET, path).await;
    for mounts in orders() {
        for (path, owned_by) in [
            ("/users", Some("one: refused")),
            ("/users/7/x", Some("one: refused")),
            ("/users/otp/x", Some("other: refused")),
            ("/usersx", None),
            ("/x", None),
        ] {
            assert_eq!(owner(&mounts, path).await.as_deref(), owned_by, "{path}, {mounts:?}");
        }
        let is_one = |mount: &Mount| mount.dialect().name() == "one";
        let only_one: Vec<Mount> = mounts.iter().map(|mount| mount.clone().switched(is_one(mount))).collect();
        assert_eq!(owner(&only_one, "/users/otp/x").await, None);
        assert_eq!(
            owner(&only_one, "/shared/x").await.as_deref(),
            Some("one: refused"),
            "of equals, the one that is on"
        );
        let moved: Vec<Mount> =
            mounts.iter().map(|mount| if is_one(mount) { mount.clone().at("/x") } else { mount.clone() }).collect();
        assert_eq!(owner(&moved, "/x/users/7/x").await.as_deref(), Some("one: refused"));
        assert_eq!(owner(&moved, "/x/users/otp/x").await, None, "of the other's document, which is not there");
        assert_eq!(owner(&moved, "/users").await, None);
    }
}

/// So a path in lower case is as the table has it.
#[test]
fn the_url_tables_are_in_lower_case() {
    for (dialect, row) in routes() {
        for segment in row.path.split('/').filter(|segment| !segment.starts_with('{')) {
            assert_eq!(segment, segment.to_ascii_lowercase(), "{dialect}");
        }
    }
    for own in ALL.iter().flat_map(|dialect| dialect.own_paths) {
        assert_eq!(*own, own.to_ascii_lowercase());
    }
}

#[test]
fn a_path_in_any_case_is_folded_for_every_dialect_below_its_prefix() {
    let at_root: Vec<Mount> = ALL.iter().map(|dialect| dialect.default_mount()).collect();
    for (dialect, row) in routes() {
        let path = path_of(&row);
        assert_eq!(fold_case(&at_root, &path), None, "{dialect}");
        let upper = path.replace("507f1f77bcf86cd799439011", "{}").to_ascii_uppercase().replace("{}", "AbC");
        let expected = path.replace("507f1f77bcf86cd799439011", "AbC");
        assert_eq!(fold_case(&at_root, &upper).as_ref(), Some(&expected), "{dialect}");
        let owner = ALL.iter().find(|other| other.name == dialect).unwrap();
        let below = [owner.default_mount().at("/Old")];
        for prefix in ["/OLD", "/old", "/Old"] {
            let asked = format!("{prefix}{upper}");
            assert_eq!(fold_case(&below, &asked), Some(format!("/Old{expected}")), "{dialect}: {asked}");
        }
    }
}

#[test]
fn an_unknown_path_is_folded_as_far_as_it_is_owned() {
    let mounts = orders()[0].clone();
    for (path, folded) in [
        ("/USERS/7/Xy", Some("/users/7/Xy")),
        ("/uSERS/OTP/Xy", Some("/users/otp/Xy")),
        ("/Shared/Xy", Some("/shared/Xy")),
        ("/usersX/Y", None),
        ("/Users%2F7/Y", None),
        ("/X", None),
    ] {
        assert_eq!(fold_case(&mounts, path).as_deref(), folded, "{path}");
    }
}
