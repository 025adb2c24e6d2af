//! From requests to the inputs of use cases.

use time::Duration;
use vestibule_application::{
    Language,
    mail::LinkMail,
    own_account::{ChangeOwnPassword, RenameSelf, UpdateSelf},
    password_reset::{RequestPasswordReset, ResetMeans, ResetPasswordByToken},
    register::{RegisterWithCode, RegisterWithPassword},
    sessions::UseRefreshToken,
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
    verification::{Mailbox, ResendVerificationCode, VerifyMailboxByCode},
};
use vestibule_domain::{CodeFormat, DossierChange, EmailAddress, Origin, PersonName, RefreshTokenId, Role};

use super::EgoOptions;
use super::{
    errors::Failure,
    requests::{Login, MailTo, RefreshToken, Register, ResetPassword, Update, UpdatePassword, VerifyOtp},
};
use crate::shared::link_page::{Field, LinkPage, Words};

/// What the dialect's codes look like.
const CODE_FORMAT: CodeFormat = CodeFormat::SixHexDigits;
/// The language of all mail.
const LANGUAGE: Language = Language::French;
/// How long a mailed reset token works.
const RESET_LIFETIME: Duration = Duration::minutes(10);

/// Our own page under the link of a reset mail.
pub(super) const LINK_PAGES: &[LinkPage] = &[LinkPage {
    path: "/reset-password",
    method: "POST",
    door: "/api/v1/users/reset-password",
    query: Some("token"),
    fields: &[("newPassword", Field::NewPassword, "Nouveau mot de passe")],
    words: Words::french(
        "Réinitialiser le mot de passe",
        "Votre mot de passe est modifié. Vous pouvez maintenant vous connecter.",
    ),
}];

pub(super) fn register(request: Register, origin: Origin) -> RegisterWithCode {
    let Register { role, email, phone, password, first, last } = request;
    let name = PersonName::Parts { first: Some(first), last: Some(last) };
    RegisterWithCode {
        registration: RegisterWithPassword {
            origin,
            email,
            username: None,
            name,
            password,
            dossier: phone.map(DossierChange::of_phone).unwrap_or_default(),
        },
        role: role.unwrap_or(Role::User),
        format: CODE_FORMAT,
        language: LANGUAGE,
    }
}

/// An address that is none has no code.
pub(super) fn verify_code(request: VerifyOtp, origin: Origin) -> Result<VerifyMailboxByCode, Failure> {
    let email = EmailAddress::parse(&request.email).map_err(|_| Failure::INVALID_OTP)?;
    Ok(VerifyMailboxByCode { origin, mailbox: Mailbox::Of(email), code: request.otp, format: CODE_FORMAT })
}

/// For an account that has at least a role; an address that is none is looked up like an unknown one.
pub(super) fn sign_in(request: Login, origin: Origin, least_role: Role) -> SignInWithPassword {
    SignInWithPassword {
        origin,
        identifier: Identifier::email(&request.email),
        password: request.password,
        proof: MailboxProof::Needed,
        least_role,
        refreshable: true,
    }
}

/// `None` for an address that is none: nothing is to be done, and the answer is the one to an unknown address.
pub(super) fn resend_code(request: &MailTo, origin: Origin) -> Option<ResendVerificationCode> {
    let email = EmailAddress::parse(&request.email).ok()?;
    Some(ResendVerificationCode {
        origin,
        mailbox: Mailbox::Of(email),
        to_proven: false,
        format: CODE_FORMAT,
        language: LANGUAGE,
    })
}

/// `None` for an address that is none, as for another code.
pub(super) fn request_password_reset(
    request: &MailTo,
    origin: Origin,
    options: &EgoOptions,
) -> Option<RequestPasswordReset> {
    let email = EmailAddress::parse(&request.email).ok()?;
    let mail = LinkMail {
        template: "reset-password-token",
        language: LANGUAGE,
        url_prefix: format!("{}/reset-password?token=", options.frontend_url.trim_end_matches('/')),
        fields: Vec::new(),
    };
    Some(RequestPasswordReset {
        origin,
        identifier: Identifier::Email(email),
        means: ResetMeans::Token { mail, lifetime: RESET_LIFETIME },
    })
}

pub(super) fn reset_password(request: ResetPassword, origin: Origin) -> ResetPasswordByToken {
    ResetPasswordByToken { origin, account: None, token: request.token, password: request.password, language: LANGUAGE }
}

pub(super) fn refresh(request: RefreshToken, token: RefreshTokenId, origin: Origin) -> UseRefreshToken {
    UseRefreshToken { origin, token, retry_key: request.retry_key }
}

/// Nothing at all to change is refused.
pub(super) fn update(request: Update) -> Result<UpdateSelf, Failure> {
    let Update { first, last, dossier } = request;
    let name = RenameSelf { first, last };
    if name.is_empty() && dossier.is_empty() {
        return Err(Failure::NOTHING_TO_UPDATE);
    }
    Ok(UpdateSelf { name, dossier })
}

pub(super) fn change_password(request: UpdatePassword) -> ChangeOwnPassword {
    ChangeOwnPassword { current: request.current, new: request.new, language: LANGUAGE }
}
