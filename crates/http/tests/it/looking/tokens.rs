//! Tokens that are no good, and what each is told.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{AccountStatus, Role};
use vestibule_http::Access;

use super::{
    ACCESS, NEW_PASSWORD, PASSWORD, SESSION, USERS, a_super, a_user, account, anonymous, assert_body,
    assert_no_session, assert_no_token, assert_refused, login,
    routes::{guarded, request},
    token,
};
use crate::support::{Answer, TestApp, bearer};

/// What every guarded route answers to a token.
async fn answers(app: &TestApp, token: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for row in guarded() {
        answers.push(app.send(request(&row, super::NOBODY).insert_header(bearer(token))).await);
    }
    assert!(answers.len() >= 6);
    answers
}

#[actix_web::test]
async fn a_guarded_route_without_a_token_asks_for_one() {
    let app = TestApp::new().await;
    for row in guarded() {
        assert_no_token(&app.send(request(&row, super::NOBODY)).await);
    }
}

#[actix_web::test]
async fn a_signature_of_another_is_invalid() {
    let app = TestApp::without_limits().await;
    let alice = a_user(&app).await;
    let (message, _) = alice.token.rsplit_once('.').unwrap();
    let mut bad = vec![format!("{message}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    bad.extend(
        crate::confusion::tokens(&app, Role::User)
            .await
            .into_iter()
            .filter(|(key, _)| *key != ACCESS)
            .map(|(_, token)| token),
    );
    for token in bad {
        for answer in answers(&app, &token).await {
            assert_refused(&answer, "invalid signature");
        }
        assert_no_session(&app.get_as(&token, SESSION).await);
    }
}

#[actix_web::test]
async fn what_is_no_token_or_has_other_claims_is_malformed() {
    let app = TestApp::without_limits().await;
    let alice = a_user(&app).await;
    let claims = app.claims(ACCESS, &alice.token);
    let signed = |change: fn(&mut Value)| {
        let mut claims = claims.clone();
        change(&mut claims);
        app.sign(ACCESS, &claims)
    };
    let others = [
        signed(|claims| claims["role"] = json!("root")),
        signed(|claims| claims["uid"] = json!(1)),
        signed(|claims| claims["jti"] = json!("x")),
        signed(|claims| drop(claims.as_object_mut().unwrap().remove("username"))),
    ];
    for token in ["x", "a.b.c", "Bearer", &"t".repeat(5_000)].into_iter().chain(others.iter().map(String::as_str)) {
        for answer in answers(&app, token).await {
            assert_refused(&answer, "jwt malformed");
        }
        assert_no_session(&app.get_as(token, SESSION).await);
    }
    let basic = TestRequest::get().uri(USERS).insert_header(("Authorization", "Basic YTpi"));
    assert_refused(&app.send(basic).await, "jwt malformed");
}

#[actix_web::test]
async fn an_expired_token_is_told_when_it_expired() {
    let app = TestApp::without_limits().await;
    let alice = a_user(&app).await;
    let claims = app.claims(ACCESS, &alice.token);
    app.wait(Duration::hours(1) + Duration::seconds(15));
    let at = time::OffsetDateTime::from_unix_timestamp(claims["exp"].as_i64().unwrap()).unwrap();
    let at = at.format(&time::format_description::well_known::Rfc3339).unwrap();
    let err = json!({ "name": "TokenExpiredError", "message": "jwt expired", "expiredAt": at });
    let body = json!({ "message": "User not authorized to perform this action", "err": err });
    for answer in answers(&app, &alice.token).await {
        assert_body(&answer, 401, &body);
    }
    assert_no_session(&app.get_as(&alice.token, SESSION).await);
}

#[actix_web::test]
async fn a_token_ends_with_its_account_its_password_and_its_usability() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let fresh = async || {
        app.put(&account(2).build()).await;
        token(&login(&app, "user-2", PASSWORD).await)
    };
    let path = format!("{USERS}/{}", account(2).build().id().hex());
    let revoked = async |token: &str| {
        assert_refused(&app.send_as(token, Method::PUT, SESSION, &json!({})).await, "jwt revoked");
        assert_no_session(&app.get_as(token, SESSION).await);
    };
    let token = fresh().await;
    let body = json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD });
    assert_eq!(root.put(&app, &path, &body).await.status, 200);
    revoked(&token).await;
    assert_eq!(app.get_as(&root.token, SESSION).await.status, 200, "the session of another goes on");
    let token = fresh().await;
    app.put(&account(2).status(AccountStatus::Disabled).build()).await;
    revoked(&token).await;
    let token = fresh().await;
    assert_eq!(root.delete(&app, &path).await.status, 200);
    revoked(&token).await;
}

#[actix_web::test]
async fn a_token_of_one_session_is_none_of_another() {
    let app = TestApp::without_limits().await;
    let (alice, bob) = (a_user(&app).await, super::client(&app, account(3)).await);
    let visitor = anonymous(&app).await;
    let session = |token: &str| app.claims(ACCESS, token)["jti"].clone();
    let signed = |of: &str, jti: Value| {
        let mut claims = app.claims(ACCESS, of);
        claims["jti"] = jti;
        app.sign(ACCESS, &claims)
    };
    for forged in [
        signed(&alice.token, session(&bob.token)),
        signed(&alice.token, session(&visitor)),
        signed(&visitor, session(&alice.token)),
        signed(&alice.token, json!("507f1f77bcf86cd799439011.aa")),
    ] {
        assert_refused(&app.send_as(&forged, Method::PUT, SESSION, &json!({})).await, "jwt revoked");
    }
}

#[actix_web::test]
async fn a_guarded_route_asks_for_an_account_unless_its_row_lets_anybody_in() {
    let app = TestApp::new().await;
    let visitor = anonymous(&app).await;
    for row in guarded().into_iter().filter(|row| row.access != Access::Bearer) {
        let answer = app.send(request(&row, super::NOBODY).insert_header(bearer(&visitor))).await;
        let lets_in = matches!(row.access, Access::PermittedOrAnonymous(_));
        assert_eq!(answer.status == 403, !lets_in, "{} {}: {}", row.method, row.path, answer.text);
    }
}
