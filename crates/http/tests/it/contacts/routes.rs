//! What holds for every row of the URL table.

use actix_web::{
    http::{Method, header},
    test::TestRequest,
};
use vestibule_http::{Access, ContactsOptions, HttpOptions, Mount, RouteRow};

use super::{LOGIN, ME, assert_enveloped, assert_failed, register_alice};
use crate::support::{Setup, TestApp, bearer, get, post};

pub(crate) fn rows() -> Vec<RouteRow> {
    vestibule_http::routes().into_iter().filter(|(dialect, _)| *dialect == "contacts").map(|(_, row)| row).collect()
}

fn request(row: &RouteRow) -> TestRequest {
    TestRequest::with_uri(row.path).method(row.method.clone())
}

/// Without the other dialects, which answer for what is below `/api`.
fn alone() -> HttpOptions {
    HttpOptions::default().only(&["contacts"])
}

async fn with_options(options: HttpOptions) -> TestApp {
    TestApp::with(Setup { options, ..Setup::default() }).await
}

#[test]
fn the_table_has_the_seven_endpoints_of_the_document() {
    let table: Vec<String> = rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(
        table,
        [
            "POST /api/auth/register",
            "POST /api/auth/login",
            "GET /api/auth/me",
            "POST /api/auth/forgot-password",
            "POST /api/auth/verify-otp",
            "POST /api/auth/reset-password",
            "POST /api/auth/check-registered",
        ]
    );
}

#[actix_web::test]
async fn a_route_asks_for_a_token_if_and_only_if_its_row_says_so() {
    let app = TestApp::new().await;
    for row in rows() {
        let answer = app.send(request(&row)).await;
        assert_enveloped(&answer);
        let asks = answer.status == 401 && answer.json()["message"] == "Not authorized, no token";
        assert_eq!(asks, row.access.needs_token(), "{}", row.path);
    }
}

#[actix_web::test]
async fn a_slash_at_the_end_changes_nothing() {
    let app = TestApp::new().await;
    for row in rows() {
        let with_slash = TestRequest::with_uri(&format!("{}/", row.path)).method(row.method.clone());
        let (with, without) = (app.send(with_slash).await, app.send(request(&row)).await);
        assert_eq!((with.status, with.text), (without.status, without.text), "{}", row.path);
    }
}

#[actix_web::test]
async fn another_method_is_refused_and_the_right_ones_are_named() {
    let app = TestApp::new().await;
    for row in rows() {
        let allow = if row.method == Method::GET { "GET, HEAD" } else { "POST" };
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            if method == row.method {
                continue;
            }
            let answer = app.send(TestRequest::with_uri(row.path).method(method)).await;
            assert_failed(&answer, 405, "Method not allowed");
            assert_eq!(answer.header("allow"), allow, "{}", row.path);
        }
    }
}

#[actix_web::test]
async fn a_path_that_does_not_exist_is_answered_in_the_envelope() {
    let app = with_options(alone()).await;
    for path in [
        "/api",
        "/api/",
        "/api/auth",
        "/api/auth/",
        "/api/auth/logout",
        "/api/auth/me/x",
        "/api/users",
        "/api/auth/%00",
    ] {
        assert_failed(&app.send(get(path)).await, 404, "Not found");
        assert_failed(&app.send(post(path)).await, 404, "Not found");
    }
}

#[actix_web::test]
async fn a_path_of_nobody_is_answered_as_a_problem() {
    let app = TestApp::new().await;
    let answer = app.send(get("/nobody")).await;
    assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"));
}

#[actix_web::test]
async fn the_dialect_moves_with_its_prefix() {
    let app = with_options(alone().with(Mount::new(ContactsOptions).at("/legacy"))).await;
    assert_failed(&app.send(get(&format!("/legacy{ME}"))).await, 401, "Not authorized, no token");
    assert_failed(&app.send(get("/legacy/api/auth/x")).await, 404, "Not found");
    assert_eq!(app.send(get(ME)).await.header("content-type"), "application/problem+json");
}

#[actix_web::test]
async fn a_dialect_that_is_off_is_not_there() {
    let app = with_options(alone().only(&[])).await;
    let answer = app.send(post(LOGIN)).await;
    assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"));
}

#[actix_web::test]
async fn every_route_takes_a_body_for_json_whatever_its_content_type() {
    let app = TestApp::new().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"] {
        for row in rows().iter().filter(|row| row.access == Access::Public) {
            let answer =
                app.send(request(row).insert_header((header::CONTENT_TYPE, content_type)).set_payload("{")).await;
            assert_failed(&answer, 400, "Invalid request body");
        }
    }
}

#[actix_web::test]
async fn a_body_over_100_kib_is_too_large_on_every_route() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let padded = |size: usize| format!("{{\"padding\":\"{}\"}}", "x".repeat(size - 14));
    for row in rows().iter().filter(|row| row.method == Method::POST) {
        let send = |size| app.send(request(row).insert_header(bearer(&token)).set_payload(padded(size)));
        assert_failed(&send(102_401).await, 413, "Request body too large");
        let answer = send(102_400).await;
        assert!(answer.status != 413 && answer.json()["message"] != "Invalid request body", "{}", row.path);
    }
}
