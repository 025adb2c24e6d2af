//! How bodies are read, on every route that takes one.

use actix_web::{http::Method, test::TestRequest};
use vestibule_domain::Role;
use vestibule_http::RouteRow;

use super::{account, assert_failed, routes::rows, token};
use crate::support::{TestApp, bearer};

/// The routes that read a body, but for those of providers, which are off here.
fn readers() -> Vec<RouteRow> {
    let reads = |row: &RouteRow| {
        [Method::POST, Method::PUT].contains(&row.method)
            && !["google", "facebook", "apple", "invalidate"].iter().any(|word| row.path.contains(word))
    };
    rows().into_iter().filter(reads).collect()
}

async fn app() -> (TestApp, String) {
    let app = super::with(|options| options.verify_email = true).await;
    let root = account(1, Role::Root, &[]).build();
    app.put(&root).await;
    let token = token(&app, &root);
    (app, token)
}

fn request(row: &RouteRow, token: &str) -> TestRequest {
    let id = account(1, Role::Root, &[]).build().id().hex();
    let path = row.path.replace("{token}", "x").replace("{userId}", &id);
    TestRequest::with_uri(&path).method(row.method.clone()).insert_header(bearer(token))
}

#[actix_web::test]
async fn without_a_content_type_a_body_is_not_looked_at() {
    let (app, token) = app().await;
    for row in readers() {
        let nothing = app.send(request(&row, &token)).await;
        let untyped = app.send(request(&row, &token).set_payload("[1,")).await;
        assert_eq!((untyped.status, untyped.text), (nothing.status, nothing.text), "{}", row.path);
    }
}

#[actix_web::test]
async fn any_content_type_is_taken_for_json() {
    let (app, token) = app().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=UTF-8", "x"] {
        for row in readers() {
            let send = |body: &'static str| {
                app.send(request(&row, &token).insert_header(("Content-Type", content_type)).set_payload(body))
            };
            assert_failed(&send("[]").await, 400, r#""value" must be of type object"#);
            for body in ["{", "1", "null", "\"text\"", "a=1", "\u{feff}\u{feff}{}"] {
                assert_failed(&send(body).await, 400, "The body is not valid JSON");
            }
        }
    }
}

#[actix_web::test]
async fn what_cannot_be_read_is_told() {
    let (app, token) = app().await;
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(102_400));
    for row in readers() {
        let typed = |content_type: &str| request(&row, &token).insert_header(("Content-Type", content_type.to_owned()));
        let refused = app.send(typed("a/b; charset=iso-8859-1").set_payload("{}")).await;
        assert_failed(&refused, 415, r#"unsupported charset "ISO-8859-1""#);
        let encoded = typed("a/b").insert_header(("Content-Encoding", "zstd")).set_payload("{}");
        assert_failed(&app.send(encoded).await, 415, r#"unsupported content encoding "zstd""#);
        assert_failed(&app.send(typed("a/b").set_payload(large.clone())).await, 413, "request entity too large");
    }
}
