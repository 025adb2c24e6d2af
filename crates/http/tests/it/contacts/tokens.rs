//! Tokens that are not what they are shown as.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::Duration;
use vestibule_application::{Algorithm, TokenKey};
use vestibule_ports::TokenSigner;
use vestibule_testkit::FixedClock;

use super::{CHECK, ME, assert_failed, register_alice, reset, reset_token};
use crate::support::{ACCESS, RESET, TestApp, same_secret, signer};

/// Asserts that a text is no access token, on every route that asks for one.
async fn assert_no_access(app: &TestApp, token: &str) {
    assert_failed(&app.get_as(token, ME).await, 401, "Not authorized, no token");
    let answer = app.post_as(token, CHECK, &json!({ "identifiers": ["a@shop.test"] })).await;
    assert_failed(&answer, 401, "Not authorized, no token");
}

async fn assert_no_reset(app: &TestApp, token: &str) {
    assert_failed(&reset(app, token, "battery staple").await, 400, "Invalid or expired reset token");
}

fn encoded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

#[actix_web::test]
async fn an_access_token_has_its_four_claims_and_lives_thirty_days() {
    let app = TestApp::new().await;
    let registered = register_alice(&app).await;
    let claims = app.claims(ACCESS, &registered.data("token"));
    assert_eq!(claims.as_object().unwrap().len(), 4);
    assert_eq!(claims["id"], registered.data("_id"));
    assert_eq!(claims["iat"], FixedClock::START.unix_timestamp());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 2_592_000);
    assert!(claims["jti"].is_string());
}

#[actix_web::test]
async fn a_reset_token_has_its_five_claims_and_lives_fifteen_minutes() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let claims = app.claims(RESET, &reset_token(&app).await);
    assert_eq!(claims.as_object().unwrap().len(), 5);
    assert_eq!((&claims["email"], &claims["purpose"]), (&json!("alice@example.com"), &json!("password_reset")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!(claims["jti"].is_string());
}

#[actix_web::test]
async fn the_header_is_the_documents() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
}

#[actix_web::test]
async fn a_token_of_the_one_kind_is_none_of_the_other() {
    let app = TestApp::new().await;
    let access = register_alice(&app).await.data("token");
    let reset = reset_token(&app).await;
    assert_no_access(&app, &reset).await;
    assert_no_reset(&app, &access).await;
}

#[actix_web::test]
async fn the_claims_of_the_one_kind_under_the_key_of_the_other_are_refused() {
    let app = TestApp::new().await;
    let access = register_alice(&app).await.data("token");
    let reset = reset_token(&app).await;
    assert_no_access(&app, &app.sign(ACCESS, &app.claims(RESET, &reset))).await;
    assert_no_reset(&app, &app.sign(RESET, &app.claims(ACCESS, &access))).await;
    let mut purposeful = app.claims(ACCESS, &access);
    purposeful["purpose"] = json!("password_reset");
    assert_no_access(&app, &app.sign(ACCESS, &purposeful)).await;
}

#[actix_web::test]
async fn a_token_of_another_dialect_or_algorithm_is_refused() {
    let app = TestApp::new().await;
    let claims = app.claims(ACCESS, &register_alice(&app).await.data("token"));
    for key in [TokenKey { dialect: "mern", ..ACCESS }, TokenKey { kind: "refresh", ..ACCESS }] {
        let token = signer(vec![key]).sign(key, claims.as_object().unwrap()).unwrap();
        assert_no_access(&app, &token).await;
    }
    let (hs512, signer) = same_secret(ACCESS, Algorithm::Hs512);
    assert_no_access(&app, &signer.sign(hs512, claims.as_object().unwrap()).unwrap()).await;
}

#[actix_web::test]
async fn a_token_without_a_signature_is_refused() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let claims = token.split('.').nth(1).unwrap();
    for algorithm in ["none", "None", "NONE", "HS256"] {
        let header = encoded(&json!({ "alg": algorithm, "typ": "JWT" }));
        assert_no_access(&app, &format!("{header}.{claims}.")).await;
        assert_no_access(&app, &format!("{header}.{claims}")).await;
    }
}

#[actix_web::test]
async fn a_changed_token_is_refused() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = app.claims(ACCESS, &token);
    claims["id"] = json!("507f1f77bcf86cd799439011");
    assert_no_access(&app, &format!("{}.{}.{}", parts[0], encoded(&claims), parts[2])).await;
    assert_no_access(&app, &token[..token.len() - 2]).await;
    assert_no_access(&app, &format!("{token}.{}", parts[2])).await;
}

#[actix_web::test]
async fn an_access_token_expires_after_thirty_days_and_fifteen_seconds_of_leeway() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    app.wait(Duration::days(30) + Duration::seconds(14));
    assert_eq!(app.get_as(&token, ME).await.status, 200);
    app.wait(Duration::seconds(1));
    assert_no_access(&app, &token).await;
}

#[actix_web::test]
async fn a_well_signed_token_without_a_claim_is_refused() {
    let app = TestApp::new().await;
    let good = app.claims(ACCESS, &register_alice(&app).await.data("token"));
    for (key, value) in
        [("id", json!("x")), ("id", json!(1)), ("jti", json!("x")), ("jti", json!(null)), ("iat", json!("x"))]
    {
        let mut claims = good.clone();
        claims[key] = value;
        assert_no_access(&app, &app.sign(ACCESS, &claims)).await;
        claims.as_object_mut().unwrap().remove(key);
        assert_no_access(&app, &app.sign(ACCESS, &claims)).await;
    }
}

#[actix_web::test]
async fn a_token_with_another_epoch_is_refused() {
    let app = TestApp::new().await;
    let mut claims = app.claims(ACCESS, &register_alice(&app).await.data("token"));
    claims["jti"] = json!(format!("{}.aa", "0".repeat(32)));
    assert_no_access(&app, &app.sign(ACCESS, &claims)).await;
}

#[actix_web::test]
async fn a_reset_token_for_another_address_or_purpose_is_refused() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let good = app.claims(RESET, &reset_token(&app).await);
    for (key, value) in [("email", "bob@example.com"), ("purpose", "email_verification"), ("jti", "0")] {
        let mut claims = good.clone();
        claims[key] = json!(value);
        assert_no_reset(&app, &app.sign(RESET, &claims)).await;
    }
    let token = app.sign(RESET, &good);
    assert_eq!(reset(&app, &token, "battery staple").await.status, 200);
}
