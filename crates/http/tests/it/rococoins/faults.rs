//! What is not the client's fault.

use std::sync::Arc;

use actix_web::http::Method;
use serde_json::json;
use vestibule_testkit::BrokenStore;

use super::{LOGIN, NOBODY, OTP, PASSWORD, USER, VERIFY, VERIFY_OTP, alice, alices, assert_failed};
use crate::support::{Answer, Setup, TestApp};

/// What routes answer on a store with something the matter, to requests that are in order.
pub(crate) async fn answers_on(store: BrokenStore) -> Vec<Answer> {
    let alice_there = alices(&TestApp::new().await).await;
    let app = TestApp::with(Setup { store: Arc::new(store), ..Setup::default() }).await;
    let mut answers = vec![
        app.get_as(&alice_there.token, VERIFY).await,
        app.get_as(&alice_there.token, &alice_there.path()).await,
        app.send_as(&alice_there.token, Method::PUT, &alice_there.path(), &json!({})).await,
        app.send_as(&alice_there.token, Method::DELETE, &alice_there.path(), &json!({})).await,
    ];
    for (path, body) in [
        (USER, alice()),
        (LOGIN, json!({ "email": super::ALICE, "password": PASSWORD })),
        (OTP, json!({ "userId": NOBODY })),
        (VERIFY_OTP, json!({ "userId": NOBODY, "otp": "123456" })),
    ] {
        answers.push(app.post(path, &body).await);
    }
    answers
}

#[actix_web::test]
async fn a_store_that_is_busy_or_unreachable_is_told_with_when_to_come_back() {
    for (store, retry_after) in [(BrokenStore::Busy, "1"), (BrokenStore::Away, "5")] {
        for answer in answers_on(store).await {
            assert_failed(&answer, 503, "Service unavailable");
            assert_eq!(answer.header("retry-after"), retry_after);
        }
    }
}

#[actix_web::test]
async fn of_what_fails_inside_nothing_is_told() {
    for answer in answers_on(BrokenStore::Failing).await {
        assert_failed(&answer, 500, "Internal server error");
        assert!(!answer.header("x-request-id").is_empty());
        assert_eq!(answer.header("retry-after"), "");
    }
}

#[actix_web::test]
async fn an_overloaded_hasher_puts_off() {
    let app = TestApp::new().await;
    app.hasher.set_overloaded(true);
    for (path, body) in [(USER, alice()), (LOGIN, json!({ "username": "alice", "password": PASSWORD }))] {
        let answer = app.post(path, &body).await;
        assert_failed(&answer, 503, "Service unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
}
