//! Accounts that come from, or go to, another dialect.

use serde_json::{Value, json};
use time::Duration;

use super::{
    ALICE, NEW_PASSWORD, PASSWORD, PROFILE, REGISTER, RESEND, UNVERIFIED, UPDATE, USER_EXISTS, alice, assert_failed,
    assert_registered, assert_verified, code, login, register_alice, session, verified_alice, verify,
};
use crate::support::{Answer, TestApp};

const OLD_PASSWORD: &str = "correct horse";
const ME: &str = "/api/auth/me";

/// Registers Alice through `contacts`, where her account lives at once; her token there.
async fn alice_at_contacts(app: &TestApp) -> String {
    let body = json!({ "fullName": "Alice Marie Martin", "email": ALICE, "password": OLD_PASSWORD });
    app.post("/api/auth/register", &body).await.data("token")
}

async fn contacts_login(app: &TestApp, password: &str) -> Answer {
    app.post("/api/auth/login", &json!({ "email": ALICE, "password": password })).await
}

async fn mern_login(app: &TestApp, password: &str) -> Answer {
    app.post("/api/auth/signin", &json!({ "email": ALICE, "password": password })).await
}

#[actix_web::test]
async fn a_contacts_account_proves_its_mailbox_here_and_signs_in() {
    let app = TestApp::without_limits().await;
    let contacts = alice_at_contacts(&app).await;
    assert_failed(&login(&app, ALICE, OLD_PASSWORD).await, UNVERIFIED);
    assert_eq!(app.post(RESEND, &json!({ "email": ALICE })).await.status, 200);
    let code = code(&app, ALICE).await;
    assert_verified(&verify(&app, ALICE, &code).await);
    let answer = login(&app, ALICE, OLD_PASSWORD).await;
    let data = answer.json()["data"].clone();
    assert_eq!((&data["firstname"], &data["lastname"]), (&json!("Alice"), &json!("Marie Martin")));
    assert_eq!(app.get_as(&contacts, ME).await.status, 200);
}

#[actix_web::test]
async fn a_registration_for_a_live_unproven_account_waits_for_its_code() {
    let app = TestApp::without_limits().await;
    let contacts = alice_at_contacts(&app).await;
    let mut body = alice();
    body["phoneNumber"] = json!("+225 01 02 03");
    assert_registered(&app.post(REGISTER, &body).await);
    assert_eq!(app.get_as(&contacts, ME).await.status, 200);
    assert_eq!(contacts_login(&app, OLD_PASSWORD).await.status, 200);
    assert_eq!(contacts_login(&app, PASSWORD).await.status, 401);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);

    let code = code(&app, ALICE).await;
    assert_verified(&verify(&app, ALICE, &code).await);
    assert_eq!(app.get_as(&contacts, ME).await.status, 401);
    assert_eq!(contacts_login(&app, OLD_PASSWORD).await.status, 401);
    assert_eq!(contacts_login(&app, PASSWORD).await.status, 200);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 200);
    assert_failed(&app.post(REGISTER, &alice()).await, USER_EXISTS);
}

#[actix_web::test]
async fn a_password_waits_only_with_the_code_of_its_own_sign_up() {
    let app = TestApp::without_limits().await;
    alice_at_contacts(&app).await;
    assert_registered(&app.post(REGISTER, &alice()).await);
    app.wait(Duration::SECOND);
    assert_eq!(app.post(RESEND, &json!({ "email": ALICE })).await.status, 200);
    let code = code(&app, ALICE).await;
    assert_verified(&verify(&app, ALICE, &code).await);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
    assert_eq!(login(&app, ALICE, OLD_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_pending_account_is_let_in_nowhere_and_replaced_by_any_registration() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    let old = code(&app, ALICE).await;
    let refused = contacts_login(&app, PASSWORD).await;
    assert_eq!((refused.status, &refused.json()["message"]), (401, &json!("Invalid credentials")));
    let refused = mern_login(&app, PASSWORD).await;
    assert_eq!((refused.status, &refused.json()["error"]["message"]), (401, &json!("Account status is invalid")));
    let contacts = alice_at_contacts(&app).await;
    assert_eq!(verify(&app, ALICE, &old).await.status, 400);
    assert_eq!(app.get_as(&contacts, ME).await.status, 200);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
}

#[actix_web::test]
async fn a_verified_account_signs_in_everywhere() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    let contacts = contacts_login(&app, PASSWORD).await;
    assert_eq!(contacts.json()["data"]["fullName"], "Alice Martin");
    assert_eq!(mern_login(&app, PASSWORD).await.json()["user"]["firstName"], "Alice");
    let body = json!({ "fullName": "Mallory", "email": ALICE, "password": OLD_PASSWORD });
    assert_eq!(app.post("/api/auth/register", &body).await.json()["message"], "User already exists");
}

#[actix_web::test]
async fn a_reset_elsewhere_ends_the_sessions_here() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    let tokens = session(&app, ALICE).await;
    app.post("/api/auth/forgot-password", &json!({ "email": ALICE })).await;
    let otp = app.code(ALICE).await;
    let granted = app.post("/api/auth/verify-otp", &json!({ "email": ALICE, "otp": otp })).await.data("resetToken");
    let body = json!({ "resetToken": granted, "newPassword": NEW_PASSWORD });
    assert_eq!(app.post("/api/auth/reset-password", &body).await.status, 200);
    super::assert_refused(&app.get_as(&tokens.access, PROFILE).await);
    assert_eq!(login(&app, ALICE, NEW_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_code_of_another_purpose_is_none_here() {
    let app = TestApp::without_limits().await;
    alice_at_contacts(&app).await;
    app.post("/api/auth/forgot-password", &json!({ "email": ALICE })).await;
    let otp = app.code(ALICE).await;
    assert_eq!(verify(&app, ALICE, &otp).await.status, 400);
}

#[actix_web::test]
async fn a_proven_mailbox_shows_its_time_and_a_changed_name_shows_everywhere() {
    let app = TestApp::without_limits().await;
    let contacts = alice_at_contacts(&app).await;
    app.wait(Duration::seconds(5));
    app.post(RESEND, &json!({ "email": ALICE })).await;
    let code = code(&app, ALICE).await;
    verify(&app, ALICE, &code).await;
    let token = super::Tokens::of(&login(&app, ALICE, OLD_PASSWORD).await).access;
    let user: Value = app.post_as(&token, UPDATE, &json!({ "firstname": "Alicia" })).await.json()["data"].clone();
    assert_eq!(user["emailVerifiedAt"], "2026-03-01T12:00:05.123Z");
    assert_eq!((&user["firstname"], &user["lastname"]), (&json!("Alicia"), &json!("Marie Martin")));
    assert_eq!(app.get_as(&contacts, ME).await.data("fullName"), "Alicia Marie Martin");
}
