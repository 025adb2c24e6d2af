//! What a client is told when something inside is the matter.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{ALICE, CHECK, FORGOT, LOGIN, ME, PASSWORD, REGISTER, VERIFY, assert_failed, login, register_alice};
use vestibule_testkit::BrokenStore;

use crate::support::{Answer, RESET, Setup, TestApp};

/// What each route answers on a store with something the matter, to a request that is in order.
pub(crate) async fn answers_on(store: BrokenStore) -> Vec<Answer> {
    let token = register_alice(&TestApp::new().await).await.data("token");
    let app = TestApp::with(Setup { store: Arc::new(store), ..Setup::default() }).await;
    let claims = json!({ "email": ALICE, "purpose": "password_reset", "iat": 0, "exp": i64::MAX, "jti": "0" });
    let requests: [(&str, Value); 5] = [
        (REGISTER, json!({ "fullName": "Alice", "email": ALICE, "password": PASSWORD })),
        (LOGIN, json!({ "email": ALICE, "password": PASSWORD })),
        (FORGOT, json!({ "email": ALICE })),
        (VERIFY, json!({ "email": ALICE, "otp": "123456" })),
        (super::RESET_PASSWORD, json!({ "resetToken": app.sign(RESET, &claims), "newPassword": PASSWORD })),
    ];
    let mut answers =
        vec![app.get_as(&token, ME).await, app.post_as(&token, CHECK, &json!({ "identifiers": [ALICE] })).await];
    for (path, body) in &requests {
        answers.push(app.post(path, body).await);
    }
    answers
}

#[actix_web::test]
async fn a_busy_store_is_a_503_that_says_when_to_come_back() {
    for answer in answers_on(BrokenStore::Busy).await {
        assert_failed(&answer, 503, "Service unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[actix_web::test]
async fn a_store_that_is_away_is_a_503_that_says_when_to_come_back() {
    for answer in answers_on(BrokenStore::Away).await {
        assert_failed(&answer, 503, "Service unavailable");
        assert_eq!(answer.header("retry-after"), "5");
    }
}

#[actix_web::test]
async fn a_failing_store_is_a_500_that_tells_nothing() {
    for answer in answers_on(BrokenStore::Failing).await {
        assert_failed(&answer, 500, "Internal server error");
        assert_eq!(answer.header("retry-after"), "");
    }
}

#[actix_web::test]
async fn too_many_hashes_are_a_503_that_says_when_to_come_back() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    app.hasher.set_overloaded(true);
    let answer = login(&app, PASSWORD).await;
    assert_failed(&answer, 503, "Service unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    app.hasher.set_overloaded(false);
    assert_eq!(login(&app, PASSWORD).await.status, 200);
}
