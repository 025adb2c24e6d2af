//! The two buckets of a source, and the waits of accounts.

use serde_json::json;
use time::Duration;
use vestibule_domain::Role;
use vestibule_testkit::FixedClock;

use super::{PASSWORD, SEND, SIGN_IN, SIGN_UP, account, assert_failed};
use crate::support::{TestApp, get};

const TOO_MANY: &str = "Too many requests from this IP, please try again later.";

#[actix_web::test]
async fn after_twenty_failures_even_a_good_request_is_refused() {
    let app = TestApp::new().await;
    app.put(&account(1, Role::User, &[]).build()).await;
    let good = json!({ "username": "user-1", "password": PASSWORD });
    for used in 1..=20 {
        let answer = app.post(SIGN_IN, &json!({})).await;
        assert_failed(&answer, 400, "Password is required");
        assert_eq!(answer.header("x-ratelimit-limit"), "20");
        assert_eq!(answer.header("x-ratelimit-remaining"), (20 - used).to_string());
        let resets_at = FixedClock::START.unix_timestamp() + 900;
        assert_eq!(answer.header("x-ratelimit-reset"), resets_at.to_string());
    }
    app.wait(Duration::seconds(100));
    for path in [SIGN_IN, "/api/auth/reset-password/x", "/api/auth/verify-jwt-token"] {
        let refused = app.post(path, &good).await;
        assert_failed(&refused, 429, TOO_MANY);
        assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-remaining")), ("800", "0"));
    }
    assert_eq!(app.post_from("192.0.2.2:1", SIGN_IN, &good).await.status, 200);
    app.wait(Duration::seconds(800));
    assert_eq!(app.post(SIGN_IN, &good).await.status, 200);
}

#[actix_web::test]
async fn successes_do_not_use_up_the_bucket_of_failures() {
    let app = TestApp::new().await;
    app.put(&account(1, Role::User, &[]).build()).await;
    for _ in 0..5 {
        let answer = app.post(SIGN_IN, &json!({ "username": "user-1", "password": PASSWORD })).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-remaining")), (200, "19"));
    }
}

#[actix_web::test]
async fn after_five_mails_or_sign_ups_a_source_waits() {
    let app = TestApp::new().await;
    for number in 1..=5 {
        assert_eq!(app.post(SIGN_UP, &json!({})).await.status, 400);
        let email = format!("user-{number}@example.com");
        let body = json!({ "username": format!("user-{number}"), "email": email, "password": PASSWORD });
        let answer = app.post(SIGN_UP, &body).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (201, "5"));
    }
    for path in [SIGN_UP, SEND] {
        let refused = app.post(path, &json!({})).await;
        assert_failed(&refused, 429, TOO_MANY);
        assert_eq!(refused.header("retry-after"), "900");
    }
}

#[actix_web::test]
async fn the_wait_of_an_account_is_told_in_the_same_words() {
    let app = TestApp::new().await;
    app.put(&account(1, Role::User, &[]).build()).await;
    let wrong = json!({ "username": "user-1", "password": "wrong" });
    for _ in 0..5 {
        assert_eq!(app.post(SIGN_IN, &wrong).await.status, 401);
    }
    let refused = app.post(SIGN_IN, &wrong).await;
    assert_failed(&refused, 429, TOO_MANY);
    assert_eq!(refused.header("retry-after"), "3");
}

#[actix_web::test]
async fn nothing_else_is_counted_and_nothing_at_all_without_limits() {
    let app = TestApp::new().await;
    for _ in 0..30 {
        let answer = app.send(get("/api/profiles")).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (401, ""));
    }
    let app = TestApp::without_limits().await;
    for _ in 0..30 {
        let answer = app.post(SIGN_IN, &json!({})).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (400, ""));
    }
}
