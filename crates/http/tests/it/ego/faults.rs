//! What is not the client's fault.

use std::sync::Arc;

use serde_json::json;

use super::{
    ALICE, LOGIN, PASSWORD, PROFILE, REFRESH_TOKEN, REGISTER, REQUEST_RESET, RESEND, RESET, UNAVAILABLE, VERIFY, alice,
    alices_session, assert_failed,
};
use vestibule_testkit::BrokenStore;

use crate::support::{Answer, Setup, TestApp};

/// What routes answer on a store with something the matter, to requests that are in order.
pub(crate) async fn answers_on(store: BrokenStore) -> Vec<Answer> {
    let tokens = alices_session(&TestApp::new().await).await;
    let app = TestApp::with(Setup { store: Arc::new(store), ..Setup::default() }).await;
    let mut answers =
        vec![app.get_as(&tokens.access, PROFILE).await, app.post_as(&tokens.access, REGISTER, &alice()).await];
    for (path, body) in [
        (REGISTER, alice()),
        (VERIFY, json!({ "email": ALICE, "otp": "7E557A" })),
        (LOGIN, json!({ "email": ALICE, "password": PASSWORD })),
        (RESEND, json!({ "email": ALICE })),
        (REQUEST_RESET, json!({ "email": ALICE })),
        (RESET, json!({ "token": "x", "newPassword": PASSWORD })),
        (REFRESH_TOKEN, json!({ "refreshToken": tokens.refresh })),
    ] {
        answers.push(app.post(path, &body).await);
    }
    answers
}

#[actix_web::test]
async fn a_store_that_is_busy_or_away_is_told_with_when_to_come_back() {
    for (store, retry_after) in [(BrokenStore::Busy, "1"), (BrokenStore::Away, "5")] {
        for answer in answers_on(store).await {
            assert_failed(&answer, UNAVAILABLE);
            assert_eq!(answer.header("retry-after"), retry_after);
        }
    }
}

#[actix_web::test]
async fn of_what_fails_inside_nothing_is_told() {
    for answer in answers_on(BrokenStore::Failing).await {
        assert_failed(&answer, (500, 1000, "Erreur interne"));
        assert!(!answer.header("x-request-id").is_empty());
        assert_eq!(answer.header("retry-after"), "");
    }
}

#[actix_web::test]
async fn an_overloaded_hasher_puts_off() {
    let app = TestApp::new().await;
    app.hasher.set_overloaded(true);
    for (path, body) in [(REGISTER, alice()), (LOGIN, json!({ "email": ALICE, "password": PASSWORD }))] {
        let answer = app.post(path, &body).await;
        assert_failed(&answer, UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), "1");
    }
}
