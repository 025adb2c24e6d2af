//! Mailed links: `send-token`, `verify-email`, `reset-password`.

use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{AccountStatus, Role};

use super::{
    ALICE, COMMON, PASSWORD, PROFILE, SEND, account, alices_token, assert_done, assert_failed, mailed_token, sign_in,
    sign_up, with, with_proof,
};
use crate::support::TestApp;

const NEW: &str = "battery staple";

fn request(purpose: &str) -> Value {
    json!({ "email": ALICE, "tokenPurpose": purpose })
}

fn reset(token: &str) -> (String, Value) {
    (format!("/api/auth/reset-password/{token}"), json!({ "email": ALICE, "password": NEW }))
}

/// Asks a second after whatever was before, so that this mail is the newest.
async fn ask_for_reset(app: &TestApp) -> String {
    app.wait(Duration::seconds(1));
    let sent = "A password-reset email has been sent to your email";
    assert_done(&app.post(SEND, &request("reset-password")).await, 200, sent);
    mailed_token(app, ALICE, "reset-password").await
}

#[actix_web::test]
async fn a_reset_link_sets_a_password_once_and_ends_every_token() {
    let app = TestApp::without_limits().await;
    let old = alices_token(&app).await;
    let (path, body) = reset(&ask_for_reset(&app).await);
    assert_done(&app.post(&path, &body).await, 200, "Password reset");
    assert_failed(&app.get_as(&old, PROFILE).await, 401, "Invalid JWT token");
    assert_eq!(sign_in(&app, NEW).await.status, 200);
    assert_failed(&app.post(&path, &body).await, 422, "Token expired");
}

#[actix_web::test]
async fn only_the_newest_link_works_and_only_for_its_hour_and_its_address() {
    let app = TestApp::without_limits().await;
    sign_up(&app).await;
    let first = reset(&ask_for_reset(&app).await);
    let second = reset(&ask_for_reset(&app).await);
    assert_failed(&app.post(&first.0, &first.1).await, 422, "Token expired");
    let of_another = json!({ "email": "other@example.com", "password": NEW });
    assert_failed(&app.post(&second.0, &of_another).await, 422, "Token expired");
    assert_failed(&app.post("/api/auth/reset-password/x", &second.1).await, 422, "Token expired");
    let third = reset(&ask_for_reset(&app).await);
    app.wait(Duration::minutes(61));
    assert_failed(&app.post(&third.0, &third.1).await, 422, "Token expired");
}

#[actix_web::test]
async fn mails_have_the_subject_and_the_signature_of_the_document() {
    for (title, team) in [("MERN Stack", "The MERN Team"), ("Stack", "The Stack Team"), ("Shop", "The Shop Team")] {
        let app = with(|options| options.title = title.to_owned()).await;
        sign_up(&app).await;
        ask_for_reset(&app).await;
        let content = app.mails(ALICE).await[0].mail.content.clone();
        assert_eq!(content.subject, format!("{title} - Password reset"));
        assert!(content.text.lines().any(|line| line == team), "{}", content.text);
        assert!(content.html.contains(&format!("<p>{team}</p>")), "{}", content.html);
    }
}

#[actix_web::test]
async fn a_changed_password_kills_a_pending_reset_link() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    let (path, body) = reset(&ask_for_reset(&app).await);
    let change = json!({ "currentPassword": PASSWORD, "password": "another one" });
    let changed = app.send_as(&token, actix_web::http::Method::PUT, super::OWN_PASSWORD, &change).await;
    assert_eq!(changed.status, 200);
    assert_failed(&app.post(&path, &body).await, 422, "Token expired");
}

#[actix_web::test]
async fn a_verification_link_is_no_reset_link_and_a_wrong_password_leaves_it_alive() {
    let app = with_proof().await;
    sign_up(&app).await;
    app.wait(Duration::seconds(1));
    let sent = "A verification email has been sent to your email";
    assert_done(&app.post(SEND, &request("verify-email")).await, 200, sent);
    let token = mailed_token(&app, ALICE, "verify-email").await;
    let (path, body) = reset(&token);
    assert_failed(&app.post(&path, &body).await, 422, "Token expired");
    let path = format!("/api/auth/verify-email/{token}");
    assert_failed(&app.post(&path, &json!({ "password": "wrong" })).await, 422, "Password is incorrect");
    assert_done(&app.post(&path, &json!({ "password": PASSWORD })).await, 200, "Email verified");
    assert_failed(&app.post(&path, &json!({ "password": PASSWORD })).await, 422, "Token expired");
    assert_failed(&app.post(SEND, &request("verify-email")).await, 422, "Email already verified");
}

#[actix_web::test]
async fn a_reset_link_that_anybody_asks_for_leaves_a_verification_link_good_and_the_reverse() {
    let app = with_proof().await;
    sign_up(&app).await;
    let verification = mailed_token(&app, ALICE, "verify-email").await;
    let (path, body) = reset(&ask_for_reset(&app).await);
    let verify = format!("/api/auth/verify-email/{verification}");
    assert_done(&app.post(&verify, &json!({ "password": PASSWORD })).await, 200, "Email verified");
    assert_done(&app.post(&path, &body).await, 200, "Password reset");
}

#[actix_web::test]
async fn the_mails_are_the_documents() {
    let app = with_proof().await;
    sign_up(&app).await;
    let mail = app.mails(ALICE).await.remove(0).mail.content;
    assert_eq!(mail.subject, "MERN Stack - Verify your email");
    assert!(mail.html.contains("Verify Email</a>"), "{}", mail.html);
    ask_for_reset(&app).await;
    let mail = app.mails(ALICE).await.remove(0).mail.content;
    assert_eq!(mail.subject, "MERN Stack - Password reset");
    let link = format!("http://localhost:3000/reset-password/{}", mailed_token(&app, ALICE, "reset-password").await);
    let html = mail.html.replace("&#x2f;", "/");
    assert!(html.contains("Reset Password</a>") && html.contains(&format!("\"{link}\"")), "{html}");
}

#[actix_web::test]
async fn a_request_is_validated_then_switched_then_looked_up() {
    let app = with(|options| options.reset_password = false).await;
    let purposes = r#""tokenPurpose" must be one of [verify-email, reset-password]"#;
    for (body, status, message) in [
        (json!({}), 400, "Email is required"),
        (json!({ "email": ALICE }), 400, r#""tokenPurpose" is required"#),
        (request("x"), 400, purposes),
        (request(""), 400, purposes),
        (json!({ "email": ALICE, "tokenPurpose": "verify-email", "x": 1 }), 400, r#""x" is not allowed"#),
        (request("verify-email"), 422, "Email verification functionality is not available"),
        (request("reset-password"), 422, "Password reset functionality is not available"),
    ] {
        assert_failed(&app.post(SEND, &body).await, status, message);
    }
    let off = "Email verification functionality is not available";
    assert_failed(&app.post("/api/auth/verify-email/x", &json!({})).await, 400, "Password is required");
    assert_failed(&app.post("/api/auth/verify-email/x", &json!({ "password": "p" })).await, 422, off);
    let off = "Password reset functionality is not available";
    assert_failed(&app.post("/api/auth/reset-password/x", &json!({ "y": 1 })).await, 422, off);
}

#[actix_web::test]
async fn unknown_addresses_and_nothing_to_verify_are_told() {
    let app = with_proof().await;
    for purpose in ["verify-email", "reset-password"] {
        assert_failed(&app.post(SEND, &request(purpose)).await, 422, "Email not associated with any acount");
    }
    app.put(&account(1, Role::User, &[]).email(ALICE).status(AccountStatus::Disabled).build()).await;
    assert_failed(&app.post(SEND, &request("verify-email")).await, 422, "Email already verified");
    ask_for_reset(&app).await;
}

#[actix_web::test]
async fn a_reset_checks_its_fields_first() {
    let app = TestApp::without_limits().await;
    for (body, message) in [
        (json!({}), "Email is required"),
        (json!({ "email": ALICE }), "Password is required"),
        (json!({ "email": ALICE, "password": "short" }), "Password must be at least 8 characters"),
        (json!({ "email": ALICE, "password": NEW, "x": 1 }), r#""x" is not allowed"#),
    ] {
        assert_failed(&app.post("/api/auth/reset-password/x", &body).await, 400, message);
    }
}

#[actix_web::test]
async fn an_admin_cannot_reset_to_a_common_password_and_keeps_the_link() {
    let app = TestApp::without_limits().await;
    app.put(&account(1, Role::Admin, &[]).email(ALICE).build()).await;
    let (path, body) = reset(&ask_for_reset(&app).await);
    let common = json!({ "email": ALICE, "password": COMMON });
    assert_failed(&app.post(&path, &common).await, 400, "Password is too common");
    assert_done(&app.post(&path, &body).await, 200, "Password reset");
}

#[actix_web::test]
async fn a_common_password_that_waits_with_a_link_does_not_become_an_admin_s() {
    let app = with_proof().await;
    app.put(&account(1, Role::Admin, &[]).email(ALICE).password(None).build()).await;
    let sign_up = json!({ "username": "alice", "email": ALICE, "password": COMMON });
    assert_eq!(app.post(super::SIGN_UP, &sign_up).await.status, 201);
    let path = format!("/api/auth/verify-email/{}", mailed_token(&app, ALICE, "verify-email").await);
    assert_failed(&app.post(&path, &json!({ "password": COMMON })).await, 400, "Password is too common");
}
