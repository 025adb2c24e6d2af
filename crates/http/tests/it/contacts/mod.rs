//! The `contacts` dialect: every endpoint and every row of its contract.

mod check_registered;
pub(crate) mod faults;
mod garbage;
mod limits;
mod login;
mod me;
mod password_reset;
mod register;
mod reset_races;
mod routes;
mod tokens;

use serde_json::{Value, json};
use time::Duration;

use crate::support::{Answer, TestApp};

pub(crate) const REGISTER: &str = "/api/auth/register";
pub(crate) const LOGIN: &str = "/api/auth/login";
pub(crate) const ME: &str = "/api/auth/me";
pub(crate) const FORGOT: &str = "/api/auth/forgot-password";
pub(crate) const VERIFY: &str = "/api/auth/verify-otp";
pub(crate) const RESET_PASSWORD: &str = "/api/auth/reset-password";
pub(crate) const CHECK: &str = "/api/auth/check-registered";

pub(crate) const ALICE: &str = "alice@example.com";
pub(crate) const PASSWORD: &str = "correct horse";

/// Registers Alice; the answer has her id and token.
pub(crate) async fn register_alice(app: &TestApp) -> Answer {
    register(app, "Alice Martin", ALICE).await
}

pub(crate) async fn register(app: &TestApp, full_name: &str, email: &str) -> Answer {
    let body = json!({ "fullName": full_name, "email": email, "password": PASSWORD });
    let answer = app.post(REGISTER, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer
}

pub(crate) async fn login(app: &TestApp, password: &str) -> Answer {
    app.post(LOGIN, &json!({ "email": ALICE, "password": password })).await
}

/// Asks for a code for Alice, a minute after whatever was before, and reads it from her mailbox.
pub(crate) async fn request_code(app: &TestApp) -> String {
    app.wait(Duration::seconds(61));
    let answer = app.post(FORGOT, &json!({ "email": ALICE })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.code(ALICE).await
}

pub(crate) async fn verify(app: &TestApp, code: &str) -> Answer {
    app.post(VERIFY, &json!({ "email": ALICE, "otp": code })).await
}

/// A reset token for Alice.
pub(crate) async fn reset_token(app: &TestApp) -> String {
    let code = request_code(app).await;
    let answer = verify(app, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.data("resetToken")
}

pub(crate) async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    app.post(RESET_PASSWORD, &json!({ "resetToken": token, "newPassword": password })).await
}

/// Asserts a failure in the envelope, to the byte.
#[track_caller]
pub(crate) fn assert_failed(answer: &Answer, status: u16, message: &str) {
    let body = format!(r#"{{"status":false,"message":"{message}","data":null}}"#);
    assert_eq!((answer.status, answer.text.as_str()), (status, body.as_str()));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

/// Asserts the envelope of any answer: three keys in order, and a status that fits.
#[track_caller]
pub(crate) fn assert_enveloped(answer: &Answer) {
    let body = answer.json();
    let head = format!(r#"{{"status":{},"message":{},"data":"#, body["status"], body["message"]);
    assert!(body.as_object().expect("an object").len() == 3 && answer.text.starts_with(&head), "{}", answer.text);
    assert_eq!(body["status"], Value::Bool(answer.status < 300), "{}", answer.text);
    assert!(body["message"].is_string() && (body["data"].is_object() || body["data"].is_null()), "{}", answer.text);
}

/// A code that is another one than this.
pub(crate) fn another_code(code: &str) -> String {
    let first = if code.starts_with('9') { '0' } else { '9' };
    format!("{first}{}", &code[1..])
}
