//! The envelope of failures, and one match per error type of the use cases.

use actix_web::{HttpResponse, http::StatusCode};
use vestibule_application::{
    accounts::AuthenticateError, password_reset::PasswordResetError, register::RegisterError, sign_in::SignInError,
};
use vestibule_domain::name::InvalidName;

use super::responses::Envelope;
use crate::shared::{body::BodyError, faults, reply};

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failure {
    status: StatusCode,
    message: &'static str,
    retry_after: Option<u64>,
}

impl Failure {
    pub(super) const MISSING_FIELDS: Self = Self::new(StatusCode::BAD_REQUEST, "Please add all fields");
    pub(super) const UNFIT_NAME: Self = Self::new(StatusCode::BAD_REQUEST, "Full name must be 1 to 100 characters");
    pub(super) const INVALID_EMAIL: Self = Self::new(StatusCode::BAD_REQUEST, "Invalid email");
    pub(super) const UNFIT_PASSWORD: Self = Self::new(StatusCode::BAD_REQUEST, "Password must be 8 to 72 characters");
    pub(super) const LONG_PASSWORD: Self =
        Self::new(StatusCode::BAD_REQUEST, "Password must be at most 72 bytes: letters beyond ASCII take two to four");
    pub(super) const NUL_IN_PASSWORD: Self =
        Self::new(StatusCode::BAD_REQUEST, "Password must not contain a NUL character");
    pub(super) const USER_EXISTS: Self = Self::new(StatusCode::BAD_REQUEST, "User already exists");
    pub(super) const INVALID_CREDENTIALS: Self = Self::new(StatusCode::UNAUTHORIZED, "Invalid credentials");
    pub(super) const NO_TOKEN: Self = Self::new(StatusCode::UNAUTHORIZED, "Not authorized, no token");
    pub(super) const USER_NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "User not found");
    pub(super) const INVALID_OTP: Self = Self::new(StatusCode::BAD_REQUEST, "Invalid or expired OTP");
    pub(super) const INVALID_RESET_TOKEN: Self = Self::new(StatusCode::BAD_REQUEST, "Invalid or expired reset token");
    pub(super) const NO_IDENTIFIERS: Self = Self::new(StatusCode::BAD_REQUEST, "Please provide identifiers array");
    pub(super) const TOO_MANY_IDENTIFIERS: Self =
        Self::new(StatusCode::BAD_REQUEST, "At most 500 identifiers at a time");
    pub(super) const INVALID_BODY: Self = Self::new(StatusCode::BAD_REQUEST, "Invalid request body");
    pub(super) const BODY_TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large");
    pub(super) const UNSUPPORTED_CHARSET: Self =
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Request body must be UTF-8");
    pub(super) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "Not found");
    pub(super) const METHOD_NOT_ALLOWED: Self = Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    pub(super) const TOO_MANY_REQUESTS: Self = Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    pub(super) const UNAVAILABLE: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable");
    pub(super) const INTERNAL: Self = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");

    const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message, retry_after: None }
    }

    /// What a request gets that reached no handler.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NOT_FOUND,
            StatusCode::SERVICE_UNAVAILABLE => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            other => Self::new(other, other.canonical_reason().unwrap_or("Error")),
        }
    }

    /// A useless code or grant, which the document tells apart: `invalid` is the answer to this one.
    pub(super) fn of_reset(error: PasswordResetError, invalid: Self) -> Self {
        match error {
            PasswordResetError::Invalid => invalid,
            PasswordResetError::CommonPassword(_) => Self::UNFIT_PASSWORD,
            PasswordResetError::Fault(fault) => fault.into(),
        }
    }

    pub(super) fn response(&self) -> HttpResponse {
        let response = reply::json(self.status, &Envelope::failed(self.message));
        reply::with_retry_after(response, self.retry_after)
    }
}

faults::answers_faults!(Failure);

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Overloaded => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            BodyError::TooLarge => Self::BODY_TOO_LARGE,
            BodyError::Charset => Self::UNSUPPORTED_CHARSET,
            BodyError::TooSlow | BodyError::Incomplete | BodyError::Encoded | BodyError::NotAnObject => {
                Self::INVALID_BODY
            }
        }
    }
}

impl From<InvalidName> for Failure {
    fn from(error: InvalidName) -> Self {
        match error {
            InvalidName::Empty => Self::MISSING_FIELDS,
            InvalidName::Unfit => Self::UNFIT_NAME,
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            // The dialect has neither user names nor telephone numbers, so that none of its registrations can want a taken one.
            RegisterError::EmailTaken
            | RegisterError::UsernameTaken
            | RegisterError::IdentityTaken
            | RegisterError::PhoneTaken => Self::USER_EXISTS,
            RegisterError::Fault(fault) => fault.into(),
        }
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
            | SignInError::Disabled => Self::INVALID_CREDENTIALS,
            SignInError::Fault(fault) => fault.into(),
        }
    }
}

impl From<AuthenticateError> for Failure {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::UnknownAccount => Self::USER_NOT_FOUND,
            AuthenticateError::Revoked | AuthenticateError::Disabled | AuthenticateError::Pending => Self::NO_TOKEN,
            AuthenticateError::Fault(fault) => fault.into(),
        }
    }
}
