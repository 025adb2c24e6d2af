//! The `rococoins` dialect: every endpoint and every row of its contract.

mod accounts;
mod across;
mod administration;
mod chat;
mod codes;
mod documents;
mod edits;
mod events;
pub(crate) mod faults;
mod garbage;
mod routes;
mod sign_in;

use actix_web::http::Method;
use serde_json::{Value, json};
use vestibule_domain::{PasswordHash, Role};
use vestibule_testkit::AccountBuilder;

use crate::support::{Answer, TestApp};

pub(crate) const USER: &str = "/user/";
pub(crate) const LOGIN: &str = "/user/login";
pub(crate) const VERIFY: &str = "/user/verify";
pub(crate) const OTP: &str = "/users/otp";
pub(crate) const VERIFY_OTP: &str = "/users/verify_otp";

pub(crate) const ALICE: &str = "alice@example.com";
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const NEW_PASSWORD: &str = "battery staple";
/// Of no account.
pub(crate) const NOBODY: &str = "65b2f0000000000000000001";

/// A sign-up with what has to be there.
pub(crate) fn alice() -> Value {
    json!({ "personal": { "username": "Alice", "email": ALICE, "password": PASSWORD } })
}

/// A user with a token.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Client {
    pub(crate) fn path(&self) -> String {
        format!("/user/{}", self.id)
    }
}

/// Registers Alice and signs her in.
pub(crate) async fn alices(app: &TestApp) -> Client {
    let created = app.post(USER, &alice()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = created.json()["user"]["_id"].as_str().unwrap().to_owned();
    Client { id, token: token(app, ALICE, PASSWORD).await }
}

/// Puts an account of a role into the store and signs it in.
pub(crate) async fn client_of(app: &TestApp, number: u32, role: Role) -> Client {
    let email = format!("user-{number}@example.com");
    let hash = PasswordHash::new(format!("instant:{PASSWORD}"));
    let account = AccountBuilder::numbered(number).email(&email).role(role).password(Some(hash)).build();
    app.put(&account).await;
    Client { id: account.id().hex(), token: token(app, &email, PASSWORD).await }
}

pub(crate) async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.post(LOGIN, &json!({ "email": email, "password": password })).await
}

pub(crate) async fn token(app: &TestApp, email: &str, password: &str) -> String {
    let answer = login(app, email, password).await;
    answer.json()["token"].as_str().unwrap_or_else(|| panic!("no token in {}", answer.text)).to_owned()
}

pub(crate) async fn put(app: &TestApp, client: &Client, path: &str, body: &Value) -> Answer {
    app.send_as(&client.token, Method::PUT, path, body).await
}

#[track_caller]
pub(crate) fn assert_failed(answer: &Answer, status: u16, message: &str) {
    assert_eq!((answer.status, answer.json()), (status, json!({ "success": false, "message": message })));
}

#[track_caller]
pub(crate) fn assert_said(answer: &Answer, message: &str) {
    assert_eq!((answer.status, answer.json()), (200, json!({ "success": true, "message": message })));
}
