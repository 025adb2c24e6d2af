//! The mailed code.

use serde_json::json;
use time::Duration;
use vestibule_domain::Role;

use super::{ALICE, NOBODY, OTP, VERIFY_OTP, alices, assert_failed, assert_said, client_of, put};
use crate::support::TestApp;

const SENT: &str = "OTP sent successfully";
const VERIFIED: &str = "OTP verified successfully";
const INVALID: &str = "Invalid or expired OTP";

#[actix_web::test]
async fn a_code_goes_to_the_mailbox_of_an_id_or_an_address_and_proves_it_once() {
    for by_id in [true, false] {
        let app = TestApp::without_limits().await;
        let alice = alices(&app).await;
        let body = if by_id { json!({ "userId": alice.id }) } else { json!({ "email": ALICE }) };
        assert_said(&app.post(OTP, &body).await, SENT);
        let otp = app.code(ALICE).await;
        let body = json!({ "userId": alice.id, "otp": format!(" {otp} ") });
        assert_said(&app.post(VERIFY_OTP, &body).await, VERIFIED);
        assert_failed(&app.post(VERIFY_OTP, &body).await, 400, INVALID);
    }
}

#[actix_web::test]
async fn a_proven_mailbox_gets_codes_too() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    for _ in 0..2 {
        app.wait(Duration::SECOND);
        assert_said(&app.post(OTP, &json!({ "userId": alice.id })).await, SENT);
        let otp = app.code(ALICE).await;
        assert_said(&app.post(VERIFY_OTP, &json!({ "userId": alice.id, "otp": otp })).await, VERIFIED);
    }
}

#[actix_web::test]
async fn an_unknown_or_suspended_account_is_told_the_same_and_mailed_nothing() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    for body in [json!({ "userId": NOBODY }), json!({ "email": "nobody@example.com" }), json!({ "email": "x" })] {
        assert_said(&app.post(OTP, &body).await, SENT);
    }
    let admin = client_of(&app, 9, Role::Admin).await;
    put(&app, &admin, &format!("/user/admin/{}", alice.id), &json!({ "status": "suspended" })).await;
    assert_said(&app.post(OTP, &json!({ "userId": alice.id })).await, SENT);
    assert!(app.app.list_mailbox(None).await.unwrap().is_empty());
}

#[actix_web::test]
async fn a_second_code_within_the_minute_waits_whoever_it_is_for() {
    let app = TestApp::new().await;
    let alice = alices(&app).await;
    for body in [json!({ "userId": alice.id }), json!({ "userId": NOBODY })] {
        assert_said(&app.post(OTP, &body).await, SENT);
        let second = app.post(OTP, &body).await;
        assert_failed(&second, 429, "Too many requests");
        assert_eq!(second.header("retry-after"), "60");
    }
    let otp = app.code(ALICE).await;
    let verified = app.post(VERIFY_OTP, &json!({ "userId": alice.id, "otp": otp })).await;
    assert_said(&verified, VERIFIED);
}

#[actix_web::test]
async fn a_malformed_request_is_told_apart_from_a_wrong_code() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    for (path, body, message) in [
        (OTP, json!({}), "userId is required"),
        (OTP, json!({ "userId": "x" }), "Invalid user id"),
        (OTP, json!({ "userId": 1 }), "userId is invalid"),
        (VERIFY_OTP, json!({ "otp": "000000" }), "userId is required"),
        (VERIFY_OTP, json!({ "userId": "x", "otp": "000000" }), "Invalid user id"),
        (VERIFY_OTP, json!({ "userId": alice.id }), "otp is required"),
        (VERIFY_OTP, json!({ "userId": alice.id, "otp": 123_456 }), INVALID),
        (VERIFY_OTP, json!({ "userId": alice.id, "otp": "12345" }), INVALID),
        (VERIFY_OTP, json!({ "userId": alice.id, "otp": "123456" }), INVALID),
        (VERIFY_OTP, json!({ "userId": NOBODY, "otp": "123456" }), INVALID),
    ] {
        assert_failed(&app.post(path, &body).await, 400, message);
    }
}

#[actix_web::test]
async fn five_tries_use_a_code_up_and_another_form_is_no_try() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    app.post(OTP, &json!({ "userId": alice.id })).await;
    let otp = app.code(ALICE).await;
    let wrong = if otp == "000000" { "000001" } else { "000000" };
    for typed in ["x", "1234567", wrong, wrong, wrong, wrong, "12 456"] {
        assert_failed(&app.post(VERIFY_OTP, &json!({ "userId": alice.id, "otp": typed })).await, 400, INVALID);
    }
    assert_said(&app.post(VERIFY_OTP, &json!({ "userId": alice.id, "otp": otp })).await, VERIFIED);
    app.wait(Duration::SECOND);
    app.post(OTP, &json!({ "userId": alice.id })).await;
    let otp = app.code(ALICE).await;
    let wrong = if otp == "000000" { "000001" } else { "000000" };
    for typed in [wrong; 5] {
        assert_failed(&app.post(VERIFY_OTP, &json!({ "userId": alice.id, "otp": typed })).await, 400, INVALID);
    }
    assert_failed(&app.post(VERIFY_OTP, &json!({ "userId": alice.id, "otp": otp })).await, 400, INVALID);
}
