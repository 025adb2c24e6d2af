//! How large requests and answers may be, set to others than the defaults.

use serde_json::json;
use vestibule_domain::Role;
use vestibule_http::{HttpOptions, RequestLimits};

use crate::{
    mern,
    support::{Setup, TestApp},
};

async fn limited(requests: RequestLimits) -> TestApp {
    let options = HttpOptions { requests, ..HttpOptions::default() };
    TestApp::with(Setup { limits: false, options, ..Setup::default() }).await
}

#[actix_web::test]
async fn a_body_has_at_most_the_bytes_that_are_said_in_every_dialect() {
    let app = limited(RequestLimits { body_bytes: 16 * 1_024, ..RequestLimits::default() }).await;
    for path in ["/api/auth/login", mern::SIGN_IN] {
        let status = async |bytes: usize| app.post(path, &json!({ "x": "y".repeat(bytes) })).await.status;
        assert_eq!(status(16 * 1_024).await, 413, "{path}");
        assert_ne!(status(16_000).await, 413, "{path}");
    }
}

#[actix_web::test]
async fn a_body_is_at_most_as_deep_as_is_said_in_every_dialect() {
    let app = limited(RequestLimits { body_depth: 4, ..RequestLimits::default() }).await;
    for (path, refusal) in [("/api/auth/login", "Invalid request body"), (mern::SIGN_IN, "The body is not valid JSON")]
    {
        let deep = app.post(path, &json!({ "x": [[[[]]]] })).await;
        assert!(deep.status == 400 && deep.text.contains(refusal), "{path}: {}", deep.text);
        let fit = app.post(path, &json!({ "x": [[[]]] })).await;
        assert!(!fit.text.contains(refusal), "{path}: {}", fit.text);
    }
}

#[actix_web::test]
async fn an_answer_has_at_most_the_rows_that_are_said() {
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
}
