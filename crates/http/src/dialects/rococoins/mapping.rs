//! From requests to the inputs of use cases.

use vestibule_application::{
    Language,
    register::RegisterWithPassword,
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
    users::{EditUser, UserChange},
    verification::{Mailbox, ResendVerificationCode, VerifyMailboxByCode},
};
use vestibule_domain::{AccountId, CodeFormat, EmailAddress, Origin, Role, Username};

use super::requests::{AdminUpdate, Create, Login, LoginName, MailTo, Otp, Update, VerifyOtp};

/// What the dialect's codes look like.
const CODE_FORMAT: CodeFormat = CodeFormat::SixDigits;
/// The language of all mail.
const LANGUAGE: Language = Language::English;

pub(super) fn register(request: Create, origin: Origin) -> RegisterWithPassword {
    let Create { username, email, password, name, dossier } = request;
    RegisterWithPassword { origin, email, username: Some(username), name, password, dossier }
}

/// A text that can be neither an address nor a user name is looked up like an unknown one.
pub(super) fn sign_in(request: Login, origin: Origin) -> SignInWithPassword {
    let identifier = match request.identifier {
        LoginName::Email(email) => Identifier::email(&email),
        LoginName::Username(name) => match Username::parse(name.trim()) {
            Ok(username) => Identifier::Username(username),
            Err(_) => Identifier::Unfit(name),
        },
    };
    SignInWithPassword {
        origin,
        identifier,
        password: request.password,
        proof: MailboxProof::NotNeeded,
        least_role: Role::User,
        refreshable: false,
    }
}

pub(super) fn edit(id: AccountId, request: Update) -> EditUser {
    let Update { username, email, password, current_password, name, dossier } = request;
    EditUser { id, name, username, email, password, current_password, dossier, language: LANGUAGE }
}

pub(super) fn user_change(request: AdminUpdate) -> UserChange {
    let AdminUpdate { status, role, code } = request;
    UserChange { role, status, dossier: code, ..UserChange::default() }
}

/// `None` for an address that is none: nothing is to be done, and the answer is the one to an unknown address.
pub(super) fn resend_code(request: Otp, origin: Origin) -> Option<ResendVerificationCode> {
    let mailbox = match request.to {
        MailTo::Account(id) => Mailbox::OfAccount(id),
        MailTo::Email(email) => Mailbox::Of(EmailAddress::parse(&email).ok()?),
    };
    Some(ResendVerificationCode { origin, mailbox, to_proven: true, format: CODE_FORMAT, language: LANGUAGE })
}

pub(super) fn verify_code(request: VerifyOtp, origin: Origin) -> VerifyMailboxByCode {
    let VerifyOtp { user, otp } = request;
    VerifyMailboxByCode { origin, mailbox: Mailbox::OfAccount(user), code: otp, format: CODE_FORMAT }
}
