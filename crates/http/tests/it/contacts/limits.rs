//! Waits and limits: 429 with `Retry-After`.

use serde_json::json;
use time::Duration;

use super::{
    ALICE, CHECK, FORGOT, LOGIN, PASSWORD, REGISTER, assert_failed, login, register_alice, request_code, reset, verify,
};
use crate::support::{Answer, HOME, Setup, TestApp, post};

const ELSEWHERE: &str = "198.51.100.7:4000";

#[track_caller]
fn assert_too_many(answer: &Answer, retry_after: u64) {
    assert_failed(answer, 429, "Too many requests");
    assert_eq!(answer.header("retry-after"), retry_after.to_string());
}

/// Signs in with a wrong password.
async fn guess(app: &TestApp, address: &str, email: &str) -> Answer {
    app.post_from(address, LOGIN, &json!({ "email": email, "password": "wrong horse" })).await
}

/// Asserts the waits that follow wrong passwords.
async fn assert_waits(app: &TestApp, email: &str) {
    for _ in 0..5 {
        assert_failed(&guess(app, HOME, email).await, 401, "Invalid credentials");
    }
    assert_too_many(&guess(app, HOME, email).await, 3);
    app.wait(Duration::seconds(3));
    assert_failed(&guess(app, HOME, email).await, 401, "Invalid credentials");
    assert_too_many(&guess(app, HOME, email).await, 10);
    app.wait(Duration::seconds(10));
    assert_failed(&guess(app, HOME, email).await, 401, "Invalid credentials");
    assert_too_many(&guess(app, HOME, email).await, 60);
}

#[actix_web::test]
async fn wrong_passwords_make_an_account_wait() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    assert_waits(&app, ALICE).await;
    app.wait(Duration::seconds(60));
    assert_eq!(login(&app, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn an_account_that_does_not_exist_waits_alike() {
    let app = TestApp::new().await;
    assert_waits(&app, "nobody@example.com").await;
    let app = TestApp::new().await;
    assert_waits(&app, "no address").await;
}

#[actix_web::test]
async fn the_right_password_has_to_wait_too_and_ends_the_count() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    for _ in 0..5 {
        guess(&app, HOME, ALICE).await;
    }
    assert_too_many(&login(&app, PASSWORD).await, 3);
    app.wait(Duration::seconds(61));
    assert_eq!(login(&app, PASSWORD).await.status, 200);
    for _ in 0..5 {
        assert_failed(&guess(&app, HOME, ALICE).await, 401, "Invalid credentials");
    }
}

#[actix_web::test]
async fn strangers_who_guess_do_not_lock_the_owner_out() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    assert_eq!(login(&app, PASSWORD).await.status, 200);
    for _ in 0..5 {
        guess(&app, ELSEWHERE, ALICE).await;
    }
    assert_too_many(&guess(&app, ELSEWHERE, ALICE).await, 3);
    assert_eq!(login(&app, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_reset_opens_the_account_to_strangers_again() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = request_code(&app).await;
    for _ in 0..5 {
        guess(&app, ELSEWHERE, ALICE).await;
    }
    reset(&app, &verify(&app, &code).await.data("resetToken"), "battery staple").await;
    assert_failed(&guess(&app, ELSEWHERE, ALICE).await, 401, "Invalid credentials");
}

#[actix_web::test]
async fn ten_sign_ins_a_minute_come_from_one_source() {
    let app = TestApp::new().await;
    for number in 0..10 {
        assert_eq!(guess(&app, HOME, &format!("nobody-{number}@example.com")).await.status, 401);
    }
    assert_too_many(&guess(&app, HOME, "nobody@example.com").await, 6);
    assert_eq!(guess(&app, ELSEWHERE, "nobody@example.com").await.status, 401);
}

#[actix_web::test]
async fn sources_behind_a_trusted_proxy_are_told_apart() {
    let mut setup = Setup::default();
    setup.options.trusted_proxies = vec!["192.0.2.0/24".parse().unwrap()];
    let app = TestApp::with(setup).await;
    let from = |client: &'static str, number: usize| {
        let body = json!({ "email": format!("nobody-{number}@example.com"), "password": PASSWORD });
        post(LOGIN).insert_header(("X-Forwarded-For", client)).set_payload(body.to_string())
    };
    for number in 0..10 {
        assert_eq!(app.send(from("203.0.113.5", number)).await.status, 401);
    }
    assert_eq!(app.send(from("203.0.113.5", 10)).await.status, 429);
    assert_eq!(app.send(from("203.0.113.6", 10)).await.status, 401);
}

#[actix_web::test]
async fn twenty_registrations_an_hour_come_from_one_source() {
    let app = TestApp::new().await;
    let body =
        |number: usize| json!({ "fullName": "A", "email": format!("a-{number}@example.com"), "password": PASSWORD });
    for number in 0..20 {
        assert_eq!(app.post(REGISTER, &body(number)).await.status, 201);
    }
    assert_too_many(&app.post(REGISTER, &body(20)).await, 180);
    assert_eq!(app.post_from(ELSEWHERE, REGISTER, &body(20)).await.status, 201);
}

#[actix_web::test]
async fn one_code_a_minute_goes_to_a_mailbox_whether_or_not_it_has_an_account() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    for email in [ALICE, "nobody@example.com"] {
        let body = json!({ "email": email });
        assert_eq!(app.post(FORGOT, &body).await.status, 200);
        app.wait(Duration::seconds(20));
        assert_too_many(&app.post_from(ELSEWHERE, FORGOT, &body).await, 40);
        app.wait(Duration::seconds(40));
        assert_eq!(app.post_from(ELSEWHERE, FORGOT, &body).await.status, 200);
    }
    assert_eq!(app.mails(ALICE).await.len(), 2);
}

#[actix_web::test]
async fn five_codes_an_hour_go_to_a_mailbox() {
    let app = TestApp::new().await;
    for email in [ALICE, "nobody@example.com"] {
        for number in 1..=5 {
            let from = format!("198.51.100.{number}:4000");
            assert_eq!(app.post_from(&from, FORGOT, &json!({ "email": email })).await.status, 200);
            app.wait(Duration::minutes(2));
        }
        let answer = app.post_from("203.0.113.5:4000", FORGOT, &json!({ "email": email })).await;
        assert_too_many(&answer, 50 * 60);
    }
}

#[actix_web::test]
async fn five_requests_for_mail_an_hour_come_from_one_source() {
    let app = TestApp::new().await;
    let body = |number: usize| json!({ "email": format!("nobody-{number}@example.com") });
    for number in 0..5 {
        assert_eq!(app.post(FORGOT, &body(number)).await.status, 200);
    }
    assert_too_many(&app.post(FORGOT, &body(5)).await, 720);
    assert_eq!(app.post_from(ELSEWHERE, FORGOT, &body(5)).await.status, 200);
}

#[actix_web::test]
async fn thirty_look_ups_an_hour_are_an_accounts() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let body = json!({ "identifiers": [ALICE] });
    for _ in 0..30 {
        assert_eq!(app.post_as(&token, CHECK, &body).await.status, 200);
    }
    assert_too_many(&app.post_as(&token, CHECK, &body).await, 120);
}

#[actix_web::test]
async fn five_thousand_identifiers_an_hour_are_an_accounts() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let body = |count: usize| json!({ "identifiers": vec![ALICE; count] });
    for _ in 0..10 {
        assert_eq!(app.post_as(&token, CHECK, &body(500)).await.status, 200);
    }
    assert_too_many(&app.post_as(&token, CHECK, &body(1)).await, 1);
}

#[actix_web::test]
async fn without_limits_nothing_waits_but_a_code_still_dies() {
    let app = TestApp::without_limits().await;
    let token = register_alice(&app).await.data("token");
    for _ in 0..40 {
        assert_eq!(guess(&app, HOME, ALICE).await.status, 401);
        assert_eq!(app.post(FORGOT, &json!({ "email": ALICE })).await.status, 200);
        assert_eq!(app.post_as(&token, CHECK, &json!({ "identifiers": [ALICE] })).await.status, 200);
    }
    let code = app.code(ALICE).await;
    for _ in 0..5 {
        verify(&app, &super::another_code(&code)).await;
    }
    assert_eq!(verify(&app, &code).await.status, 400);
}
