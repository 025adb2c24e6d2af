//! How large requests and answers may be, set to others than the defaults.

use actix_web::http::Method;
use serde_json::json;
use vestibule_domain::Role;
use vestibule_http::{HttpOptions, Kind, RequestLimits, RouteRow};

use crate::{
    ego, mern,
    support::{Setup, TestApp},
};

async fn limited(requests: RequestLimits) -> TestApp {
    let options = HttpOptions { requests, ..HttpOptions::default() };
    TestApp::with(Setup { limits: false, options, ..Setup::default() }).await
}

/// Every public route of every dialect that reads a body: not those of providers, which are not there unless they are
/// configured, and not the two that take no body.
fn rows_with_body() -> impl Iterator<Item = RouteRow> {
    let is_of_provider = |row: &RouteRow| ["google", "facebook", "apple"].iter().any(|name| row.path.ends_with(name));
    let is_bodiless = |row: &RouteRow| ["/auth/logout", "/auth/session"].contains(&row.path);
    let rows = vestibule_http::routes().into_iter().map(|(_, row)| row);
    let rows = rows.filter(|row| row.method == Method::POST && !row.access.needs_token());
    rows.filter(move |row| !is_of_provider(row) && !is_bodiless(row))
}

#[actix_web::test]
async fn a_body_has_at_most_the_bytes_that_are_said_in_every_dialect() {
    let app = limited(RequestLimits { body_bytes: 16 * 1_024, ..RequestLimits::default() }).await;
    // What has pictures has a bound of its own.
    for row in rows_with_body().filter(|row| !matches!(row.kind, Kind::Pictures { .. })) {
        let status = async |bytes: usize| app.post(row.path, &json!({ "x": "y".repeat(bytes) })).await.status;
        assert_eq!(status(16 * 1_024).await, 413, "{}", row.path);
        assert_ne!(status(16_000).await, 413, "{}", row.path);
    }
}

#[actix_web::test]
async fn a_body_is_at_most_as_deep_as_is_said_in_every_dialect() {
    const REFUSALS: [&str; 3] = ["Invalid request body", "The body is not valid JSON", r#""Requête invalide""#];
    let app = limited(RequestLimits { body_depth: 4, ..RequestLimits::default() }).await;
    let is_refused = |text: &str| REFUSALS.iter().any(|refusal| text.contains(refusal));
    for row in rows_with_body() {
        let deep = app.post(row.path, &json!({ "x": [[[[]]]] })).await;
        assert!(deep.status == 400 && is_refused(&deep.text), "{}: {}", row.path, deep.text);
        let fit = app.post(row.path, &json!({ "x": [[[]]] })).await;
        assert!(!is_refused(&fit.text), "{}: {}", row.path, fit.text);
    }
}

#[actix_web::test]
async fn an_answer_has_at_most_the_rows_that_are_said_in_every_dialect() {
    let app = limited(RequestLimits { page_rows: 2, ..RequestLimits::default() }).await;
    let root = mern::account(1, Role::Root, &[]).build();
    app.put(&root).await;
    for number in 2..5 {
        app.put(&mern::account(number, Role::User, &[]).build()).await;
    }
    for query in ["", "?limit=0", "?limit=3"] {
        let found = app.get_as(&mern::token(&app, &root), &format!("{}{query}", mern::USERS)).await.json();
        assert_eq!((found["users"].as_array().unwrap().len(), &found["usersCount"]), (2, &json!(4)), "{query}");
    }
    let admin = ego::session_of(&app, 9, Role::Admin).await.access;
    for query in ["", "?limit=3", "?limit=100"] {
        let found = app.get_as(&admin, &format!("{}{query}", ego::ALL)).await.json();
        assert_eq!(found["data"]["allUser"].as_array().unwrap().len(), 2, "{query}");
    }
}
