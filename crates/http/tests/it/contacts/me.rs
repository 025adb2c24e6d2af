//! `GET /api/auth/me`.

use actix_web::{http::Method, test::TestRequest};
use insta::assert_snapshot;
use vestibule_application::{
    Operator,
    accounts::{AccountChange, NewStatus},
};
use vestibule_domain::AccountId;

use super::{ME, PASSWORD, assert_failed, login, register_alice};
use crate::support::{TestApp, bearer, get};

#[actix_web::test]
async fn the_signed_in_account_is_shown() {
    let app = TestApp::new().await;
    let registered = register_alice(&app).await;
    let answer = app.get_as(&registered.data("token"), ME).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    assert_eq!(answer.data("id"), registered.data("_id"));
}

#[actix_web::test]
async fn a_head_request_is_answered_like_a_get() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let head = TestRequest::with_uri(ME).method(Method::HEAD);
    assert_eq!(app.send(head.insert_header(bearer(&token))).await.status, 200);
}

#[actix_web::test]
async fn a_removed_account_is_not_found() {
    let app = TestApp::new().await;
    let registered = register_alice(&app).await;
    app.remove(&registered.data("_id")).await;
    assert_failed(&app.get_as(&registered.data("token"), ME).await, 404, "User not found");
}

#[actix_web::test]
async fn a_disabled_account_is_out_and_stays_out_when_it_is_enabled() {
    let app = TestApp::new().await;
    let registered = register_alice(&app).await;
    let id = AccountId::from_hex(&registered.data("_id")).unwrap();
    for change in [AccountChange::status(NewStatus::Suspended), AccountChange::status(NewStatus::Active)] {
        app.app.change_account(Operator::at_the_console().authority_over(id), change).await.unwrap();
        assert_failed(&app.get_as(&registered.data("token"), ME).await, 401, "Not authorized, no token");
    }
    let token = login(&app, PASSWORD).await.data("token");
    assert_eq!(app.get_as(&token, ME).await.status, 200);
}

#[actix_web::test]
async fn the_scheme_is_bearer_in_any_case_and_no_other() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = app.send(get(ME).insert_header(("Authorization", format!("{scheme} {token}")))).await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
    for value in [token.clone(), format!("Basic {token}"), format!("Token {token}"), "Bearer".to_owned()] {
        let answer = app.send(get(ME).insert_header(("Authorization", value))).await;
        assert_failed(&answer, 401, "Not authorized, no token");
    }
}

#[actix_web::test]
async fn a_token_travels_in_no_other_way() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let cookie = get(ME).insert_header(("Cookie", format!("token={token}")));
    assert_failed(&app.send(cookie).await, 401, "Not authorized, no token");
    assert_failed(&app.send(get(&format!("{ME}?token={token}"))).await, 401, "Not authorized, no token");
}
