//! What is not the client's fault.

use std::sync::Arc;

use vestibule_domain::Role;

use super::{PASSWORD, PROFILE, SIGN_IN, SIGN_UP, USERS, account, alice, assert_failed, token};
use vestibule_testkit::BrokenStore;

use crate::support::{Answer, Setup, TestApp};

/// What routes answer on a store with something the matter, to requests that are in order.
pub(crate) async fn answers_on(store: BrokenStore) -> Vec<Answer> {
    let app = TestApp::with(Setup { store: Arc::new(store), ..Setup::default() }).await;
    let token = token(&app, &account(1, Role::Root, &[]).build());
    let credentials = serde_json::json!({ "username": "user-1", "password": PASSWORD });
    vec![
        app.post(SIGN_UP, &alice()).await,
        app.post(SIGN_IN, &credentials).await,
        app.get_as(&token, PROFILE).await,
        app.get_as(&token, USERS).await,
    ]
}

#[actix_web::test]
async fn a_store_that_is_busy_or_away_is_told_with_when_to_come_back() {
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
    }
}

#[actix_web::test]
async fn an_overloaded_hasher_puts_off() {
    let app = TestApp::new().await;
    app.hasher.set_overloaded(true);
    let answer = app.post(SIGN_UP, &alice()).await;
    assert_failed(&answer, 503, "Service unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}
