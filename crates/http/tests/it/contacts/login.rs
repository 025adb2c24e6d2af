//! `POST /api/auth/login`.

use insta::assert_snapshot;
use serde_json::json;
use vestibule_application::{
    Operator,
    accounts::{AccountChange, NewStatus},
};
use vestibule_domain::{AccountId, AccountStatus};
use vestibule_testkit::{AccountBuilder, InstantHasher};

use super::{ALICE, LOGIN, ME, PASSWORD, assert_failed, login, register_alice};
use crate::support::TestApp;

#[actix_web::test]
async fn a_login_answers_the_account_and_a_token() {
    let app = TestApp::new().await;
    let registered = register_alice(&app).await;
    let answer = login(&app, PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    assert_eq!(answer.data("_id"), registered.data("_id"));
    assert_eq!(app.get_as(&answer.data("token"), ME).await.status, 200);
}

#[actix_web::test]
async fn two_logins_give_two_tokens() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    assert_ne!(login(&app, PASSWORD).await.data("token"), login(&app, PASSWORD).await.data("token"));
}

#[actix_web::test]
async fn the_address_is_trimmed_and_compared_without_case() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let body = json!({ "email": " ALICE@Example.com ", "password": PASSWORD });
    assert_eq!(app.post(LOGIN, &body).await.status, 200);
}

#[actix_web::test]
async fn whatever_is_wrong_with_the_credentials_the_answer_is_one() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    for body in [
        json!({ "email": "nobody@example.com", "password": PASSWORD }),
        json!({ "email": ALICE, "password": "wrong horse" }),
        json!({ "email": ALICE, "password": format!("{PASSWORD}{}", "p".repeat(80)) }),
        json!({ "email": ALICE, "password": "pass\u{0}word" }),
        json!({ "email": ALICE, "password": "p".repeat(50_000) }),
        json!({ "email": "a\u{0}@example.com", "password": PASSWORD }),
        json!({ "email": "a".repeat(50_000), "password": PASSWORD }),
        json!({ "email": "alice", "password": PASSWORD }),
        json!({ "email": ALICE }),
        json!({ "email": ALICE, "password": "" }),
        json!({ "email": ALICE, "password": null }),
        json!({ "email": ALICE, "password": 12_345_678 }),
        json!({ "email": [ALICE], "password": PASSWORD }),
        json!({ "email": { "$gt": "" }, "password": { "$gt": "" } }),
        json!({ "password": PASSWORD }),
        json!({}),
    ] {
        assert_failed(&app.post(LOGIN, &body).await, 401, "Invalid credentials");
    }
}

#[actix_web::test]
async fn an_unknown_address_costs_a_comparison_too() {
    let app = TestApp::new().await;
    for email in ["nobody@example.com", "no address"] {
        let before = app.hasher.comparisons();
        app.post(LOGIN, &json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(app.hasher.comparisons(), before + 1, "{email}");
    }
}

#[actix_web::test]
async fn a_disabled_account_is_told_like_a_wrong_password() {
    let app = TestApp::new().await;
    let id = AccountId::from_hex(&register_alice(&app).await.data("_id")).unwrap();
    app.app
        .change_account(Operator::at_the_console().authority_over(id), AccountChange::status(NewStatus::Suspended))
        .await
        .unwrap();
    assert_failed(&login(&app, PASSWORD).await, 401, "Invalid credentials");
}

#[actix_web::test]
async fn a_pending_account_is_told_like_a_wrong_password() {
    let app = TestApp::new().await;
    let pending = AccountBuilder::numbered(1)
        .email(ALICE)
        .status(AccountStatus::Pending)
        .password(Some(InstantHasher::outdated(PASSWORD)))
        .build();
    let mut unit = app.store.write().await.unwrap();
    unit.accounts().insert(&pending).await.unwrap();
    unit.commit().await.unwrap();
    assert_failed(&login(&app, PASSWORD).await, 401, "Invalid credentials");
}
