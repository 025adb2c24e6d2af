//! Waits and limits: 429 with `Retry-After`.

use actix_web::http::Method;
use serde_json::json;
use time::Duration;
use vestibule_domain::Role;

use super::{
    AD_LOGIN, ALICE, LOGIN, PASSWORD, REGISTER, REQUEST_RESET, RESEND, TOO_MANY, UPDATE_PASSWORD, WRONG, account,
    alice, assert_failed, code, login, register_alice, reset, reset_token, session, verified_alice, verify,
};
use crate::support::{Answer, HOME, TestApp};

const ELSEWHERE: &str = "198.51.100.7:4000";

#[track_caller]
fn assert_too_many(answer: &Answer, retry_after: u64) {
    assert_failed(answer, TOO_MANY);
    assert_eq!(answer.header("retry-after"), retry_after.to_string());
}

async fn guess(app: &TestApp, address: &str, path: &str, email: &str) -> Answer {
    app.post_from(address, path, &json!({ "email": email, "password": "wrong" })).await
}

#[actix_web::test]
async fn wrong_passwords_make_an_account_wait_whichever_door_they_come_to() {
    for email in ["user-1@example.com", "nobody@example.com"] {
        let app = TestApp::new().await;
        app.put(&account(1, Role::Root).build()).await;
        for path in [LOGIN, AD_LOGIN, LOGIN, AD_LOGIN] {
            assert_failed(&guess(&app, HOME, path, email).await, WRONG);
        }
        assert_eq!(guess(&app, HOME, "/api/auth/login", email).await.status, 401);
        assert_too_many(&guess(&app, HOME, LOGIN, email).await, 3);
        assert_too_many(&guess(&app, HOME, AD_LOGIN, email).await, 3);
        app.wait(Duration::seconds(3));
        assert_failed(&guess(&app, HOME, LOGIN, email).await, WRONG);
        assert_too_many(&guess(&app, HOME, AD_LOGIN, email).await, 10);
    }
}

#[actix_web::test]
async fn the_right_password_waits_too_and_strangers_do_not_lock_the_owner_out() {
    let app = TestApp::new().await;
    app.put(&account(1, Role::User).build()).await;
    let email = "user-1@example.com";
    session(&app, email).await;
    for _ in 0..5 {
        guess(&app, ELSEWHERE, LOGIN, email).await;
    }
    let right = json!({ "email": email, "password": PASSWORD });
    assert_too_many(&app.post_from(ELSEWHERE, LOGIN, &right).await, 3);
    assert_eq!(app.post(LOGIN, &right).await.status, 200);
}

#[actix_web::test]
async fn wrong_present_passwords_wait_too() {
    let app = TestApp::new().await;
    app.put(&account(1, Role::User).build()).await;
    let token = session(&app, "user-1@example.com").await.access;
    let body = json!({ "currentPassword": "wrong", "password": "battery staple" });
    for _ in 0..5 {
        assert_eq!(app.send_as(&token, Method::PUT, UPDATE_PASSWORD, &body).await.status, 400);
    }
    assert_too_many(&app.send_as(&token, Method::PUT, UPDATE_PASSWORD, &body).await, 3);
}

#[actix_web::test]
async fn ten_sign_ins_a_minute_come_from_one_source_through_both_doors() {
    let app = TestApp::new().await;
    for number in 0..10 {
        let path = if number % 2 == 0 { LOGIN } else { AD_LOGIN };
        assert_failed(&guess(&app, HOME, path, &format!("nobody-{number}@example.com")).await, WRONG);
    }
    for path in [LOGIN, AD_LOGIN] {
        assert_too_many(&guess(&app, HOME, path, "nobody@example.com").await, 6);
        assert_failed(&guess(&app, ELSEWHERE, path, "nobody@example.com").await, WRONG);
    }
}

#[actix_web::test]
async fn twenty_registrations_an_hour_come_from_one_source() {
    let app = TestApp::new().await;
    let body = |number: usize| {
        let mut body = alice();
        body["email"] = json!(format!("a-{number}@example.com"));
        body
    };
    for number in 0..20 {
        assert_eq!(app.post(REGISTER, &body(number)).await.status, 201);
    }
    assert_too_many(&app.post(REGISTER, &body(20)).await, 180);
    assert_eq!(app.post_from(ELSEWHERE, REGISTER, &body(20)).await.status, 201);
}

#[actix_web::test]
async fn one_code_a_minute_goes_to_a_mailbox_whoever_asks_and_whether_or_not_it_is_known() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    app.wait(Duration::seconds(20));
    assert_too_many(&app.post(RESEND, &json!({ "email": ALICE })).await, 40);
    assert_too_many(&app.post(REGISTER, &alice()).await, 40);
    let nobody = json!({ "email": "nobody@example.com" });
    assert_eq!(app.post(RESEND, &nobody).await.status, 200);
    assert_too_many(&app.post_from(ELSEWHERE, RESEND, &nobody).await, 60);
}

#[actix_web::test]
async fn one_reset_a_minute_goes_to_a_mailbox_over_all_dialects() {
    let app = TestApp::new().await;
    app.put(&account(1, Role::User).build()).await;
    for email in ["user-1@example.com", "nobody@example.com"] {
        let body = json!({ "email": email });
        assert_eq!(app.post(REQUEST_RESET, &body).await.status, 200);
        app.wait(Duration::seconds(20));
        assert_too_many(&app.post_from(ELSEWHERE, REQUEST_RESET, &body).await, 40);
        let contacts = app.post_from(ELSEWHERE, "/api/auth/forgot-password", &body).await;
        assert_eq!((contacts.status, contacts.header("retry-after")), (429, "40"));
    }
}

#[actix_web::test]
async fn five_mails_an_hour_go_to_a_mailbox_over_all_purposes() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    for number in 1..=4 {
        app.wait(Duration::minutes(2));
        let (from, path) = (format!("198.51.100.{number}:4000"), if number % 2 == 0 { RESEND } else { REQUEST_RESET });
        assert_eq!(app.post_from(&from, path, &json!({ "email": ALICE })).await.status, 200);
    }
    app.wait(Duration::minutes(2));
    for path in [RESEND, REQUEST_RESET] {
        assert_too_many(&app.post_from("203.0.113.5:4000", path, &json!({ "email": ALICE })).await, 50 * 60);
    }
}

#[actix_web::test]
async fn five_requests_for_mail_an_hour_come_from_one_source() {
    let app = TestApp::new().await;
    let body = |number: usize| json!({ "email": format!("nobody-{number}@example.com") });
    for number in 0..5 {
        let path = if number % 2 == 0 { RESEND } else { REQUEST_RESET };
        assert_eq!(app.post(path, &body(number)).await.status, 200);
    }
    for path in [RESEND, REQUEST_RESET] {
        assert_too_many(&app.post(path, &body(5)).await, 720);
        assert_eq!(app.post_from(ELSEWHERE, path, &body(5)).await.status, 200);
    }
}

#[actix_web::test]
async fn ten_wrong_codes_a_day_close_an_accounts_codes() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    for round in 0..2 {
        for _ in 0..5 {
            assert_eq!(verify(&app, ALICE, "000000").await.status, 400, "{round}");
        }
        app.wait(Duration::seconds(61));
        assert_eq!(app.post(RESEND, &json!({ "email": ALICE })).await.status, 200);
    }
    let code = code(&app, ALICE).await;
    assert_eq!(verify(&app, ALICE, &code).await.status, 400);
}

#[actix_web::test]
async fn a_reset_opens_the_account_to_strangers_again() {
    let app = TestApp::new().await;
    verified_alice(&app).await;
    let token = reset_token(&app, ALICE).await;
    for _ in 0..5 {
        guess(&app, ELSEWHERE, LOGIN, ALICE).await;
    }
    assert_too_many(&guess(&app, ELSEWHERE, LOGIN, ALICE).await, 3);
    assert_eq!(reset(&app, &token, "battery staple").await.status, 200);
    assert_failed(&guess(&app, ELSEWHERE, LOGIN, ALICE).await, WRONG);
}

#[actix_web::test]
async fn without_limits_nothing_waits() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    for _ in 0..25 {
        assert_eq!(login(&app, ALICE, "wrong").await.status, 401);
        assert_eq!(app.post(RESEND, &json!({ "email": ALICE })).await.status, 200);
        assert_eq!(app.post(REQUEST_RESET, &json!({ "email": ALICE })).await.status, 200);
        assert_eq!(app.post(REGISTER, &alice()).await.status, 201);
    }
}
