//! Signing in, and the token.

use serde_json::{Value, json};
use time::Duration;
use vestibule_application::{Algorithm, TokenKey};
use vestibule_domain::Role;

use super::{ALICE, LOGIN, PASSWORD, USER, VERIFY, alice, alices, assert_failed, client_of, login, put};
use crate::support::{TestApp, get, post};

const ACCESS: TokenKey = TokenKey { dialect: "rococoins", kind: "access", algorithm: Algorithm::Hs256 };

#[actix_web::test]
async fn a_sign_in_by_either_identifier_answers_exactly_a_token() {
    let app = TestApp::without_limits().await;
    app.post(USER, &alice()).await;
    for (name, value) in
        [("email", ALICE), ("email", " Alice@Example.COM "), ("username", "alice"), ("username", "ALICE")]
    {
        let answer = app.post(LOGIN, &json!({ name: value, "password": PASSWORD })).await;
        assert_eq!(
            (answer.status, answer.redacted().as_str()),
            (200, r#"{"success":true,"token":"[token]"}"#),
            "{value}"
        );
    }
}

#[actix_web::test]
async fn whatever_is_wrong_with_a_sign_in_is_told_alike() {
    let app = TestApp::without_limits().await;
    app.post(USER, &alice()).await;
    for body in [
        json!({}),
        json!({ "email": ALICE }),
        json!({ "password": PASSWORD }),
        json!({ "email": ALICE, "password": "wrong horse" }),
        json!({ "email": "nobody@example.com", "password": PASSWORD }),
        json!({ "username": "nobody", "password": PASSWORD }),
        json!({ "username": "not a name", "password": PASSWORD }),
        json!({ "email": 1, "password": PASSWORD }),
        json!({ "email": ALICE, "password": 1 }),
        json!({ "email": null, "password": PASSWORD }),
    ] {
        assert_failed(&app.post(LOGIN, &body).await, 401, "Invalid credentials");
    }
    let both = json!({ "email": ALICE, "username": "alice", "password": PASSWORD });
    assert_failed(&app.post(LOGIN, &both).await, 400, "Give either an email or a username");
    for body in ["{", "[]", "null", "\"x\""] {
        assert_failed(&app.send(post(LOGIN).set_payload(body)).await, 400, "Invalid request body");
    }
}

#[actix_web::test]
async fn a_token_lives_an_hour_and_carries_no_right() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let claims = app.claims(ACCESS, &alice.token);
    let mut keys: Vec<&String> = claims.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["exp", "iat", "id", "jti"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_600);
    app.wait(Duration::minutes(59));
    assert_eq!(app.get_as(&alice.token, VERIFY).await.status, 200);
    app.wait(Duration::minutes(2));
    assert_failed(&app.get_as(&alice.token, VERIFY).await, 401, "Invalid or expired token");
}

#[actix_web::test]
async fn no_token_and_a_bad_one_are_told_apart() {
    let app = TestApp::new().await;
    assert_failed(&app.send(get(VERIFY)).await, 401, "No token provided");
    for value in ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c", "Bearer a, Bearer b"] {
        let answer = app.send(get(VERIFY).insert_header(("Authorization", value))).await;
        assert_failed(&answer, 401, "Invalid or expired token");
    }
    let claims =
        json!({ "id": super::NOBODY, "iat": 1, "exp": 4_000_000_000u64, "jti": format!("{}.a", "0".repeat(32)) });
    let unknown = app.sign(ACCESS, &claims);
    assert_failed(&app.get_as(&unknown, VERIFY).await, 401, "Invalid or expired token");
}

#[actix_web::test]
async fn a_suspension_ends_tokens_for_good_and_sign_ins_while_it_lasts() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = client_of(&app, 9, Role::Admin).await;
    let path = format!("/user/admin/{}", alice.id);
    let suspended = put(&app, &admin, &path, &json!({ "status": "suspended" })).await;
    assert_eq!(suspended.json()["user"]["status"], "suspended", "{}", suspended.text);
    assert_failed(&app.get_as(&alice.token, VERIFY).await, 401, "Invalid or expired token");
    assert_failed(&login(&app, ALICE, PASSWORD).await, 401, "Invalid credentials");
    put(&app, &admin, &path, &json!({ "status": "active" })).await;
    assert_failed(&app.get_as(&alice.token, VERIFY).await, 401, "Invalid or expired token");
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn wrong_passwords_make_the_next_one_wait() {
    let app = TestApp::new().await;
    app.post(USER, &alice()).await;
    let mut last = Value::Null;
    for _ in 0..6 {
        let answer = login(&app, ALICE, "wrong horse").await;
        last = json!([answer.status, answer.header("retry-after").is_empty()]);
    }
    assert_eq!(last, json!([429, false]));
}
