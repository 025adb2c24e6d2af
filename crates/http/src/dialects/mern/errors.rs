//! The envelope of failures, and one match per error type of the use cases.

use std::borrow::Cow;

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use vestibule_application::{
    CredentialRejection, TokenRejection,
    accounts::{AccountError, AuthenticateError, Forbidden},
    chain,
    links::LinkError,
    own_account::{ChangePasswordError, OwnAccountError},
    register::RegisterError,
    sign_in::{ProviderSignInError, SignInError},
};
use vestibule_domain::Provider;

use super::MernOptions;
use crate::shared::{body::BodyError, faults, reply};

/// Seconds after which a sign-in provider may be back.
const PROVIDER_SECONDS: u64 = 5;

/// What is said of a password that is too common.
pub(super) const COMMON_PASSWORD: &str = "Password is too common";

/// What a client is told of the first field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invalid(pub(super) String);

impl Invalid {
    /// A message about a field, whose name stands before it in double quotes.
    pub(super) fn field(name: &str, what: &str) -> Self {
        Self(format!("\"{name}\" {what}"))
    }
}

impl From<&str> for Invalid {
    fn from(message: &str) -> Self {
        Self(message.to_owned())
    }
}

/// The envelope.
#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorMessage<'a>,
}

#[derive(Serialize)]
struct ErrorMessage<'a> {
    message: &'a str,
}

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failure {
    status: StatusCode,
    message: Cow<'static, str>,
    retry_after: Option<u64>,
}

impl Failure {
    pub(super) const INVALID_JSON: Self = Self::bad_request("The body is not valid JSON");
    pub(super) const INCOMPLETE_BODY: Self = Self::bad_request("request aborted");
    /// Only privileged accounts are refused such a password; the form is that of the document's other weak ones.
    pub(super) const COMMON_PASSWORD: Self = Self::bad_request(COMMON_PASSWORD);
    /// What the document's store says of a domain that is not ASCII.
    pub(super) const UNICODE_DOMAIN: Self = Self::bad_request("User validation failed: email: Invalid email");

    pub(super) const NO_TOKEN: Self = Self::unauthorized("No auth token");
    pub(super) const TOKEN_MALFORMED: Self = Self::unauthorized("jwt malformed");
    pub(super) const TOKEN_UNREADABLE: Self = Self::unauthorized("invalid token");
    pub(super) const TOKEN_UNSIGNED: Self = Self::unauthorized("jwt signature is required");
    const TOKEN_ALGORITHM: Self = Self::unauthorized("invalid algorithm");
    const TOKEN_SIGNATURE: Self = Self::unauthorized("invalid signature");
    pub(super) const TOKEN_NOT_ACTIVE: Self = Self::unauthorized("jwt not active");
    pub(super) const TOKEN_EXPIRED: Self = Self::unauthorized("jwt expired");
    pub(super) const INVALID_CREDENTIALS: Self = Self::unauthorized("Invalid credentials");
    pub(super) const REVOKED: Self = Self::unauthorized("Invalid JWT token");
    pub(super) const DISABLED: Self = Self::unauthorized("Account is disabled");
    pub(super) const UNVERIFIED: Self = Self::unauthorized("Email is not verified");
    const INVALID_STATUS: Self = Self::unauthorized("Account status is invalid");
    pub(super) const UNKNOWN_ACCOUNT: Self = Self::unauthorized("Username or email does not exist");
    pub(super) const WRONG_PASSWORD: Self = Self::unauthorized("Password is incorrect");

    pub(super) const FORBIDDEN: Self = Self::new(StatusCode::FORBIDDEN, "Forbidden action");
    pub(super) const SOCIAL_PASSWORD: Self =
        Self::new(StatusCode::FORBIDDEN, "Cannot change the password of OAuth account");
    pub(super) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "Not Found");
    pub(super) const BODY_TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request entity too large");

    pub(super) const EMAIL_TAKEN: Self = Self::refused("Email is already in use");
    pub(super) const USERNAME_TAKEN: Self = Self::refused("Username is already in use");
    pub(super) const UNKNOWN_EMAIL: Self = Self::refused("Email not associated with any acount");
    pub(super) const ALREADY_VERIFIED: Self = Self::refused("Email already verified");
    pub(super) const LINK_EXPIRED: Self = Self::refused("Token expired");
    pub(super) const LINK_PASSWORD: Self = Self::refused("Password is incorrect");
    pub(super) const VERIFY_EMAIL_OFF: Self = Self::refused("Email verification functionality is not available");
    pub(super) const RESET_PASSWORD_OFF: Self = Self::refused("Password reset functionality is not available");
    pub(super) const SAME_PASSWORD: Self = Self::refused("New password is the same as current password");
    pub(super) const WRONG_CURRENT_PASSWORD: Self = Self::refused("Current password is incorrect");
    pub(super) const INVALID_USER_ID: Self = Self::refused("Invalid user ID");
    pub(super) const UNKNOWN_USER_ID: Self = Self::refused("User ID does not exist");

    pub(super) const TOO_MANY_REQUESTS: Self =
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests from this IP, please try again later.");
    pub(super) const PROVIDER_UNAVAILABLE: Self = Self {
        status: StatusCode::SERVICE_UNAVAILABLE,
        message: Cow::Borrowed("Sign-in provider is unavailable"),
        retry_after: Some(PROVIDER_SECONDS),
    };
    pub(super) const UNAVAILABLE: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable");
    pub(super) const INTERNAL: Self = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");

    const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message: Cow::Borrowed(message), retry_after: None }
    }

    const fn bad_request(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    const fn unauthorized(message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// What was understood and cannot be done.
    const fn refused(message: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    fn with_text(status: StatusCode, message: String) -> Self {
        Self { status, message: Cow::Owned(message), retry_after: None }
    }

    pub(super) fn unsupported_charset(charset: &str) -> Self {
        Self::with_text(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("unsupported charset \"{charset}\""))
    }

    pub(super) fn unsupported_encoding(encoding: &str) -> Self {
        Self::with_text(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("unsupported content encoding \"{encoding}\""))
    }

    /// A full bucket or a wait.
    pub(super) fn too_many_requests(retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::TOO_MANY_REQUESTS }
    }

    /// What a request gets that reached no handler.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NOT_FOUND,
            StatusCode::SERVICE_UNAVAILABLE => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            other => Self::new(other, other.canonical_reason().unwrap_or("Error")),
        }
    }

    /// The right password of an account whose mailbox nobody has proven.
    pub(super) const fn unverified(options: &MernOptions) -> Self {
        if options.verify_email { Self::UNVERIFIED } else { Self::INVALID_STATUS }
    }

    pub(super) fn of_sign_in(error: SignInError, options: &MernOptions) -> Self {
        match error {
            SignInError::UnknownAccount | SignInError::NoPassword => Self::UNKNOWN_ACCOUNT,
            SignInError::WrongPassword => Self::WRONG_PASSWORD,
            // No role is asked for here.
            SignInError::RoleTooLow => Self::FORBIDDEN,
            SignInError::Pending | SignInError::Unproven => Self::unverified(options),
            SignInError::Disabled => Self::DISABLED,
            SignInError::Fault(fault) => fault.into(),
        }
    }

    pub(super) fn of_authentication(error: AuthenticateError, options: &MernOptions) -> Self {
        match error {
            AuthenticateError::UnknownAccount => Self::INVALID_CREDENTIALS,
            AuthenticateError::Revoked => Self::REVOKED,
            AuthenticateError::Disabled => Self::DISABLED,
            AuthenticateError::Pending => Self::unverified(options),
            AuthenticateError::Fault(fault) => fault.into(),
        }
    }

    pub(super) fn of_provider(error: ProviderSignInError, provider: Provider) -> Self {
        match error {
            ProviderSignInError::ProviderOff => Self::NOT_FOUND,
            ProviderSignInError::ProviderUnavailable(_) => {
                tracing::warn!(error = %chain(&error), provider = provider.as_str(), "a provider does not answer");
                Self::PROVIDER_UNAVAILABLE
            }
            ProviderSignInError::Rejected(rejection) => Self::of_credential(&rejection, provider),
            ProviderSignInError::Unvouched => Self::UNVERIFIED,
            ProviderSignInError::Disabled => Self::DISABLED,
            ProviderSignInError::Fault(fault) => fault.into(),
        }
    }

    pub(super) fn of_credential(rejection: &CredentialRejection, provider: Provider) -> Self {
        let message: Cow<'static, str> = match provider {
            Provider::Google => google_text(rejection),
            Provider::Facebook => "Failed to fetch user profile".into(),
            Provider::Apple => apple_text(rejection),
        };
        Self { status: StatusCode::UNAUTHORIZED, message, retry_after: None }
    }

    pub(super) fn response(&self) -> HttpResponse {
        let response = reply::json(self.status, &ErrorBody { error: ErrorMessage { message: &self.message } });
        reply::with_retry_after(response, self.retry_after)
    }
}

fn google_text(rejection: &CredentialRejection) -> Cow<'static, str> {
    match rejection {
        CredentialRejection::Malformed
        | CredentialRejection::Refused
        | CredentialRejection::RefusedBecause(_)
        | CredentialRejection::NoIdentityToken => "malformed idToken".into(),
        CredentialRejection::Algorithm => "invalid algorithm".into(),
        CredentialRejection::Signature => "invalid signature".into(),
        CredentialRejection::Audience { expected } => format!("jwt audience invalid. expected: {expected}").into(),
        CredentialRejection::Issuer { .. } => "jwt issuer invalid".into(),
        CredentialRejection::Expired => "jwt expired".into(),
    }
}

/// What Apple itself says of a refused code is not told: it is another server's text.
fn apple_text(rejection: &CredentialRejection) -> Cow<'static, str> {
    match rejection {
        CredentialRejection::Malformed | CredentialRejection::Refused | CredentialRejection::RefusedBecause(_) => {
            "Failed to obtain access token".into()
        }
        CredentialRejection::NoIdentityToken => "ID Token not present in token response".into(),
        CredentialRejection::Algorithm => "invalid algorithm".into(),
        CredentialRejection::Signature => "invalid signature".into(),
        CredentialRejection::Audience { expected } => format!("jwt audience invalid. expected: {expected}").into(),
        CredentialRejection::Issuer { expected } => format!("jwt issuer invalid. expected: {expected}").into(),
        CredentialRejection::Expired => "jwt expired".into(),
    }
}

impl From<Invalid> for Failure {
    fn from(Invalid(message): Invalid) -> Self {
        Self::with_text(StatusCode::BAD_REQUEST, message)
    }
}

faults::answers_faults!(Failure);

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Overloaded => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            BodyError::TooLarge => Self::BODY_TOO_LARGE,
            BodyError::Charset => Self::unsupported_charset("UTF-16"),
            BodyError::TooSlow | BodyError::Incomplete => Self::INCOMPLETE_BODY,
            BodyError::Encoded | BodyError::NotAnObject => Self::INVALID_JSON,
        }
    }
}

/// For a token of three parts that is signed.
impl From<TokenRejection> for Failure {
    fn from(rejection: TokenRejection) -> Self {
        match rejection {
            TokenRejection::Malformed => Self::TOKEN_UNREADABLE,
            TokenRejection::Algorithm => Self::TOKEN_ALGORITHM,
            TokenRejection::Signature => Self::TOKEN_SIGNATURE,
            TokenRejection::Expired { .. } => Self::TOKEN_EXPIRED,
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            // A sign-up by password has neither an identity at a provider nor a telephone number.
            RegisterError::EmailTaken | RegisterError::IdentityTaken | RegisterError::PhoneTaken => Self::EMAIL_TAKEN,
            RegisterError::UsernameTaken => Self::USERNAME_TAKEN,
            RegisterError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::UnknownEmail => Self::UNKNOWN_EMAIL,
            LinkError::AlreadyProven => Self::ALREADY_VERIFIED,
            LinkError::Invalid => Self::LINK_EXPIRED,
            LinkError::WrongPassword => Self::LINK_PASSWORD,
            LinkError::CommonPassword(_) => Self::COMMON_PASSWORD,
            LinkError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ChangePasswordError> for Failure {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => Self::WRONG_CURRENT_PASSWORD,
            ChangePasswordError::SignedOut => Self::REVOKED,
            ChangePasswordError::CommonPassword(_) => Self::COMMON_PASSWORD,
            ChangePasswordError::Fault(fault) => fault.into(),
        }
    }
}

impl From<OwnAccountError> for Failure {
    fn from(error: OwnAccountError) -> Self {
        match error {
            OwnAccountError::SignedOut => Self::REVOKED,
            OwnAccountError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Forbidden> for Failure {
    fn from(Forbidden: Forbidden) -> Self {
        Self::FORBIDDEN
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::UNKNOWN_USER_ID,
            AccountError::Forbidden | AccountError::LastRoot => Self::FORBIDDEN,
            AccountError::Fault(fault) => fault.into(),
        }
    }
}
