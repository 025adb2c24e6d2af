//! What clients get: the envelope with exactly three keys, and the data in it.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use vestibule_application::accounts::RegisteredAccount;
use vestibule_domain::Account;

use crate::shared::reply;

/// Every answer, good or bad.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    status: bool,
    message: &'static str,
    data: Option<T>,
}

/// `data` after signing up and in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserWithToken {
    #[serde(rename = "_id")]
    id: String,
    full_name: String,
    email: String,
    token: String,
}

/// `data` of `me`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CurrentUser {
    id: String,
    full_name: String,
    email: String,
}

/// `data` after a code was verified.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResetToken {
    reset_token: String,
}

/// `data` of `check-registered`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisteredUsers {
    registered_users: Vec<RegisteredUser>,
}

/// A contact that has an account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisteredUser {
    identifier: String,
    user_id: String,
    full_name: String,
}

impl Envelope<()> {
    /// A failure.
    pub(super) const fn failed(message: &'static str) -> Self {
        Self { status: false, message, data: None }
    }
}

impl UserWithToken {
    pub(super) fn new(account: &Account, token: String) -> Self {
        Self { id: account.id().hex(), full_name: account.name().full(), email: account.email().to_string(), token }
    }
}

impl From<&Account> for CurrentUser {
    fn from(account: &Account) -> Self {
        Self { id: account.id().hex(), full_name: account.name().full(), email: account.email().to_string() }
    }
}

impl From<Vec<RegisteredAccount>> for RegisteredUsers {
    fn from(accounts: Vec<RegisteredAccount>) -> Self {
        let user = |account: RegisteredAccount| RegisteredUser {
            identifier: account.identifier,
            user_id: account.id.hex(),
            full_name: account.full_name,
        };
        Self { registered_users: accounts.into_iter().map(user).collect() }
    }
}

impl ResetToken {
    pub(super) const fn new(reset_token: String) -> Self {
        Self { reset_token }
    }
}

/// 200 with data.
pub(super) fn ok(message: &'static str, data: impl Serialize) -> HttpResponse {
    reply::json(StatusCode::OK, &Envelope { status: true, message, data: Some(data) })
}

/// 201 with data.
pub(super) fn created(message: &'static str, data: impl Serialize) -> HttpResponse {
    reply::json(StatusCode::CREATED, &Envelope { status: true, message, data: Some(data) })
}

/// 200 with nothing to say.
pub(super) fn done(message: &'static str) -> HttpResponse {
    reply::json(StatusCode::OK, &Envelope::<()> { status: true, message, data: None })
}
