//! Bearer tokens: what is refused in which words, and what ends them.

use serde_json::{Value, json};
use time::Duration;
use vestibule_application::Algorithm;
use vestibule_domain::{AccountStatus, Role};
use vestibule_ports::TokenSigner;

use super::{
    ACCESS, CHECK, OWN_PASSWORD, PASSWORD, PROFILE, account, alices_token, assert_done, assert_failed, claims, sign_in,
    text, token, with_proof,
};
use crate::support::{TestApp, bearer, get, post, same_secret};

use actix_web::http::Method;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

fn encoded(json: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
}

#[actix_web::test]
async fn hostile_tokens_are_refused_in_their_words() {
    let app = TestApp::without_limits().await;
    let known = account(1, Role::Root, &[]).build();
    app.put(&known).await;
    let good = token(&app, &known);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let none = encoded(&json!({ "alg": "none", "typ": "JWT" }));
    let hs256 = encoded(&json!({ "alg": "HS256", "typ": "JWT" }));
    let root = encoded(&json!({ "userId": known.id().hex(), "exp": 9_999_999_999_u64 }));
    for (token, message) in [
        ("x".to_owned(), "jwt malformed"),
        ("a.b".to_owned(), "jwt malformed"),
        (format!("{good}.x"), "jwt malformed"),
        ("a.b.c".to_owned(), "invalid token"),
        (format!("{{}}.{payload}.{signature}"), "invalid token"),
        (format!("{header}.{payload}."), "jwt signature is required"),
        (format!("{none}.{payload}."), "jwt signature is required"),
        (format!("{none}.{payload}.{signature}"), "invalid algorithm"),
        (format!("{hs256}.{payload}.{signature}"), "invalid algorithm"),
        (format!("{header}.{root}.{signature}"), "invalid signature"),
        (format!("{header}.{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode([7; 64])), "invalid signature"),
        ("y".repeat(10_000), "jwt malformed"),
        (format!("{header}.{}.{signature}", "A".repeat(5_000)), "invalid token"),
    ] {
        assert_failed(&app.get_as(&token, PROFILE).await, 401, message);
        assert_failed(&app.get_as(&token, "/api/users").await, 401, message);
    }
    assert_eq!(app.get_as(&good, PROFILE).await.status, 200);
}

#[actix_web::test]
async fn the_same_secret_under_another_algorithm_is_refused() {
    let app = TestApp::without_limits().await;
    let known = account(1, Role::User, &[]).build();
    app.put(&known).await;
    let (hs256, signer) = same_secret(ACCESS, Algorithm::Hs256);
    let token = signer.sign(hs256, claims(&known).as_object().unwrap()).unwrap();
    assert_failed(&app.get_as(&token, PROFILE).await, 401, "invalid algorithm");
}

#[actix_web::test]
async fn a_token_travels_only_in_the_header_and_whatever_follows_it_is_ignored() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    for value in [format!("bearer {token}"), format!("BEARER  {token} and more")] {
        assert_eq!(app.send(get(PROFILE).insert_header(("Authorization", value))).await.status, 200);
    }
    for value in [token.clone(), format!("Token {token}"), "Bearer".to_owned(), "Bearer ".to_owned()] {
        assert_failed(&app.send(get(PROFILE).insert_header(("Authorization", value))).await, 401, "No auth token");
    }
    assert_failed(&app.send(get(&format!("{PROFILE}?token={token}"))).await, 401, "No auth token");
    let cookie = get(PROFILE).insert_header(("Cookie", format!("token={token}")));
    assert_failed(&app.send(cookie).await, 401, "No auth token");
}

#[actix_web::test]
async fn claims_are_checked_in_the_documents_order() {
    let app = TestApp::without_limits().await;
    let [user, disabled, pending] = [1, 2, 3].map(|number| account(number, Role::User, &[]));
    let (user, disabled) = (user.build(), disabled.status(AccountStatus::Disabled).build());
    let pending = pending.status(AccountStatus::Pending).mailbox_proven_at(None).build();
    for account in [&user, &disabled, &pending] {
        app.put(account).await;
    }
    let with = |account, key: &str, value: Value| {
        let mut claims = claims(account);
        claims[key] = value;
        claims
    };
    let unknown = account(9, Role::User, &[]).build();
    for (claims, message) in [
        (with(&user, "exp", json!(1)), "jwt expired"),
        (with(&user, "nbf", json!(9_999_999_999_u64)), "jwt not active"),
        (with(&user, "userId", json!(null)), "Invalid credentials"),
        (with(&user, "userId", json!("no id")), "Invalid credentials"),
        (claims(&unknown), "Invalid credentials"),
        (with(&user, "sub", json!(null)), "Invalid JWT token"),
        (with(&user, "sub", json!("0f".repeat(12))), "Invalid JWT token"),
        (with(&disabled, "sub", json!("0f".repeat(16))), "Invalid JWT token"),
        (claims(&disabled), "Account is disabled"),
        (with(&disabled, "provider", json!("google")), "Account is disabled"),
        (claims(&pending), "Account status is invalid"),
    ] {
        let signed = app.sign(ACCESS, &claims);
        assert_failed(&app.get_as(&signed, PROFILE).await, 401, message);
    }
}

#[actix_web::test]
async fn an_unproven_mailbox_blocks_only_tokens_of_a_password() {
    let app = with_proof().await;
    let unproven = account(1, Role::User, &[]).mailbox_proven_at(None).build();
    app.put(&unproven).await;
    assert_failed(&app.get_as(&token(&app, &unproven), PROFILE).await, 401, "Email is not verified");
    for provider in ["google", "github"] {
        let mut claims = claims(&unproven);
        claims["provider"] = json!(provider);
        assert_eq!(app.get_as(&app.sign(ACCESS, &claims), PROFILE).await.status, 200, "{provider}");
    }
}

#[actix_web::test]
async fn a_token_works_for_sixty_days() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    app.wait(Duration::days(60) - Duration::seconds(1));
    assert_eq!(app.get_as(&token, PROFILE).await.status, 200);
    app.wait(Duration::seconds(16));
    assert_failed(&app.get_as(&token, PROFILE).await, 401, "jwt expired");
}

#[actix_web::test]
async fn a_check_answers_what_is_asked_for_and_no_more() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    let valid = "JWT token is valid";
    for body in [json!({}), json!({ "refreshToken": false, "refreshUser": "FALSE" })] {
        assert_done(&app.post_as(&token, CHECK, &body).await, 200, valid);
    }
    let whole = app.post_as(&token, CHECK, &json!({ "refreshUser": true, "refreshToken": "True" })).await;
    insta::assert_snapshot!(whole.redacted());
    let user = app.post_as(&token, CHECK, &json!({ "refreshUser": true })).await.json();
    assert_eq!(user.as_object().unwrap().keys().collect::<Vec<_>>(), ["message", "user"]);
    for (body, message) in [
        (json!({ "refreshToken": null }), r#""refreshToken" must be a boolean"#),
        (json!({ "refreshUser": 1 }), r#""refreshUser" must be a boolean"#),
        (json!({ "x": 1 }), r#""x" is not allowed"#),
    ] {
        assert_failed(&app.post_as(&token, CHECK, &body).await, 400, message);
    }
    assert_failed(&app.post(CHECK, &json!({ "x": 1 })).await, 401, "No auth token");
}

#[actix_web::test]
async fn a_refreshed_token_keeps_epoch_and_provider_and_the_old_one_lives_on() {
    let app = TestApp::without_limits().await;
    let known = account(1, Role::User, &[]).build();
    app.put(&known).await;
    let mut old = claims(&known);
    old["provider"] = json!("apple");
    let token = app.sign(ACCESS, &old);
    app.wait(Duration::days(1));
    let refreshed = app.post_as(&token, CHECK, &json!({ "refreshToken": true })).await.json();
    let new = app.claims(ACCESS, refreshed["token"].as_str().unwrap());
    assert_eq!((&new["sub"], &new["provider"]), (&old["sub"], &old["provider"]));
    assert_eq!(new["exp"].as_i64().unwrap() - old["exp"].as_i64().unwrap(), 86_400);
    assert_eq!(new["exp"], refreshed["expiresAt"]);
    assert_eq!(app.get_as(&token, PROFILE).await.status, 200);
}

#[actix_web::test]
async fn ending_all_tokens_ends_those_of_other_dialects_too() {
    let app = TestApp::without_limits().await;
    let one = alices_token(&app).await;
    let other = text(&sign_in(&app, PASSWORD).await.json()["token"]);
    let login = json!({ "email": super::ALICE, "password": PASSWORD });
    let contacts = app.post("/api/auth/login", &login).await.data("token");
    let request = post("/api/auth/invalidate-all-jwt-tokens").insert_header(bearer(&one)).set_payload("nonsense");
    assert_done(&app.send(request).await, 200, "All JWT tokens have been invalidated");
    for token in [one, other] {
        assert_failed(&app.get_as(&token, PROFILE).await, 401, "Invalid JWT token");
    }
    assert_eq!(app.get_as(&contacts, "/api/auth/me").await.status, 401);
    assert_eq!(sign_in(&app, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_new_password_ends_all_tokens_but_the_one_that_comes_with_it() {
    let app = TestApp::without_limits().await;
    let old = alices_token(&app).await;
    let body = json!({ "currentPassword": PASSWORD, "password": "battery staple" });
    let answer = app.send_as(&old, Method::PUT, OWN_PASSWORD, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_failed(&app.get_as(&old, PROFILE).await, 401, "Invalid JWT token");
    assert_eq!(app.get_as(&text(&answer.json()["token"]), PROFILE).await.status, 200);
}

#[actix_web::test]
async fn a_removed_account_and_a_promoted_one_count_at_once() {
    let app = TestApp::without_limits().await;
    let user = account(1, Role::User, &[]).build();
    app.put(&user).await;
    let token = token(&app, &user);
    assert_failed(&app.get_as(&token, "/api/users").await, 403, "Forbidden action");
    app.put(&account(1, Role::Admin, &[]).build()).await;
    assert_eq!(app.get_as(&token, "/api/users").await.status, 200);
    app.remove(&user.id().hex()).await;
    assert_failed(&app.get_as(&token, PROFILE).await, 401, "Invalid credentials");
}
