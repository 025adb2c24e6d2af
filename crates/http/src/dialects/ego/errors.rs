//! The envelope of failures, and one match per error type of the use cases.

use std::borrow::Cow;

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use vestibule_application::{
    accounts::{AuthenticateError, Forbidden, RemoveSelfError},
    own_account::{ChangePasswordError, UpdateSelfError},
    password_reset::PasswordResetError,
    register::{RegisterError, RegisterWithCodeError},
    sessions::RefreshError,
    sign_in::SignInError,
    verification::VerificationError,
};
use vestibule_domain::{PasswordRules, password::PasswordError};

use crate::shared::{body::BodyError, faults, reply};

/// What is said of a text that is no address.
const NO_ADDRESS: &str = "Ce format d'email est invalid";

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldFault {
    /// It is required, and not there or no text.
    Missing(&'static str),
    /// It is there and not taken.
    Invalid(&'static str),
    /// It is a text, and no address.
    NoAddress(&'static str),
    /// It is a text, and no password that is taken, for this reason.
    Password(&'static str, Weakness),
}

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weakness {
    /// Fewer characters than this.
    TooShort(usize),
    TooLong,
    Nul,
    Common,
}

impl Weakness {
    pub(super) const fn of(error: PasswordError, rules: PasswordRules) -> Self {
        match error {
            PasswordError::TooShort => Self::TooShort(rules.min_chars()),
            PasswordError::TooLong => Self::TooLong,
            PasswordError::Nul => Self::Nul,
            PasswordError::Common => Self::Common,
        }
    }

    fn reason(self) -> Cow<'static, str> {
        match self {
            Self::TooShort(least) => format!("Le mot de passe doit avoir au moins {least} caractères").into(),
            Self::TooLong => format!("Le mot de passe doit avoir au plus {} octets", PasswordRules::MAX_BYTES).into(),
            Self::Nul => "Le mot de passe ne doit pas avoir de caractère nul".into(),
            Self::Common => "Le mot de passe est trop courant".into(),
        }
    }
}

impl FieldFault {
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Missing(field) | Self::Invalid(field) | Self::NoAddress(field) | Self::Password(field, _) => field,
        }
    }

    fn message(self) -> Cow<'static, str> {
        match self {
            Self::Missing(field) => format!("Champ requis: {field}").into(),
            Self::Invalid(field) | Self::Password(field, _) => format!("Champ invalide: {field}").into(),
            Self::NoAddress(_) => NO_ADDRESS.into(),
        }
    }

    /// What `errors` says: of a password, why it is not taken.
    fn detail(self) -> Cow<'static, str> {
        match self {
            Self::Password(_, weakness) => weakness.reason(),
            Self::Missing(_) | Self::Invalid(_) | Self::NoAddress(_) => self.message(),
        }
    }
}

/// The envelope of a sentence alone.
#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

/// The envelope.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    message: &'a str,
    error_code: u16,
    errors: Option<Vec<FieldError>>,
}

#[derive(Serialize)]
struct FieldError {
    field: &'static str,
    message: Cow<'static, str>,
}

impl<'a> ErrorBody<'a> {
    fn new(message: &'a str, error_code: u16, faults: &[FieldFault]) -> Self {
        let error = |fault: &FieldFault| FieldError { field: fault.field(), message: fault.detail() };
        let errors = (!faults.is_empty()).then(|| faults.iter().map(error).collect());
        Self { message, error_code, errors }
    }
}

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failure {
    status: StatusCode,
    message: Cow<'static, str>,
    /// Some failures are a sentence alone.
    code: Option<u16>,
    /// What is wrong with which field, where that is the matter.
    faults: Vec<FieldFault>,
    retry_after: Option<u64>,
}

impl Failure {
    pub(super) const USER_EXISTS: Self = Self::bad_request(1002, "Utilisateur existe déjà!");
    pub(super) const INVALID_CREDENTIALS: Self =
        Self::coded(StatusCode::UNAUTHORIZED, 1003, "Email ou mot de passe incorrect");
    pub(super) const PHONE_TAKEN: Self =
        Self::bad_request(1004, "Ce numéro de téléphone est déjà utilisé, merci d'en choisir un autre");
    pub(super) const WRONG_PASSWORD: Self = Self::bad_request(1005, "Mot de passe Incorrect!");
    pub(super) const NOTHING_TO_UPDATE: Self = Self::bad_request(1006, "Aucune donne a mettre a jour saisie");
    pub(super) const INVALID_OTP: Self = Self::bad_request(1009, "Code OTP invalide ou expiré");
    const INVALID_EMAIL: Self = Self::bad_request(1010, NO_ADDRESS);
    pub(super) const UNVERIFIED: Self = Self::bad_request(1011, "Ce compte na pas encore été verifie");
    pub(super) const INVALID_RESET_TOKEN: Self = Self::bad_request(1015, "Le token est invalid ou a expiré");
    pub(super) const FORBIDDEN: Self =
        Self::coded(StatusCode::FORBIDDEN, 1016, "Vous n'avez pas les droits pour accéder à cette ressource");
    pub(super) const INVALID_BODY: Self = Self::bad_request(Self::FIELDS, "Requête invalide");
    pub(super) const TOO_MANY_REQUESTS: Self = Self::coded(StatusCode::TOO_MANY_REQUESTS, 1018, "Trop de tentatives");
    pub(super) const BODY_TOO_LARGE: Self =
        Self::coded(StatusCode::PAYLOAD_TOO_LARGE, 1019, "Requête trop volumineuse");
    pub(super) const UNSUPPORTED_CHARSET: Self =
        Self::coded(StatusCode::UNSUPPORTED_MEDIA_TYPE, 1022, "La requête doit être en UTF-8");
    pub(super) const METHOD_NOT_ALLOWED: Self =
        Self::coded(StatusCode::METHOD_NOT_ALLOWED, 1020, "Méthode non autorisée");
    pub(super) const UNAVAILABLE: Self = Self::coded(StatusCode::SERVICE_UNAVAILABLE, 1021, "Service indisponible");
    pub(super) const INTERNAL: Self = Self::coded(StatusCode::INTERNAL_SERVER_ERROR, 1000, "Erreur interne");

    pub(super) const NO_TOKEN: Self = Self::sentence(StatusCode::UNAUTHORIZED, "Attention le token n'est pas present");
    pub(super) const INVALID_TOKEN: Self = Self::sentence(StatusCode::UNAUTHORIZED, "Token non valide");

    /// The code of whatever is wrong with a body or its fields.
    const FIELDS: u16 = 1017;

    const fn new(status: StatusCode, code: Option<u16>, message: &'static str) -> Self {
        Self { status, message: Cow::Borrowed(message), code, faults: Vec::new(), retry_after: None }
    }

    const fn coded(status: StatusCode, code: u16, message: &'static str) -> Self {
        Self::new(status, Some(code), message)
    }

    const fn bad_request(code: u16, message: &'static str) -> Self {
        Self::coded(StatusCode::BAD_REQUEST, code, message)
    }

    const fn sentence(status: StatusCode, message: &'static str) -> Self {
        Self::new(status, None, message)
    }

    /// Whether it tells of a token, and not of a service that cannot be reached.
    pub(super) fn is_of_a_token(&self) -> bool {
        matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
    }

    /// What is wrong with fields: the first one is in the message, and a text that is no address has a code of its own.
    pub(super) fn of_fields(faults: Vec<FieldFault>) -> Self {
        match faults.first() {
            None => Self::INVALID_BODY,
            Some(FieldFault::NoAddress(_)) => Self::INVALID_EMAIL,
            Some(first @ (FieldFault::Missing(_) | FieldFault::Invalid(_) | FieldFault::Password(..))) => {
                Self { message: first.message(), faults, ..Self::INVALID_BODY }
            }
        }
    }

    /// What is too common has the message of every password that is not taken.
    pub(super) fn common_password() -> Self {
        Self::of_fields(vec![FieldFault::Password("password", Weakness::Common)])
    }

    /// What a request gets that reached no handler.
    pub(super) fn of_status(path: &str, status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => {
                let message = Cow::Owned(format!("{path} - 404 Route Not Found"));
                Self { message, ..Self::sentence(status, "") }
            }
            StatusCode::SERVICE_UNAVAILABLE => Self { retry_after: Some(1), ..Self::UNAVAILABLE },
            other => Self { status: other, ..Self::INVALID_BODY },
        }
    }

    pub(super) fn response(&self) -> HttpResponse {
        let response = match self.code {
            None => reply::json(self.status, &Message { message: &self.message }),
            Some(code) => reply::json(self.status, &ErrorBody::new(&self.message, code, &self.faults)),
        };
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

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            // The dialect has neither user names nor identities at providers.
            RegisterError::EmailTaken | RegisterError::UsernameTaken | RegisterError::IdentityTaken => {
                Self::USER_EXISTS
            }
            RegisterError::PhoneTaken => Self::PHONE_TAKEN,
            RegisterError::Fault(fault) => fault.into(),
        }
    }
}

impl From<RegisterWithCodeError> for Failure {
    fn from(error: RegisterWithCodeError) -> Self {
        match error {
            RegisterWithCodeError::Register(error) => error.into(),
            RegisterWithCodeError::Forbidden => Self::FORBIDDEN,
            RegisterWithCodeError::CommonPassword(_) => Self::common_password(),
            RegisterWithCodeError::Fault(fault) => fault.into(),
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

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::UnknownAccount
            | SignInError::NoPassword
            | SignInError::WrongPassword
            | SignInError::RoleTooLow
            | SignInError::Disabled => Self::INVALID_CREDENTIALS,
            SignInError::Pending | SignInError::Unproven => Self::UNVERIFIED,
            SignInError::Fault(fault) => fault.into(),
        }
    }
}

impl From<PasswordResetError> for Failure {
    fn from(error: PasswordResetError) -> Self {
        match error {
            PasswordResetError::Invalid => Self::INVALID_RESET_TOKEN,
            PasswordResetError::CommonPassword(_) => Self::common_password(),
            PasswordResetError::Fault(fault) => fault.into(),
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

impl From<RefreshError> for Failure {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Ended | RefreshError::Reused => Self::INVALID_TOKEN,
            RefreshError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ChangePasswordError> for Failure {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => Self::WRONG_PASSWORD,
            ChangePasswordError::SignedOut => Self::INVALID_TOKEN,
            ChangePasswordError::CommonPassword(_) => Self::common_password(),
            ChangePasswordError::Fault(fault) => fault.into(),
        }
    }
}

impl From<UpdateSelfError> for Failure {
    fn from(error: UpdateSelfError) -> Self {
        match error {
            UpdateSelfError::SignedOut => Self::INVALID_TOKEN,
            UpdateSelfError::PhoneTaken => Self::PHONE_TAKEN,
            UpdateSelfError::Fault(fault) => fault.into(),
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
            RemoveSelfError::LastRoot => Self::FORBIDDEN,
            RemoveSelfError::Fault(fault) => fault.into(),
        }
    }
}
