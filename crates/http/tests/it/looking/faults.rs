//! What is not the client's fault.

use std::sync::Arc;

use actix_web::http::Method;
use serde_json::json;
use vestibule_testkit::BrokenStore;

use super::{
    LOGIN, LOGOUT, NEW_PASSWORD, NOBODY, PASSWORD, RESET, SESSION, USERS, a_super, assert_coded, login,
    profiles::{PROFILES, alex},
    submissions::SUBMISSION,
};
use crate::support::{Answer, Setup, TestApp, get};

/// What routes answer on a store with something the matter, to requests that are in order.
pub(crate) async fn answers_on(store: BrokenStore) -> Vec<Answer> {
    let root = a_super(&TestApp::new().await).await;
    let app = TestApp::with(Setup { store: Arc::new(store), ..Setup::default() }).await;
    let link = format!("{RESET}/{NOBODY}/token");
    let password = json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD });
    vec![
        login(&app, "user-1", PASSWORD).await,
        app.post_as(&root.token, LOGOUT, &json!({})).await,
        app.get_as(&root.token, SESSION).await,
        app.post(SESSION, &json!({})).await,
        app.send_as(&root.token, Method::PUT, SESSION, &json!({})).await,
        app.post(RESET, &json!({ "username": "user-1" })).await,
        app.send(get(&link)).await,
        app.send_as("x", Method::PUT, &link, &password).await,
        app.get_as(&root.token, USERS).await,
        app.post_as(&root.token, USERS, &super::editor()).await,
        app.get_as(&root.token, &root.path()).await,
        root.put(&app, &root.path(), &json!({ "name": null })).await,
        root.delete(&app, &root.path()).await,
        app.send(get(PROFILES)).await,
        app.post(SUBMISSION, &alex()).await,
        app.send(get(&format!("{PROFILES}/{NOBODY}"))).await,
        app.send(get(&format!("/images/message/{NOBODY}0123456789ab4cde8f0123456789abcd.png"))).await,
    ]
}

#[actix_web::test]
async fn a_store_that_is_busy_or_unreachable_is_told_with_when_to_come_back() {
    for (store, retry_after) in [(BrokenStore::Busy, "1"), (BrokenStore::Away, "5")] {
        for answer in answers_on(store).await {
            assert_coded(&answer, 503, "Service unavailable", "UNAVAILABLE");
            assert_eq!(answer.header("retry-after"), retry_after);
        }
    }
}

#[actix_web::test]
async fn of_what_fails_inside_nothing_is_told() {
    for answer in answers_on(BrokenStore::Failing).await {
        assert_coded(&answer, 500, "Internal server error", "INTERNAL");
        assert!(!answer.header("x-request-id").is_empty());
        assert_eq!(answer.header("retry-after"), "");
    }
}

#[actix_web::test]
async fn an_overloaded_hasher_puts_off() {
    let app = TestApp::new().await;
    app.hasher.set_overloaded(true);
    let answer = app.post(LOGIN, &json!({ "username": "alice", "password": PASSWORD })).await;
    assert_coded(&answer, 503, "Service unavailable", "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), "1");
}
