//! From requests to the inputs of use cases, in the contract's order of checks.

use actix_web::http::header::HeaderValue;
use serde_json::Value;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Iso8601};
use vestibule_application::{
    Language,
    mail::LinkMail,
    own_account::{ChangeOwnPassword, RenameSelf, UpdateSelf},
    password_reset::{RequestPasswordReset, ResetMeans, ResetPasswordByToken},
    register::{RegisterWithCode, RegisterWithPassword},
    sessions::UseRefreshToken,
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
    verification::{ResendVerificationCode, VerifyMailboxByCode},
};
use vestibule_domain::{
    CodeFormat, DossierChange, EmailAddress, NamePart, Origin, PasswordRules, PersonName, PhoneNumber, RefreshTokenId,
    Role,
    dossier::{Address, Change, Detail},
};

use super::EgoOptions;
use super::{
    errors::Failure,
    requests::{Body, Fields},
};
use crate::shared::single::Repeated;

/// What the dialect's codes look like.
const CODE_FORMAT: CodeFormat = CodeFormat::SixHexDigits;
/// The language of all mail.
const LANGUAGE: Language = Language::French;
/// How long a mailed reset token works.
const RESET_LIFETIME: Duration = Duration::minutes(10);
/// The most characters of the key by which a client knows its own retries.
const MAX_RETRY_KEY: usize = 255;

/// The words for roles.
const ROLES: [(&str, Role); 3] = [("user", Role::User), ("admin", Role::Admin), ("superadmin", Role::Root)];

pub(super) fn role_word(role: Role) -> &'static str {
    ROLES.iter().find(|(_, known)| *known == role).map_or("user", |(word, _)| word)
}

/// Every required field, then the role, the address, the telephone number, the password, the names.
pub(super) fn register(body: Body, origin: Origin, rules: PasswordRules) -> Result<RegisterWithCode, Failure> {
    let mut fields = Fields::requiring(body, &["firstname", "lastname", "email", "password"]);
    let role = fields.parsed("role", |word| ROLES.iter().find(|(known, _)| *known == word).map(|(_, role)| *role));
    let email = fields.address("email");
    let phone = fields.parsed("phoneNumber", |text| PhoneNumber::parse(text).ok());
    let password = fields.parsed("password", |text| rules.check(text).ok());
    let [first, last] = ["firstname", "lastname"].map(|name| fields.parsed(name, name_part));
    let read = email.zip(password).zip(first.zip(last));
    let ((email, password), (first, last)) = fields.finish(read)?;
    let name = PersonName::Parts { first: Some(first), last: Some(last) };
    Ok(RegisterWithCode {
        registration: RegisterWithPassword { origin, email, username: None, name, password },
        phone,
        role: role.unwrap_or(Role::User),
        format: CODE_FORMAT,
        language: LANGUAGE,
    })
}

/// Whatever is wrong with the fields that are there, the code is.
pub(super) fn verify_code(body: Body, origin: Origin) -> Result<VerifyMailboxByCode, Failure> {
    let mut fields = Fields::requiring(body, &["email", "otp"]);
    let read = fields.text("email").zip(fields.text("otp"));
    let (email, code) = fields.finish(read)?;
    let email = EmailAddress::parse(&email).map_err(|_| Failure::INVALID_OTP)?;
    Ok(VerifyMailboxByCode { origin, email, code, format: CODE_FORMAT })
}

/// For whoever has at least a role; an address that is none is looked up like an unknown one.
pub(super) fn sign_in(body: Body, origin: Origin, least_role: Role) -> Result<SignInWithPassword, Failure> {
    let mut fields = Fields::requiring(body, &["email", "password"]);
    let read = fields.text("email").zip(fields.text("password"));
    let (email, password) = fields.finish(read)?;
    Ok(SignInWithPassword {
        origin,
        identifier: Identifier::email(&email),
        password,
        proof: MailboxProof::Needed,
        least_role,
        refreshable: true,
    })
}

/// `None` for an address that is none: nothing is to be done, and the answer is the one to an unknown address.
pub(super) fn resend_code(body: Body, origin: Origin) -> Result<Option<ResendVerificationCode>, Failure> {
    let email = email(body)?;
    Ok(email.map(|email| ResendVerificationCode { origin, email, format: CODE_FORMAT, language: LANGUAGE }))
}

/// `None` for an address that is none, as for another code.
pub(super) fn request_password_reset(
    body: Body,
    origin: Origin,
    options: &EgoOptions,
) -> Result<Option<RequestPasswordReset>, Failure> {
    let mail = LinkMail {
        template: "reset-password-token",
        language: LANGUAGE,
        url_prefix: format!("{}/reset-password?token=", options.frontend_url.trim_end_matches('/')),
        fields: Vec::new(),
    };
    let means = ResetMeans::Token { mail, lifetime: RESET_LIFETIME };
    Ok(email(body)?.map(|email| RequestPasswordReset { origin, email, means }))
}

/// The password before the token, which it does not use up. An unfit one is `password` here too.
pub(super) fn reset_password(
    body: Body,
    origin: Origin,
    rules: PasswordRules,
) -> Result<ResetPasswordByToken, Failure> {
    let mut fields = Fields::requiring(body, &["token", "newPassword"]);
    let read = fields.text("token").zip(fields.text("newPassword"));
    let (token, password) = fields.finish(read)?;
    let password = rules.check(&password).map_err(|_| Failure::unfit_password())?;
    Ok(ResetPasswordByToken { origin, token, password, language: LANGUAGE })
}

/// The fields that an owner may change; nothing at all is refused.
pub(super) fn update(body: Body) -> Result<UpdateSelf, Failure> {
    let mut fields = Fields::requiring(body, &[]);
    let name = RenameSelf { first: fields.set("firstname", name_part), last: fields.set("lastname", name_part) };
    let dossier = DossierChange {
        phone: fields.change("phoneNumber", |value| PhoneNumber::parse(value.as_str()?).ok()),
        profession: fields.change("profession", detail),
        birth: fields.change("birth", |value| birth(value.as_str()?)),
        photo: fields.change("profilePhoto", detail),
        address: match fields.change("address", address) {
            Change::Set(address) if address.is_empty() => Change::Clear,
            change => change,
        },
    };
    let update = fields.finish(Some(UpdateSelf { name, dossier }))?;
    if update.name.is_empty() && update.dossier.is_empty() {
        return Err(Failure::NOTHING_TO_UPDATE);
    }
    Ok(update)
}

pub(super) fn change_password(body: Body, rules: PasswordRules) -> Result<ChangeOwnPassword, Failure> {
    let mut fields = Fields::requiring(body, &["currentPassword", "password"]);
    let read = fields.text("currentPassword").zip(fields.parsed("password", |text| rules.check(text).ok()));
    let (current, new) = fields.finish(read)?;
    Ok(ChangeOwnPassword { current, new, language: LANGUAGE })
}

/// A use of a refresh token that is still to be checked. The key of the header counts before the one of the body; an
/// empty one is none, and two in headers are unfit.
pub(super) struct Refresh {
    pub(super) token: String,
    retry_key: Option<String>,
}

pub(super) fn refresh(body: Body, header: Result<Option<&HeaderValue>, Repeated>) -> Result<Refresh, Failure> {
    let mut fields = Fields::requiring(body, &["refreshToken"]);
    let token = fields.text("refreshToken");
    let fit = |key: &str| (key.chars().count() <= MAX_RETRY_KEY).then(|| key.to_owned());
    let retry_key = match header.map(|key| key.filter(|key| !key.is_empty())) {
        Err(Repeated) => fields.replaced("retryKey", None),
        Ok(Some(key)) => fields.replaced("retryKey", std::str::from_utf8(key.as_bytes()).ok().and_then(fit)),
        Ok(None) => fields.parsed("retryKey", fit),
    };
    let token = fields.finish(token)?;
    Ok(Refresh { token, retry_key: retry_key.filter(|key| !key.is_empty()) })
}

impl Refresh {
    pub(super) fn of(self, token: RefreshTokenId, origin: Origin) -> UseRefreshToken {
        UseRefreshToken { origin, token, retry_key: self.retry_key }
    }
}

fn email(body: Body) -> Result<Option<EmailAddress>, Failure> {
    let mut fields = Fields::requiring(body, &["email"]);
    let email = fields.text("email");
    Ok(EmailAddress::parse(&fields.finish(email)?).ok())
}

fn name_part(text: &str) -> Option<NamePart> {
    NamePart::parse(text).ok()
}

fn detail(value: &Value) -> Option<Detail> {
    Detail::parse(value.as_str()?).ok()
}

/// An object of up to five lines, each of which may be null.
fn address(value: &Value) -> Option<Address> {
    let object = value.as_object()?;
    let line = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => detail(value).map(Some),
    };
    Some(Address {
        street: line("street")?,
        city: line("city")?,
        zip: line("zip")?,
        area: line("area")?,
        country: line("country")?,
    })
}

/// A day, or a time in ISO 8601, which is in UTC if it does not say; from the year 1 to 9999.
fn birth(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).map(|day| day.midnight().assume_utc());
    let time = day
        .or_else(|_| OffsetDateTime::parse(text, &Iso8601::PARSING))
        .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(PrimitiveDateTime::assume_utc));
    let time = time.ok()?.checked_to_offset(UtcOffset::UTC)?;
    (1..=9_999).contains(&time.year()).then_some(time)
}
