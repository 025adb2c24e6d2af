//! The `looking` dialect: every endpoint and every row of its contract, with profiles, pictures and places.

mod across;
pub(crate) mod faults;
mod filters;
mod force_reset;
mod garbage;
mod limits;
mod moderation;
mod own_account;
mod pictures;
mod places;
mod profiles;
pub(crate) mod public;
mod resets;
mod rights;
mod routes;
mod sessions;
mod sign_in;
mod submissions;
mod supers;
mod tokens;
mod users;

use actix_web::http::Method;
use serde_json::{Value, json};
use time::Duration;
use vestibule_application::{Algorithm, TokenKey};
use vestibule_domain::{PasswordHash, Permission, PermissionSet, Role};
use vestibule_testkit::AccountBuilder;

use crate::support::{Answer, TestApp};

pub(crate) const ACCESS: TokenKey = TokenKey { dialect: "looking", kind: "access", algorithm: Algorithm::Hs256 };

pub(crate) const LOGIN: &str = "/auth/login";
pub(crate) const LOGOUT: &str = "/auth/logout";
pub(crate) const SESSION: &str = "/auth/session";
pub(crate) const RESET: &str = "/auth/reset";
pub(crate) const USERS: &str = "/users";

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const NEW_PASSWORD: &str = "battery staple";
/// Taken from users, refused to whoever has power over others.
pub(crate) const COMMON: &str = "password1";
/// Of no account.
pub(crate) const NOBODY: &str = "507f1f77bcf86cd799439011";

/// The words of the dialect, in the order in which they are shown.
pub(crate) const WORDS: [&str; 8] =
    ["view", "add", "edit", "update", "delete", "manage", "super", "manageAppPreferences"];

/// Who has which single permission by a word; `super` is the role.
pub(crate) const PERMISSIONS: [(&str, Permission); 7] = [
    ("view", Permission::ProfileView),
    ("add", Permission::ProfileAdd),
    ("edit", Permission::ProfileEdit),
    ("update", Permission::ProfileUpdate),
    ("delete", Permission::ProfileDelete),
    ("manage", Permission::ProfileManage),
    ("manageAppPreferences", Permission::AppPreferences),
];

/// An account with a token.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
}

impl Client {
    pub(crate) fn path(&self) -> String {
        format!("{USERS}/{}", self.id)
    }

    pub(crate) async fn put(&self, app: &TestApp, path: &str, body: &Value) -> Answer {
        app.send_as(&self.token, Method::PUT, path, body).await
    }

    pub(crate) async fn delete(&self, app: &TestApp, path: &str) -> Answer {
        app.send_as(&self.token, Method::DELETE, path, &json!({})).await
    }
}

/// An account with the usual password and a user name with its number.
pub(crate) fn account(number: u32) -> AccountBuilder {
    AccountBuilder::numbered(number)
        .parts("First", "Last")
        .email(&format!("user-{number}@example.com"))
        .username(&format!("user-{number}"))
        .password(Some(PasswordHash::new(format!("instant:{PASSWORD}"))))
}

/// An account that was granted words.
pub(crate) fn with_words(number: u32, words: &[&str]) -> AccountBuilder {
    let of = |word: &str| PERMISSIONS.iter().find(|(known, _)| *known == word).map(|(_, permission)| *permission);
    let permissions = words.iter().filter_map(|word| of(word)).fold(PermissionSet::default(), PermissionSet::with);
    let role = if words.contains(&"super") { Role::Root } else { Role::User };
    account(number).role(role).permissions(permissions)
}

/// Puts an account into the store and signs it in.
pub(crate) async fn client(app: &TestApp, builder: AccountBuilder) -> Client {
    let account = builder.build();
    app.put(&account).await;
    let email = account.email().to_string();
    let token = token(&login(app, &email, PASSWORD).await);
    Client { id: account.id().hex(), email, token }
}

pub(crate) async fn a_super(app: &TestApp) -> Client {
    client(app, account(1).role(Role::Root)).await
}

pub(crate) async fn a_user(app: &TestApp) -> Client {
    client(app, account(2)).await
}

pub(crate) async fn login(app: &TestApp, username: &str, password: &str) -> Answer {
    app.post(LOGIN, &json!({ "username": username, "password": password })).await
}

#[track_caller]
pub(crate) fn token(answer: &Answer) -> String {
    answer.json()["token"].as_str().unwrap_or_else(|| panic!("no token in {}", answer.text)).to_owned()
}

/// A token of a client that did not sign in.
pub(crate) async fn anonymous(app: &TestApp) -> String {
    token(&app.post(SESSION, &json!({})).await)
}

/// A sign-up by a `super`.
pub(crate) fn editor() -> Value {
    json!({
        "username": "Editor", "email": "editor@example.com", "password": PASSWORD, "confirmPassword": PASSWORD,
    })
}

/// Asks for a reset and reads the link in the mail, without what stands before it.
pub(crate) async fn reset_link(app: &TestApp, username: &str, email: &str) -> String {
    // Later than whatever was mailed before.
    app.wait(Duration::milliseconds(1));
    let answer = app.post(RESET, &json!({ "username": username })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = app.mails(email).await.first().expect("a mail").mail.content.text.clone();
    let link = text.split_whitespace().find_map(|word| word.strip_prefix("http://localhost:3000/reset/"));
    format!("{RESET}/{}", link.unwrap_or_else(|| panic!("no link in {text}")))
}

/// Asserts an answer to the byte.
#[track_caller]
pub(crate) fn assert_body(answer: &Answer, status: u16, body: &Value) {
    assert_eq!((answer.status, answer.json()), (status, body.clone()));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

/// Asserts a failure with `message` and a code in `err`.
#[track_caller]
pub(crate) fn assert_coded(answer: &Answer, status: u16, message: &str, code: &str) {
    assert_body(answer, status, &json!({ "message": message, "err": { "code": code, "details": null } }));
}

/// Asserts that a token is refused with these words.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, message: &str) {
    let err = json!({ "name": "JsonWebTokenError", "message": message });
    assert_body(answer, 401, &json!({ "message": "User not authorized to perform this action", "err": err }));
}

#[track_caller]
pub(crate) fn assert_missing(answer: &Answer, word: &str) {
    let err = json!({ "code": "FORBIDDEN", "details": format!("Missing permission: {word}") });
    assert_body(answer, 403, &json!({ "message": "User not authorized to perform this action", "err": err }));
}

#[track_caller]
pub(crate) fn assert_no_token(answer: &Answer) {
    assert_body(answer, 401, &json!({ "message": "No authorization token provided", "err": null }));
}

#[track_caller]
pub(crate) fn assert_no_session(answer: &Answer) {
    assert_body(answer, 401, &json!({ "valid": false, "message": "Token expired or invalid" }));
}

#[track_caller]
pub(crate) fn assert_not_saved(answer: &Answer) {
    let message = "There was an error saving the updated password.";
    assert_body(answer, 400, &json!({ "success": false, "message": message }));
}

#[track_caller]
pub(crate) fn assert_unfit(answer: &Answer) {
    let message = "Password must be 8 characters to 72 bytes";
    assert_body(answer, 400, &json!({ "success": false, "message": message }));
}

#[track_caller]
pub(crate) fn assert_taken(answer: &Answer, key: &str) {
    let err = json!({ "code": 11000, "keyPattern": { key: 1 } });
    assert_body(answer, 400, &json!({ "message": "There was a duplicate key error", "err": err }));
}

#[track_caller]
pub(crate) fn assert_last_super(answer: &Answer) {
    assert_coded(answer, 400, "The last super user must stay one", "LAST_SUPER");
}

#[track_caller]
pub(crate) fn assert_not_found(answer: &Answer) {
    assert_body(answer, 404, &json!({ "message": "User not found" }));
}
