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

/// An answer that is a success.
#[derive(Clone, Copy)]
pub(super) struct Success {
    status: StatusCode,
    pub(super) message: &'static str,
}

impl Success {
    pub(super) const REGISTERED: Self = Self::new(StatusCode::CREATED, "User registered successfully");
    pub(super) const SIGNED_IN: Self = Self::new(StatusCode::OK, "Login successful");
    pub(super) const CURRENT_USER: Self = Self::new(StatusCode::OK, "User data fetched successfully");
    pub(super) const OTP_SENT: Self = Self::new(StatusCode::OK, "Success, an OTP has been sent.");
    pub(super) const OTP_VERIFIED: Self = Self::new(StatusCode::OK, "OTP verified successfully");
    pub(super) const PASSWORD_RESET: Self = Self::new(StatusCode::OK, "Password reset successfully");
    pub(super) const REGISTERED_USERS: Self = Self::new(StatusCode::OK, "Registered users fetched successfully");

    const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message }
    }

    /// The answer without data.
    pub(super) fn response(self) -> HttpResponse {
        reply::json(self.status, &Envelope::<()> { status: true, message: self.message, data: None })
    }

    /// The answer with data.
    pub(super) fn with(self, data: impl Serialize) -> HttpResponse {
        reply::json(self.status, &Envelope { status: true, message: self.message, data: Some(data) })
    }
}

/// `data` after signing up and in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserWithToken {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) full_name: String,
    pub(super) email: String,
    pub(super) token: String,
}

/// `data` of `me`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CurrentUser {
    pub(super) id: String,
    pub(super) full_name: String,
    pub(super) email: String,
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
    pub(super) registered_users: Vec<RegisteredUser>,
}

/// A contact that has an account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisteredUser {
    pub(super) identifier: String,
    pub(super) user_id: String,
    pub(super) full_name: String,
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
