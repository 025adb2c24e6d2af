//! What holds for every row of the URL table.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;
use vestibule_http::{HttpOptions, LookingOptions, Mount, RouteRow};

use super::{NOBODY, SESSION, USERS, assert_body, assert_no_session};
use crate::support::{Answer, Setup, TestApp, get, path_of};

pub(crate) fn rows() -> Vec<RouteRow> {
    vestibule_http::routes().into_iter().filter(|(dialect, _)| *dialect == "looking").map(|(_, row)| row).collect()
}

/// The rows that ask for a token, and refuse one as the document says of guarded endpoints.
pub(crate) fn guarded() -> Vec<RouteRow> {
    let is_guarded = |row: &RouteRow| row.access.needs_token() && !(row.method == Method::GET && row.path == SESSION);
    rows().into_iter().filter(is_guarded).collect()
}

/// A request for a row, about an account, with an object as its body where it may have one.
pub(crate) fn request(row: &RouteRow, id: &str) -> TestRequest {
    let request = TestRequest::with_uri(&path_of(row, id)).method(row.method.clone());
    if row.method == Method::GET { request } else { request.set_payload("{}") }
}

async fn with(options: HttpOptions) -> TestApp {
    TestApp::with(Setup { options, limits: false, ..Setup::default() }).await
}

#[track_caller]
fn assert_null(answer: &Answer, status: u16, message: &str) {
    assert_body(answer, status, &json!({ "message": message, "err": null }));
}

#[test]
fn the_table_has_the_endpoints_of_the_contract() {
    let table: Vec<String> = rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    for endpoint in [
        "POST /auth/login",
        "POST /auth/logout",
        "GET /auth/session",
        "POST /auth/session",
        "PUT /auth/session",
        "POST /auth/reset",
        "GET /auth/reset/{id}/{token}",
        "PUT /auth/reset/{id}/{token}",
        "GET /users",
        "POST /users",
        "GET /users/{id}",
        "PUT /users/{id}",
        "DELETE /users/{id}",
        "GET /profiles",
        "GET /profiles/verified",
        "GET /profiles/submitted",
        "GET /profiles/{id}",
        "POST /profiles",
        "PUT /profiles/{id}",
        "DELETE /profiles/{id}",
        "GET /profiles/approve/{id}",
        "POST /profiles/approve/{id}",
        "POST /profiles/submission",
        "GET /profiles/find/{limit}/{skip}/{min}/{max}/{pos}/{lkng}/{tribes}/{ethnos}",
        "GET /profiles/list/{limit}/{skip}/{min}/{max}/{pos}/{lkng}/{tribes}/{ethnos}",
        "PUT /profiles/{profileId}/message/{messageId}",
        "GET /geocache/populate/{field}",
        "POST /geocache/populate/{field}",
        "PUT /geocache/{id}",
    ] {
        assert!(table.iter().any(|row| row == endpoint), "{endpoint}");
    }
}

#[actix_web::test]
async fn a_slash_at_the_end_and_the_case_of_letters_change_nothing() {
    let app = TestApp::without_limits().await;
    for row in rows() {
        let path = path_of(&row, NOBODY);
        let send = |path: &str| app.send(TestRequest::with_uri(path).method(row.method.clone()));
        let plain = send(&path).await;
        for other in [format!("{path}/"), path.to_uppercase()] {
            let answer = send(&other).await;
            assert_eq!((answer.status, answer.redacted()), (plain.status, plain.redacted()), "{other}");
        }
    }
}

#[actix_web::test]
async fn another_method_is_refused_and_the_right_ones_are_named() {
    let app = TestApp::new().await;
    for (path, allow) in [
        ("/auth/login", "POST"),
        ("/auth/session", "GET, HEAD, POST, PUT"),
        ("/auth/reset/x/y", "GET, HEAD, PUT"),
        ("/users", "GET, HEAD, POST"),
        ("/users/x", "GET, HEAD, PUT, DELETE"),
        ("/profiles", "GET, HEAD, POST"),
        ("/profiles/x", "GET, HEAD, PUT, DELETE"),
        ("/profiles/submission", "POST"),
        ("/profiles/find", "GET, HEAD"),
        ("/profiles/list/1/2/3/4/5/6/7/8", "GET, HEAD"),
        ("/profiles/approve/x", "GET, HEAD, POST"),
        ("/profiles/x/message/y", "PUT"),
        ("/images/x/y", "GET, HEAD"),
        ("/geocache/populate/x", "GET, HEAD, POST"),
        ("/geocache/x", "PUT"),
    ] {
        let answer = app.send(TestRequest::with_uri(path).method(Method::PATCH)).await;
        assert_null(&answer, 405, "Method not allowed");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

#[actix_web::test]
async fn the_paths_of_codes_are_another_dialects_for_every_method() {
    let app = TestApp::new().await;
    for path in ["/users/otp", "/users/verify_otp", "/USERS/OTP/"] {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = app.send(TestRequest::with_uri(path).method(method.clone())).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method} {path}");
            if method != Method::HEAD {
                assert_eq!(
                    answer.json(),
                    json!({ "success": false, "message": "Method not allowed" }),
                    "{method} {path}"
                );
            }
        }
    }
    let alone = with(HttpOptions::default().only(&["looking"])).await;
    assert_eq!(alone.send(get("/users/otp")).await.json()["message"], "No authorization token provided");
}

/// Every path without a parameter of every dialect, by every method: what is no row of the path is refused as any other method
/// is there, and never reaches a row with a parameter.
#[actix_web::test]
async fn a_path_without_parameters_is_its_own_dialects_for_every_method() {
    let app = TestApp::without_limits().await;
    let routes = vestibule_http::routes();
    for (dialect, row) in routes.iter().filter(|(_, row)| !row.path.contains('{')) {
        let send = |method: Method| app.send(TestRequest::with_uri(row.path).method(method));
        let refused = send(Method::TRACE).await;
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if routes.iter().any(|(_, other)| other.path == row.path && other.method == method) {
                continue;
            }
            let (answer, place) = (send(method.clone()).await, format!("{dialect} {method} {}", row.path));
            assert_eq!((answer.status, &answer.text), (refused.status, &refused.text), "{place}");
            assert_eq!(answer.header("allow"), refused.header("allow"), "{place}");
            // One has no word for it, but asks for a token or tells that nothing is there.
            let expected: &[u16] = if *dialect == "mern" { &[401, 404, 405] } else { &[405] };
            assert!(expected.contains(&answer.status), "{place}: {}", answer.text);
        }
    }
}

#[actix_web::test]
async fn an_unknown_path_below_its_own_is_answered_in_its_words() {
    let app = TestApp::new().await;
    for path in [
        "/auth",
        "/auth/x",
        "/auth/login/x",
        "/profiles/x/y/z",
        "/geocache",
        "/geocache/x/y/z",
        "/images/x",
        "/images/x/y/z",
        "/users/x/y",
    ] {
        assert_null(&app.send(get(path)).await, 404, "Not found");
    }
    for path in ["/authx", "/", "/api/auth", "/usersx"] {
        assert_ne!(app.send(get(path)).await.json(), json!({ "message": "Not found", "err": null }), "{path}");
    }
}

#[actix_web::test]
async fn the_dialect_moves_with_its_prefix_and_can_be_off() {
    let app = with(HttpOptions::default().with(Mount::new(LookingOptions::default()).at("/gallery"))).await;
    assert_no_session(&app.send(get(&format!("/gallery{SESSION}"))).await);
    assert_null(&app.send(get("/gallery/auth/x")).await, 404, "Not found");
    assert_eq!(app.send(get(SESSION)).await.header("content-type"), "application/problem+json");
    let app = with(HttpOptions::default().only(&["contacts", "rococoins"])).await;
    assert_eq!(app.send(get(SESSION)).await.header("content-type"), "application/problem+json");
    assert_eq!(app.send(get(USERS)).await.json(), json!({ "success": false, "message": "Not found" }));
}
