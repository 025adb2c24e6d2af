//! What holds for dialects that share paths, whatever the order in which they are mounted: two made-up ones.

use std::future::{Ready, ready};

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
    table::{OtherMethods, refuse_method},
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
    token_keys: &[],
    default_mount: || Mount::new(One),
    new_state: || std::sync::Arc::new(()),
    configure: |_, _| (),
    chapter: &Chapter { scheme: "", token: "", common: |_, _| Vec::new() },
    refuse: |_, status| HttpResponse::new(status),
    other_methods: NO_METHODS,
    fold_case: None,
};
const NO_METHODS: OtherMethods = |_, _| web::to(HttpResponse::MethodNotAllowed);

const fn row(method: Method, path: &'static str, handler: fn(Route) -> Route) -> RouteRow {
    RouteRow { method, path, access: Access::Public, kind: Kind::JSON, describe: None, handler }
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
            (Method::PUT, "/users/otp", "one: refused"),
            (Method::POST, "/users/otp", "other: refused"),
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
    let mut seen = std::collections::BTreeSet::new();
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
async fn a_word_comes_before_a_parameter_and_takes_only_its_own_methods() {
    for mounts in orders() {
        for (method, text) in [
            (Method::POST, "other: post a code"),
            (Method::GET, "one: get a user"),
            (Method::PUT, "one: put a user"),
            (Method::DELETE, "other: delete a user"),
        ] {
            let (status, body, _) = answer(&mounts, method.clone(), "/users/otp").await;
            assert_eq!((status, body.as_str()), (200, text), "{method}, {mounts:?}");
        }
    }
}

#[actix_web::test]
async fn another_method_is_refused_with_those_of_all_dialects_at_the_path() {
    for mounts in orders() {
        for (path, mut methods) in [
            ("/shared", vec!["GET", "HEAD", "PUT"]),
            ("/users/7", vec!["DELETE", "GET", "HEAD", "PUT"]),
            ("/users/otp", vec!["DELETE", "GET", "HEAD", "POST", "PUT"]),
        ] {
            let (status, _, allow) = answer(&mounts, Method::PATCH, path).await;
            let mut allowed: Vec<&str> = allow.split(", ").collect();
            allowed.sort_unstable();
            methods.sort_unstable();
            assert_eq!((status, allowed), (405, methods), "{path}, {mounts:?}");
        }
        let (_, body, _) = answer(&mounts, Method::PATCH, "/users/otp").await;
        assert_eq!(body, "other: method", "{mounts:?}");
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
