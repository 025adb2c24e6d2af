//! The `mern` dialect: every endpoint and every row of its contract.

mod bodies;
pub(crate) mod faults;
mod filters;
mod garbage;
mod limits;
mod links;
mod profiles;
mod providers;
mod rights;
mod routes;
mod sign_in;
mod sign_up;
mod social;
mod tokens;
mod users;

use serde_json::{Value, json};
use vestibule_application::{Algorithm, TokenKey};
use vestibule_domain::{Account, PasswordHash, Permission, PermissionSet, Role};
use vestibule_http::{HttpOptions, MernOptions, Mount};
use vestibule_testkit::{AccountBuilder, FixedClock};

use crate::support::{Answer, Setup, TestApp};

pub(crate) const ACCESS: TokenKey = TokenKey { dialect: "mern", kind: "access", algorithm: Algorithm::Hs512 };
pub(crate) const SIGN_UP: &str = "/api/auth/signup";
pub(crate) const SIGN_IN: &str = "/api/auth/signin";
pub(crate) const SEND: &str = "/api/auth/send-token";
pub(crate) const CHECK: &str = "/api/auth/verify-jwt-token";
pub(crate) const PROFILE: &str = "/api/profiles";
pub(crate) const OWN_PASSWORD: &str = "/api/profiles/password";
pub(crate) const USERS: &str = "/api/users";

pub(crate) const ALICE: &str = "alice@example.com";
pub(crate) const PASSWORD: &str = "correct horse";
/// Taken from users, refused to whoever has power over others.
pub(crate) const COMMON: &str = "Password1";

/// The service with some switches of the dialect set.
pub(crate) async fn with(change: impl FnOnce(&mut MernOptions)) -> TestApp {
    let mut mern = MernOptions::default();
    change(&mut mern);
    let options = HttpOptions::default().with(Mount::new(mern).with_public_url("http://localhost:3000"));
    TestApp::with(Setup { limits: false, options, ..Setup::default() }).await
}

/// Without the switch and with it: mailboxes must be proven.
pub(crate) async fn with_proof() -> TestApp {
    with(|options| options.verify_email = true).await
}

pub(crate) fn alice() -> Value {
    json!({
        "username": "alice", "email": ALICE, "password": PASSWORD, "firstName": "Alice", "lastName": "Martin",
    })
}

pub(crate) async fn sign_up(app: &TestApp) {
    let answer = app.post(SIGN_UP, &alice()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

pub(crate) async fn sign_in(app: &TestApp, password: &str) -> Answer {
    app.post(SIGN_IN, &json!({ "username": "alice", "password": password })).await
}

/// Signs Alice up and in; her token.
pub(crate) async fn alices_token(app: &TestApp) -> String {
    sign_up(app).await;
    text(&sign_in(app, PASSWORD).await.json()["token"])
}

/// An account with a password and these rights.
pub(crate) fn account(number: u32, role: Role, permissions: &[Permission]) -> AccountBuilder {
    let permissions = permissions.iter().fold(PermissionSet::EMPTY, |set, permission| set.with(*permission));
    AccountBuilder::numbered(number)
        .username(&format!("user-{number}"))
        .parts("First", &format!("Last {number}"))
        .role(role)
        .permissions(permissions)
        .password(Some(PasswordHash::new(format!("instant:{PASSWORD}"))))
}

/// A token for an account as it is.
pub(crate) fn token(app: &TestApp, account: &Account) -> String {
    app.sign(ACCESS, &claims(account))
}

pub(crate) fn claims(account: &Account) -> Value {
    let now = FixedClock::START.unix_timestamp();
    json!({
        "sub": account.epoch().start(), "userId": account.id().hex(), "provider": "local",
        "iat": now, "exp": now + 5_184_000,
    })
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The token at the end of the link in the newest mail to an address.
pub(crate) async fn mailed_token(app: &TestApp, to: &str, page: &str) -> String {
    let mail = app.mails(to).await.first().expect("a mail").mail.content.text.clone();
    let link = format!("http://localhost:3000/{page}/");
    let token = mail.split_whitespace().find_map(|word| word.strip_prefix(&link));
    token.unwrap_or_else(|| panic!("no link in {mail}")).to_owned()
}

/// Asserts a failure in the envelope, to the byte.
#[track_caller]
pub(crate) fn assert_failed(answer: &Answer, status: u16, message: &str) {
    let body = format!(r#"{{"error":{{"message":{}}}}}"#, Value::from(message));
    assert_eq!((answer.status, answer.text.as_str()), (status, body.as_str()));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

/// Asserts a success that says one sentence, to the byte.
#[track_caller]
pub(crate) fn assert_done(answer: &Answer, status: u16, message: &str) {
    assert_eq!((answer.status, answer.text.as_str()), (status, format!(r#"{{"message":"{message}"}}"#).as_str()));
}
