//! Access tokens: what is in them, how they travel, and what is refused.

use actix_web::http::header::HeaderValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::Duration;
use vestibule_application::Algorithm;
use vestibule_domain::Role;
use vestibule_ports::TokenSigner;
use vestibule_testkit::FixedClock;

use super::{
    ACCESS, PROFILE, REFRESH, REFRESH_TOKEN, alices_session, assert_refused, assert_sentence,
    routes::{request, rows},
    session_of,
};
use crate::support::{TestApp, bearer, get, same_secret, signer};

const NO_TOKEN: &str = "Attention le token n'est pas present";

/// Asserts that a text is no access token, on every route that asks for one.
async fn assert_no_access(app: &TestApp, token: &str) {
    for row in rows().iter().filter(|row| row.access.needs_token()) {
        assert_refused(&app.send(request(row).insert_header(bearer(token))).await);
    }
}

fn encoded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

#[actix_web::test]
async fn both_tokens_have_the_documents_header_claims_and_lifetimes() {
    let app = TestApp::without_limits().await;
    for (number, role, word) in [(1, Role::User, "user"), (2, Role::Admin, "admin"), (3, Role::Root, "superadmin")] {
        let tokens = session_of(&app, number, role).await;
        for (key, token, lifetime) in [(ACCESS, &tokens.access, 1_800), (REFRESH, &tokens.refresh, 604_800)] {
            assert!(
                token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.") || {
                    let head = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
                    serde_json::from_slice::<Value>(&head).unwrap() == json!({ "alg": "HS256", "typ": "JWT" })
                }
            );
            let claims = app.claims(key, token);
            let mut names: Vec<&String> = claims.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, ["exp", "iat", "jti", "role", "userId"]);
            assert_eq!(claims["role"], word);
            assert_eq!(claims["userId"].as_str().unwrap().len(), 24);
            assert_eq!(claims["iat"], FixedClock::START.unix_timestamp());
            assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), lifetime);
        }
    }
}

#[actix_web::test]
async fn a_token_travels_in_two_headers() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    for (name, value) in [
        ("Authorization", format!("Bearer {token}")),
        ("Authorization", format!("bearer  {token}")),
        ("authentication", token.clone()),
        ("authentication", format!("Bearer {token}")),
    ] {
        assert_eq!(app.send(get(PROFILE).insert_header((name, value))).await.status, 200, "{name}");
    }
    for (name, value) in [
        ("Authorization", token.clone()),
        ("Authorization", "Bearer".to_owned()),
        ("Authorization", format!("Basic {token}")),
        ("authentication", String::new()),
        ("Cookie", format!("token={token}")),
    ] {
        assert_sentence(&app.send(get(PROFILE).insert_header((name, value))).await, 401, NO_TOKEN);
    }
    let both = get(PROFILE).insert_header(bearer("x")).insert_header(("authentication", token.clone()));
    assert_refused(&app.send(both).await);
    assert_sentence(&app.send(get(&format!("{PROFILE}?token={token}"))).await, 401, NO_TOKEN);
}

#[actix_web::test]
async fn hostile_tokens_are_refused() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let mut root = app.claims(ACCESS, &token);
    root["role"] = json!("superadmin");
    for bad in [
        "x".to_owned(),
        "a.b".to_owned(),
        "a.b.c".to_owned(),
        format!("{token}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{}.{signature}", encoded(&root)),
        token[..token.len() - 2].to_owned(),
        format!("{token} {token}"),
        "x".repeat(5_000),
    ] {
        assert_no_access(&app, &bad).await;
    }
    for algorithm in ["none", "None", "NONE"] {
        let header = encoded(&json!({ "alg": algorithm, "typ": "JWT" }));
        assert_no_access(&app, &format!("{header}.{claims}.")).await;
    }
    let bytes = HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    assert_refused(&app.send(get(PROFILE).insert_header(("Authorization", bytes))).await);
}

#[actix_web::test]
async fn an_access_token_lives_thirty_minutes_and_fifteen_seconds_of_leeway() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    app.wait(Duration::minutes(30) + Duration::seconds(14));
    assert_eq!(app.get_as(&token, PROFILE).await.status, 200);
    app.wait(Duration::seconds(1));
    assert_no_access(&app, &token).await;
}

#[actix_web::test]
async fn the_right_claims_under_any_other_key_are_refused() {
    let app = TestApp::new().await;
    let tokens = alices_session(&app).await;
    let (access, refresh) = (app.claims(ACCESS, &tokens.access), app.claims(REFRESH, &tokens.refresh));
    let own = vestibule_http::token_keys().into_iter().map(|key| (key, signer(vec![key])));
    let hs512 = [ACCESS, REFRESH].map(|key| same_secret(key, Algorithm::Hs512));
    for (key, signer) in own.chain(hs512) {
        if key != ACCESS {
            assert_no_access(&app, &signer.sign(key, access.as_object().unwrap()).unwrap()).await;
        }
        if key != REFRESH {
            let token = signer.sign(key, refresh.as_object().unwrap()).unwrap();
            assert_refused(&app.post(REFRESH_TOKEN, &json!({ "refreshToken": token })).await);
        }
    }
}

#[actix_web::test]
async fn the_claims_of_the_one_kind_under_the_key_of_the_other_are_refused() {
    let app = TestApp::new().await;
    let tokens = alices_session(&app).await;
    assert_no_access(&app, &app.sign(ACCESS, &app.claims(REFRESH, &tokens.refresh))).await;
    let swapped = app.sign(REFRESH, &app.claims(ACCESS, &tokens.access));
    assert_refused(&app.post(REFRESH_TOKEN, &json!({ "refreshToken": swapped })).await);
}

#[actix_web::test]
async fn a_well_signed_token_with_another_claim_is_refused() {
    let app = TestApp::without_limits().await;
    let (own, other) = (session_of(&app, 1, Role::User).await, session_of(&app, 2, Role::Root).await);
    let good = app.claims(ACCESS, &own.access);
    let others = app.claims(ACCESS, &other.access);
    for (key, value) in [
        ("userId", json!("x")),
        ("userId", others["userId"].clone()),
        ("jti", json!("x")),
        ("jti", others["jti"].clone()),
        ("jti", json!("507f1f77bcf86cd799439011.0")),
        ("iat", json!("x")),
        ("role", json!(1)),
        ("sub", json!("x")),
    ] {
        let mut claims = good.clone();
        claims[key] = value;
        assert_no_access(&app, &app.sign(ACCESS, &claims)).await;
        if key != "sub" {
            claims.as_object_mut().unwrap().remove(key);
            assert_no_access(&app, &app.sign(ACCESS, &claims)).await;
        }
    }
    assert_eq!(app.get_as(&app.sign(ACCESS, &good), PROFILE).await.status, 200);
}

#[actix_web::test]
async fn the_role_in_a_token_grants_nothing() {
    let app = TestApp::without_limits().await;
    let tokens = session_of(&app, 1, Role::User).await;
    let mut claims = app.claims(ACCESS, &tokens.access);
    claims["role"] = json!("superadmin");
    let answer = app.post_as(&app.sign(ACCESS, &claims), super::SUPERADMIN, &json!({})).await;
    super::assert_failed(&answer, super::FORBIDDEN);
}
