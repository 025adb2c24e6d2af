//! What clients get: no envelope around a success, `{"error":{"message":…}}` around a failure.

pub(super) mod views;

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;

use crate::shared::reply;

/// What everybody may see of an account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PublicUser {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<String>,
    pub(super) created_at: String,
}

/// What its owner and whoever may read users see.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FullUser {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<String>,
    pub(super) email: String,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<String>,
    pub(super) role: &'static str,
    pub(super) permissions: Permissions,
    pub(super) provider: Providers,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

/// The stored flags, whatever the role.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the document has six flags")]
pub(super) struct Permissions {
    pub(super) user_insert: bool,
    pub(super) user_modify: bool,
    pub(super) user_read: bool,
    pub(super) post_insert: bool,
    pub(super) post_modify: bool,
    pub(super) post_read: bool,
}

/// By what an account signs in.
#[derive(Debug, Default, Serialize)]
pub(super) struct Providers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) local: Option<ProviderEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) google: Option<ProviderEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) facebook: Option<ProviderEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) apple: Option<ProviderEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProviderEntry {
    pub(super) user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) picture: Option<String>,
}

/// An account as its viewer may see it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum UserView {
    Full(Box<FullUser>),
    Public(PublicUser),
}

/// A new token.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FreshToken {
    pub(super) token: String,
    pub(super) expires_at: i64,
}

/// A sign-in of any kind.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    #[serde(flatten)]
    pub(super) token: FreshToken,
    pub(super) signed_in_with: &'static str,
    pub(super) user: FullUser,
}

/// `POST /api/auth/verify-jwt-token`.
#[derive(Serialize)]
pub(super) struct CheckedToken {
    message: &'static str,
    #[serde(flatten)]
    pub(super) token: Option<FreshToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<FullUser>,
}

impl CheckedToken {
    pub(super) const fn new(token: Option<FreshToken>, user: Option<FullUser>) -> Self {
        Self { message: "JWT token is valid", token, user }
    }
}

/// One's own profile, or anybody's.
#[derive(Serialize)]
pub(super) struct Profile<T> {
    pub(super) profile: T,
}

/// `PUT /api/profiles`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdatedProfile {
    pub(super) user: FullUser,
    pub(super) updated_fields: Vec<&'static str>,
}

/// `PUT /api/users/{userId}`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdatedUser {
    pub(super) updated_fields: Vec<&'static str>,
    pub(super) user: UserView,
}

/// `GET /api/users/{userId}`.
#[derive(Serialize)]
pub(super) struct OneUser {
    pub(super) user: UserView,
}

/// `GET /api/users`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Users {
    pub(super) users: Vec<UserView>,
    pub(super) users_count: u64,
}

/// A success that is a sentence.
#[derive(Serialize)]
pub(super) struct Success {
    #[serde(skip)]
    status: StatusCode,
    pub(super) message: &'static str,
}

impl Success {
    pub(super) const REGISTERED: Self =
        Self { status: StatusCode::CREATED, ..Self::new("Your account has been created successfully") };
    pub(super) const REGISTERED_UNPROVEN: Self = Self { status: StatusCode::CREATED, ..Self::VERIFICATION_SENT };
    pub(super) const VERIFICATION_SENT: Self = Self::new("A verification email has been sent to your email");
    pub(super) const RESET_SENT: Self = Self::new("A password-reset email has been sent to your email");
    pub(super) const EMAIL_VERIFIED: Self = Self::new("Email verified");
    pub(super) const PASSWORD_RESET: Self = Self::new("Password reset");
    pub(super) const TOKENS_ENDED: Self = Self::new("All JWT tokens have been invalidated");
    pub(super) const USER_REMOVED: Self = Self::new("User deleted.");

    const fn new(message: &'static str) -> Self {
        Self { status: StatusCode::OK, message }
    }

    pub(super) fn response(&self) -> HttpResponse {
        reply::json(self.status, self)
    }
}

#[derive(Serialize)]
struct Alive {
    status: &'static str,
}

/// 200 with a body.
pub(super) fn ok(body: &impl Serialize) -> HttpResponse {
    reply::json(StatusCode::OK, body)
}

/// The server is there.
pub(super) fn alive() -> HttpResponse {
    ok(&Alive { status: "pass" })
}
