//! `POST /api/auth/signin`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use vestibule_domain::{AccountStatus, Provider, Role};
use vestibule_testkit::{AccountBuilder, FixedClock};

use super::{ACCESS, ALICE, PASSWORD, SIGN_IN, account, assert_failed, sign_in, sign_up, with_proof};
use crate::support::TestApp;

#[actix_web::test]
async fn a_sign_in_answers_a_token_and_the_account() {
    let app = TestApp::without_limits().await;
    sign_up(&app).await;
    let answer = sign_in(&app, PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    let body = answer.json();
    let claims = app.claims(ACCESS, body["token"].as_str().unwrap());
    assert_eq!(claims["exp"], body["expiresAt"]);
    assert_eq!(claims["userId"], body["user"]["id"]);
    assert_eq!(claims["provider"], "local");
    assert_eq!(claims["exp"], json!(FixedClock::START.unix_timestamp() + 5_184_000));
}

#[actix_web::test]
async fn either_identifier_will_do_in_any_case() {
    let app = TestApp::without_limits().await;
    sign_up(&app).await;
    for (key, value) in [("username", "alice"), ("username", "Alice"), ("email", ALICE), ("email", "ALICE@Example.com")]
    {
        let mut body = json!({ "password": PASSWORD });
        body[key] = json!(value);
        assert_eq!(app.post(SIGN_IN, &body).await.status, 200, "{value}");
    }
}

#[actix_web::test]
async fn the_order_of_checks_is_the_documents() {
    let app = TestApp::without_limits().await;
    let both = r#""value" contains a conflict between exclusive peers [username, email]"#;
    for (body, message) in [
        (json!({}), "Password is required"),
        (json!({ "password": "p", "x": 1 }), r#""x" is not allowed"#),
        (json!({ "password": "" }), "Password cannot be empty"),
        (json!({ "password": "p" }), "Either username or email must be provided"),
        (json!({ "password": "p", "username": "alice", "email": ALICE }), both),
        (json!({ "password": "p", "username": "alice", "email": "no" }), "Email is invalid"),
    ] {
        assert_failed(&app.post(SIGN_IN, &body).await, 400, message);
    }
    let answer = app.post(SIGN_IN, &json!({ "password": "p", "username": ALICE })).await;
    assert!(answer.status == 400 && answer.text.contains("Username must be between 4 to 30"), "{}", answer.text);
}

#[actix_web::test]
async fn each_refusal_has_its_words() {
    for (app, pending) in
        [(TestApp::without_limits().await, "Account status is invalid"), (with_proof().await, "Email is not verified")]
    {
        let named = |number| account(number, Role::User, &[]);
        app.put(&named(1).status(AccountStatus::Disabled).build()).await;
        app.put(&named(2).status(AccountStatus::Pending).mailbox_proven_at(None).build()).await;
        app.put(&named(3).password(None).identity(Provider::Google, "1", None).build()).await;
        let post = |username: &str, password: &str| {
            let body: Value = json!({ "username": username, "password": password });
            let app = &app;
            async move { app.post(SIGN_IN, &body).await }
        };
        assert_failed(&post("nobody", PASSWORD).await, 401, "Username or email does not exist");
        assert_failed(&post("user-3", PASSWORD).await, 401, "Username or email does not exist");
        for user in ["user-1", "user-2"] {
            assert_failed(&post(user, "wrong").await, 401, "Password is incorrect");
        }
        assert_failed(&post("user-1", PASSWORD).await, 401, "Account is disabled");
        assert_failed(&post("user-2", PASSWORD).await, 401, pending);
    }
}

#[actix_web::test]
async fn an_account_of_another_dialect_is_shown_in_this_ones_shape() {
    let body = json!({ "fullName": "Alice van Dam", "email": ALICE, "password": PASSWORD });
    let credentials = json!({ "email": ALICE, "password": PASSWORD });
    let app = TestApp::without_limits().await;
    assert_eq!(app.post("/api/auth/register", &body).await.status, 201);
    assert_snapshot!(app.post(SIGN_IN, &credentials).await.redacted());
    let app = with_proof().await;
    assert_eq!(app.post("/api/auth/register", &body).await.status, 201);
    assert_failed(&app.post(SIGN_IN, &credentials).await, 401, "Email is not verified");
}

#[actix_web::test]
async fn an_unproven_account_is_listed_as_such_only_where_proofs_are_asked_for() {
    for (app, status) in [(TestApp::without_limits().await, "active"), (with_proof().await, "unverified-email")] {
        let root = account(1, Role::Root, &[]).build();
        let unproven = AccountBuilder::numbered(2).mailbox_proven_at(None).build();
        app.put(&root).await;
        app.put(&unproven).await;
        let user = app.get_as(&super::token(&app, &root), &format!("/api/users/{}", unproven.id().hex())).await;
        assert_eq!(user.json()["user"]["status"], status);
        assert!(user.json()["user"].get("username").is_none());
    }
}
