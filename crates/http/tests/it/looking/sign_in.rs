//! Signing in and out.

use insta::assert_snapshot;
use serde_json::json;
use time::Duration;
use vestibule_domain::{AccountStatus, Role};
use vestibule_testkit::AccountBuilder;

use super::{
    ACCESS, LOGIN, LOGOUT, PASSWORD, SESSION, a_user, account, anonymous, assert_body, assert_coded, assert_no_session,
    assert_refused, client, login, token, with_words,
};
use crate::support::{Answer, TestApp, post};

#[track_caller]
fn assert_wrong(answer: &Answer) {
    let body = r#"{"status":401,"authorized":false,"message":"Invalid username or password"}"#;
    assert_eq!((answer.status, answer.text.as_str()), (401, body));
}

#[actix_web::test]
async fn a_sign_in_answers_a_token_and_the_account() {
    let app = TestApp::new().await;
    app.put(&with_words(1, &["view", "edit"]).build()).await;
    let answer = login(&app, "User-1", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
}

#[actix_web::test]
async fn an_address_stands_for_the_user_name_and_in_its_place() {
    let app = TestApp::new().await;
    app.put(&account(1).build()).await;
    assert_eq!(login(&app, " USER-1@example.com ", PASSWORD).await.json()["user"]["username"], "user-1");
    let nameless =
        AccountBuilder::numbered(2).email("bob@example.com").password(account(2).build().password().cloned());
    app.put(&nameless.build()).await;
    let answer = login(&app, "bob@example.com", PASSWORD).await.json();
    assert_eq!(
        (&answer["user"]["username"], &answer["user"]["email"]),
        (&json!("bob@example.com"), &json!("bob@example.com"))
    );
}

#[actix_web::test]
async fn every_failure_of_a_sign_in_is_the_same() {
    let app = TestApp::without_limits().await;
    app.put(&account(1).build()).await;
    app.put(&account(2).status(AccountStatus::Disabled).build()).await;
    app.put(&account(3).provisional().build()).await;
    app.put(&account(4).password(None).build()).await;
    for (username, password) in [
        ("user-1", "wrong"),
        ("nobody", PASSWORD),
        ("a@b@c", PASSWORD),
        ("", PASSWORD),
        ("user-2", PASSWORD),
        ("user-3", PASSWORD),
        ("user-4", PASSWORD),
        ("user-1", ""),
    ] {
        assert_wrong(&login(&app, username, password).await);
    }
    for body in [
        json!({}),
        json!({ "username": "user-1" }),
        json!({ "password": PASSWORD }),
        json!({ "username": 1, "password": PASSWORD }),
        json!({ "username": ["user-1"], "password": PASSWORD }),
        json!({ "username": "user-1", "password": null }),
    ] {
        assert_wrong(&app.post(LOGIN, &body).await);
    }
}

#[actix_web::test]
async fn malformed_json_is_told_apart_from_a_wrong_password() {
    let app = TestApp::new().await;
    for body in ["{", "[]", "null"] {
        let answer = app.send(post(LOGIN).set_payload(body)).await;
        assert_coded(&answer, 400, "Invalid request body", "INVALID_BODY");
    }
}

#[actix_web::test]
async fn a_sign_out_ends_the_session_of_its_token_and_no_other() {
    let app = TestApp::without_limits().await;
    let alice = a_user(&app).await;
    let other = token(&login(&app, "user-2", PASSWORD).await);
    let refreshed = token(&app.send_as(&alice.token, actix_web::http::Method::PUT, SESSION, &json!({})).await);
    let done = json!({ "message": "Logged out successfully" });
    assert_body(&app.post_as(&alice.token, LOGOUT, &json!({})).await, 200, &done);
    for gone in [&alice.token, &refreshed] {
        assert_no_session(&app.get_as(gone, SESSION).await);
        assert_refused(&app.send_as(gone, actix_web::http::Method::PUT, SESSION, &json!({})).await, "jwt revoked");
    }
    assert_eq!(app.get_as(&other, SESSION).await.status, 200);
    let visitor = anonymous(&app).await;
    assert_body(&app.post_as(&visitor, LOGOUT, &json!({})).await, 200, &done);
    assert_no_session(&app.get_as(&visitor, SESSION).await);
}

#[actix_web::test]
async fn a_sign_out_succeeds_without_a_token_and_with_a_dead_one() {
    let app = TestApp::without_limits().await;
    let done = json!({ "message": "Logged out successfully" });
    assert_body(&app.send(post(LOGOUT)).await, 200, &done);
    let alice = a_user(&app).await;
    let foreign = app.sign(ACCESS, &json!({ "exp": 9_999_999_999_i64 }));
    for dead in ["x", "a.b.c", &foreign] {
        assert_body(&app.post_as(dead, LOGOUT, &json!({})).await, 200, &done);
    }
    for _ in 0..2 {
        assert_body(&app.post_as(&alice.token, LOGOUT, &json!({})).await, 200, &done);
    }
    app.wait(Duration::days(2));
    assert_body(&app.post_as(&alice.token, LOGOUT, &json!({})).await, 200, &done);
}

#[actix_web::test]
async fn an_account_of_another_role_gets_the_words_of_its_role() {
    let app = TestApp::without_limits().await;
    for (number, role, can) in
        [(1, Role::Root, json!(super::WORDS)), (2, Role::Admin, json!(super::WORDS[..6])), (3, Role::User, json!([]))]
    {
        let client = client(&app, account(number).role(role)).await;
        assert_eq!(app.get_as(&client.token, SESSION).await.json()["decoded"]["can"], can);
    }
}
