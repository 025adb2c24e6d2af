//! The envelopes of failures, and one match per error type of the use cases.

mod profiles;

use std::borrow::Cow;

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use time::OffsetDateTime;
use vestibule_application::{
    TokenRejection,
    accounts::{AccountError, AuthenticateError, CreateAccountError, EditAccountError, Forbidden},
    password_reset::PasswordResetError,
    sessions::Over,
    sign_in::SignInError,
};
use vestibule_domain::Permission;

use super::{
    responses::to_the_second,
    words::{self, SUPER},
};
use crate::shared::{body::BodyError, faults, reply};

const UNAUTHORIZED: &str = "User not authorized to perform this action";
const INVALID_TOKEN: &str = "Token expired or invalid";

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    status: StatusCode,
    body: Body,
    retry_after: Option<u64>,
}

/// The shapes of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Body {
    Envelope { message: Cow<'static, str>, err: Detail },
    Sentence { message: &'static str },
    SignIn { status: u16, authorized: bool, message: &'static str },
    Token { valid: bool, message: &'static str },
    Password { success: bool, message: Cow<'static, str> },
}

/// What `err` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Detail {
    /// `null`.
    None,
    Coded {
        code: &'static str,
        details: Option<Cow<'static, str>>,
    },
    Token {
        name: &'static str,
        message: &'static str,
    },
    Expired {
        name: &'static str,
        message: &'static str,
        expired_at: String,
    },
    Duplicate {
        code: u16,
        key_pattern: KeyPattern,
    },
}

/// The key that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum KeyPattern {
    Place { key: u8 },
    Username { username: u8 },
    Email { email: u8 },
}

impl Failure {
    pub(super) const SIGN_IN: Self = Self::of(
        StatusCode::UNAUTHORIZED,
        Body::SignIn { status: 401, authorized: false, message: "Invalid username or password" },
    );
    pub(super) const NO_SESSION: Self =
        Self::of(StatusCode::UNAUTHORIZED, Body::Token { valid: false, message: INVALID_TOKEN });
    pub(super) const SPENT_RESET: Self =
        Self::of(StatusCode::UNAUTHORIZED, Body::Password { success: false, message: Cow::Borrowed(INVALID_TOKEN) });
    pub(super) const PASSWORD_NOT_SAVED: Self = Self::password("There was an error saving the updated password.");
    const COMMON_PASSWORD: Self = Self::password("Password must not be one of the most common ones");
    pub(super) const NO_TOKEN: Self = Self::null(StatusCode::UNAUTHORIZED, "No authorization token provided");
    pub(super) const BAD_SIGNATURE: Self = Self::token("invalid signature");
    pub(super) const MALFORMED_TOKEN: Self = Self::token("jwt malformed");
    pub(super) const REVOKED_TOKEN: Self = Self::token("jwt revoked");
    pub(super) const USER_NOT_FOUND: Self =
        Self::of(StatusCode::NOT_FOUND, Body::Sentence { message: "User not found" });
    pub(super) const USERNAME_TAKEN: Self = Self::duplicate(KeyPattern::Username { username: 1 });
    pub(super) const EMAIL_TAKEN: Self = Self::duplicate(KeyPattern::Email { email: 1 });
    pub(super) const LAST_SUPER: Self =
        Self::coded(StatusCode::BAD_REQUEST, "The last super user must stay one", "LAST_SUPER");
    pub(super) const INVALID_BODY: Self = Self::coded(StatusCode::BAD_REQUEST, "Invalid request body", "INVALID_BODY");
    pub(super) const INVALID_FILTER: Self = Self::coded(StatusCode::BAD_REQUEST, "Invalid filter", "INVALID_FILTER");
    pub(super) const NO_DATA: Self =
        Self::coded(StatusCode::INTERNAL_SERVER_ERROR, "No profile id or data specified", "NO_DATA");
    pub(super) const NOT_FOUND: Self = Self::null(StatusCode::NOT_FOUND, "Not found");
    pub(super) const METHOD_NOT_ALLOWED: Self = Self::null(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    pub(super) const TOO_LARGE: Self =
        Self::coded(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large", "TOO_LARGE");
    pub(super) const UNSUPPORTED_CHARSET: Self =
        Self::coded(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Request body must be UTF-8", "UNSUPPORTED_CHARSET");
    pub(super) const TOO_MANY_REQUESTS: Self =
        Self::coded(StatusCode::TOO_MANY_REQUESTS, "Too many requests", "TOO_MANY_REQUESTS");
    pub(super) const UNAVAILABLE: Self =
        Self::coded(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", "UNAVAILABLE");
    pub(super) const INTERNAL: Self =
        Self::coded(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error", "INTERNAL");
    /// What a caller gets who has to choose another password first.
    pub(super) const PASSWORD_CHANGE_DUE: Self = Self::forbidden(Cow::Borrowed("Password change required"));

    const fn of(status: StatusCode, body: Body) -> Self {
        Self { status, body, retry_after: None }
    }

    const fn null(status: StatusCode, message: &'static str) -> Self {
        Self::of(status, Body::Envelope { message: Cow::Borrowed(message), err: Detail::None })
    }

    const fn coded(status: StatusCode, message: &'static str, code: &'static str) -> Self {
        Self::of(status, Body::Envelope { message: Cow::Borrowed(message), err: Detail::Coded { code, details: None } })
    }

    const fn token(message: &'static str) -> Self {
        let err = Detail::Token { name: "JsonWebTokenError", message };
        Self::of(StatusCode::UNAUTHORIZED, Body::Envelope { message: Cow::Borrowed(UNAUTHORIZED), err })
    }

    const fn password(message: &'static str) -> Self {
        Self::of(StatusCode::BAD_REQUEST, Body::Password { success: false, message: Cow::Borrowed(message) })
    }

    const fn duplicate(key_pattern: KeyPattern) -> Self {
        let err = Detail::Duplicate { code: 11_000, key_pattern };
        let message = Cow::Borrowed("There was a duplicate key error");
        Self::of(StatusCode::BAD_REQUEST, Body::Envelope { message, err })
    }

    const fn forbidden(details: Cow<'static, str>) -> Self {
        let err = Detail::Coded { code: "FORBIDDEN", details: Some(details) };
        Self::of(StatusCode::FORBIDDEN, Body::Envelope { message: Cow::Borrowed(UNAUTHORIZED), err })
    }

    /// A permission that the caller has not.
    pub(super) fn missing(permission: Permission) -> Self {
        Self::missing_word(words::of(permission))
    }

    /// What only a root may.
    pub(super) fn missing_super() -> Self {
        Self::missing_word(SUPER)
    }

    fn missing_word(word: &str) -> Self {
        Self::forbidden(format!("Missing permission: {word}").into())
    }

    /// A token that expired at a time.
    pub(super) fn expired(at: OffsetDateTime) -> Self {
        let err = Detail::Expired { name: "TokenExpiredError", message: "jwt expired", expired_at: to_the_second(at) };
        Self::of(StatusCode::UNAUTHORIZED, Body::Envelope { message: UNAUTHORIZED.into(), err })
    }

    /// A password against the policy.
    pub(super) fn unfit_password(min_chars: usize) -> Self {
        let message = format!("Password must be {min_chars} characters to 72 bytes").into();
        Self::of(StatusCode::BAD_REQUEST, Body::Password { success: false, message })
    }

    /// A field that has to be there and is not.
    pub(super) fn required(field: &str) -> Self {
        Self::field(field, "is required")
    }

    /// A field that is there and not taken.
    pub(super) fn invalid(field: &str) -> Self {
        Self::field(field, "is invalid")
    }

    fn field(field: &str, what: &str) -> Self {
        let err = Detail::Coded { code: "INVALID_FIELD", details: None };
        let message = format!("{field} {what}").into();
        Self::of(StatusCode::BAD_REQUEST, Body::Envelope { message, err })
    }

    /// What a request gets that reached no handler.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NOT_FOUND,
            StatusCode::SERVICE_UNAVAILABLE => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            other => Self::null(other, other.canonical_reason().unwrap_or("Error")),
        }
    }

    /// Whether it is about the token that came, or did not.
    pub(super) fn is_about_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    pub(super) fn response(&self) -> HttpResponse {
        reply::with_retry_after(reply::json(self.status, &self.body), self.retry_after)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.status.fmt(f)
    }
}

faults::answers_faults!(Failure);

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::TOO_LARGE,
            BodyError::Charset => Self::UNSUPPORTED_CHARSET,
            BodyError::Overloaded => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            BodyError::TooSlow | BodyError::Incomplete | BodyError::Encoded | BodyError::NotAnObject => {
                Self::INVALID_BODY
            }
        }
    }
}

impl From<TokenRejection> for Failure {
    fn from(rejection: TokenRejection) -> Self {
        match rejection {
            TokenRejection::Malformed => Self::MALFORMED_TOKEN,
            TokenRejection::Algorithm | TokenRejection::Signature => Self::BAD_SIGNATURE,
            TokenRejection::Expired { at } => {
                let at = at.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
                at.map_or(Self::MALFORMED_TOKEN, Self::expired)
            }
        }
    }
}

impl From<AuthenticateError> for Failure {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::UnknownAccount
            | AuthenticateError::Revoked
            | AuthenticateError::Disabled
            | AuthenticateError::Pending => Self::REVOKED_TOKEN,
            AuthenticateError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Over> for Failure {
    fn from(Over(at): Over) -> Self {
        Self::expired(at)
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::UnknownAccount
            | SignInError::NoPassword
            | SignInError::WrongPassword
            | SignInError::Pending
            | SignInError::Unproven
            | SignInError::RoleTooLow
            | SignInError::Disabled => Self::SIGN_IN,
            SignInError::Fault(fault) => fault.into(),
        }
    }
}

impl From<PasswordResetError> for Failure {
    fn from(error: PasswordResetError) -> Self {
        match error {
            PasswordResetError::Invalid => Self::SPENT_RESET,
            PasswordResetError::CommonPassword(_) => Self::COMMON_PASSWORD,
            PasswordResetError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Forbidden> for Failure {
    fn from(Forbidden: Forbidden) -> Self {
        Self::missing_super()
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::USER_NOT_FOUND,
            AccountError::Forbidden => Self::missing_super(),
            AccountError::LastRoot => Self::LAST_SUPER,
            AccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<CreateAccountError> for Failure {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::EmailTaken => Self::EMAIL_TAKEN,
            CreateAccountError::UsernameTaken => Self::USERNAME_TAKEN,
            CreateAccountError::CommonPassword(_) => Self::COMMON_PASSWORD,
            CreateAccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<EditAccountError> for Failure {
    fn from(error: EditAccountError) -> Self {
        match error {
            EditAccountError::NotFound => Self::USER_NOT_FOUND,
            EditAccountError::Forbidden => Self::missing_super(),
            EditAccountError::PasswordChangeDue => Self::PASSWORD_CHANGE_DUE,
            EditAccountError::WrongPassword => Self::PASSWORD_NOT_SAVED,
            EditAccountError::SignedOut => Self::REVOKED_TOKEN,
            EditAccountError::UsernameTaken => Self::USERNAME_TAKEN,
            EditAccountError::EmailTaken => Self::EMAIL_TAKEN,
            EditAccountError::LastRoot => Self::LAST_SUPER,
            // No telephone number is set here.
            EditAccountError::PhoneTaken => Self::INTERNAL,
            EditAccountError::CommonPassword(_) => Self::COMMON_PASSWORD,
            EditAccountError::Fault(fault) => fault.into(),
        }
    }
}
