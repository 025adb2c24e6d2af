//! The envelope of failures, and one match per error type of the use cases.

use std::borrow::Cow;

use actix_web::{HttpResponse, http::StatusCode};
use vestibule_application::{
    accounts::{AccountError, AuthenticateError, EditAccountError, Forbidden, RemoveSelfError},
    chat::ChatError,
    documents::DocumentError,
    register::RegisterError,
    sign_in::SignInError,
    verification::VerificationError,
};

use super::responses::Envelope;
use crate::shared::{body::BodyError, faults, reply};

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failure {
    status: StatusCode,
    message: Cow<'static, str>,
    retry_after: Option<u64>,
}

impl Failure {
    pub(super) const INVALID_BODY: Self = Self::new(StatusCode::BAD_REQUEST, "Invalid request body");
    pub(super) const INVALID_USER_ID: Self = Self::new(StatusCode::BAD_REQUEST, "Invalid user id");
    pub(super) const TWO_IDENTIFIERS: Self = Self::new(StatusCode::BAD_REQUEST, "Give either an email or a username");
    pub(super) const UNFIT_PASSWORD: Self =
        Self::new(StatusCode::BAD_REQUEST, "personal.password must have 8 characters to 72 bytes");
    pub(super) const COMMON_PASSWORD: Self =
        Self::new(StatusCode::BAD_REQUEST, "personal.password is one of the most common ones");
    pub(super) const NOTHING_TO_CHANGE: Self = Self::new(StatusCode::BAD_REQUEST, "status, role or code is required");
    pub(super) const INVALID_OTP: Self = Self::new(StatusCode::BAD_REQUEST, "Invalid or expired OTP");
    pub(super) const NO_TOKEN: Self = Self::new(StatusCode::UNAUTHORIZED, "No token provided");
    pub(super) const INVALID_TOKEN: Self = Self::new(StatusCode::UNAUTHORIZED, "Invalid or expired token");
    pub(super) const INVALID_CREDENTIALS: Self = Self::new(StatusCode::UNAUTHORIZED, "Invalid credentials");
    pub(super) const FORBIDDEN: Self = Self::new(StatusCode::FORBIDDEN, "Forbidden");
    pub(super) const WRONG_PASSWORD: Self = Self::new(StatusCode::FORBIDDEN, "Current password is incorrect");
    pub(super) const USER_NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "User not found");
    pub(super) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "Not found");
    pub(super) const METHOD_NOT_ALLOWED: Self = Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    pub(super) const NO_FILE: Self =
        Self::new(StatusCode::BAD_REQUEST, "file is required, as a part of a multipart form");
    pub(super) const EMPTY_FILE: Self = Self::new(StatusCode::BAD_REQUEST, "The file is empty");
    pub(super) const INCOMPLETE_FILE: Self = Self::new(StatusCode::BAD_REQUEST, "The file is incomplete");
    pub(super) const FILE_TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The file has more than 10 MiB");
    pub(super) const NO_DOCUMENT: Self =
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The file is neither a PDF nor a PNG or JPEG image");
    pub(super) const USER_EXISTS: Self = Self::new(StatusCode::CONFLICT, "User already exists");
    pub(super) const CLIENT_ID_USED: Self = Self::new(StatusCode::CONFLICT, "clientId already used");
    pub(super) const LAST_ADMIN: Self = Self::new(StatusCode::CONFLICT, "Last admin");
    pub(super) const TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large");
    pub(super) const UNSUPPORTED_TYPE: Self = Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type");
    pub(super) const TOO_MANY_REQUESTS: Self = Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    pub(super) const UNAVAILABLE: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable");
    pub(super) const INTERNAL: Self = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");

    const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message: Cow::Borrowed(message), retry_after: None }
    }

    /// A field that has to be there and is not.
    pub(super) fn required(field: impl AsRef<str>) -> Self {
        Self::field(field.as_ref(), "is required")
    }

    /// A field that is there and not taken.
    pub(super) fn invalid(field: impl AsRef<str>) -> Self {
        Self::field(field.as_ref(), "is invalid")
    }

    fn field(field: &str, what: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: format!("{field} {what}").into(), retry_after: None }
    }

    /// What is wrong with a form.
    pub(super) fn of_form(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::FILE_TOO_LARGE,
            BodyError::TooSlow | BodyError::Incomplete => Self::INCOMPLETE_FILE,
            BodyError::Overloaded => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            BodyError::Encoded | BodyError::Charset | BodyError::NotAnObject => Self::NO_FILE,
        }
    }

    /// What a request gets that reached no handler.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NOT_FOUND,
            StatusCode::SERVICE_UNAVAILABLE => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            other => Self::new(other, other.canonical_reason().unwrap_or("Error")),
        }
    }

    pub(super) fn response(&self) -> HttpResponse {
        let response = reply::json(self.status, &Envelope::failed(&self.message));
        reply::with_retry_after(response, self.retry_after)
    }
}

faults::answers_faults!(Failure);

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Overloaded => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            BodyError::TooLarge => Self::TOO_LARGE,
            BodyError::Charset => Self::UNSUPPORTED_TYPE,
            BodyError::TooSlow | BodyError::Incomplete | BodyError::Encoded | BodyError::NotAnObject => {
                Self::INVALID_BODY
            }
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            // Neither an identity at a provider nor a telephone number of one account only is set here.
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
            AuthenticateError::UnknownAccount
            | AuthenticateError::Revoked
            | AuthenticateError::Disabled
            | AuthenticateError::Pending => Self::INVALID_TOKEN,
            AuthenticateError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Forbidden> for Failure {
    fn from(Forbidden: Forbidden) -> Self {
        Self::FORBIDDEN
    }
}

impl From<RemoveSelfError> for Failure {
    fn from(error: RemoveSelfError) -> Self {
        match error {
            RemoveSelfError::SignedOut => Self::INVALID_TOKEN,
            RemoveSelfError::LastRoot => Self::LAST_ADMIN,
            RemoveSelfError::Fault(fault) => fault.into(),
        }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::USER_NOT_FOUND,
            AccountError::Forbidden => Self::FORBIDDEN,
            AccountError::LastRoot => Self::LAST_ADMIN,
            AccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<EditAccountError> for Failure {
    fn from(error: EditAccountError) -> Self {
        match error {
            EditAccountError::NotFound => Self::USER_NOT_FOUND,
            // No change of password comes before anything here.
            EditAccountError::Forbidden | EditAccountError::PasswordChangeDue => Self::FORBIDDEN,
            EditAccountError::LastRoot => Self::LAST_ADMIN,
            EditAccountError::WrongPassword => Self::WRONG_PASSWORD,
            EditAccountError::SignedOut => Self::INVALID_TOKEN,
            EditAccountError::EmailTaken | EditAccountError::UsernameTaken | EditAccountError::PhoneTaken => {
                Self::USER_EXISTS
            }
            EditAccountError::CommonPassword(_) => Self::COMMON_PASSWORD,
            EditAccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ChatError> for Failure {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Forbidden => Self::FORBIDDEN,
            ChatError::UnknownAccount => Self::USER_NOT_FOUND,
            ChatError::ClientIdReused => Self::CLIENT_ID_USED,
            ChatError::Fault(fault) => fault.into(),
        }
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Forbidden => Self::FORBIDDEN,
            DocumentError::UnknownAccount => Self::USER_NOT_FOUND,
            DocumentError::SignedOut => Self::INVALID_TOKEN,
            DocumentError::NotFound => Self::NOT_FOUND,
            DocumentError::TooLarge => Self::FILE_TOO_LARGE,
            DocumentError::UnsupportedMedia => Self::NO_DOCUMENT,
            DocumentError::Empty => Self::EMPTY_FILE,
            DocumentError::Truncated => Self::INCOMPLETE_FILE,
            DocumentError::Fault(fault) => fault.into(),
        }
    }
}

impl From<VerificationError> for Failure {
    fn from(error: VerificationError) -> Self {
        match error {
            VerificationError::Invalid => Self::INVALID_OTP,
            VerificationError::Fault(fault) => fault.into(),
        }
    }
}
