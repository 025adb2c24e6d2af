//! What clients send: JSON objects whose fields are read one by one, so that everything that is wrong is told at once.
//! Unknown fields are ignored.

mod body;
mod fields;
mod query;

use serde_json::{Map, Value};
use vestibule_domain::{
    DossierChange, EmailAddress, NamePart, NewPassword, PasswordRules, PhoneNumber, Role,
    dossier::{Detail, Document, Kind, Value as FieldValue},
};

use self::fields::{Change, Fields};
pub(super) use self::{
    body::{JsonBody, RetryKey},
    query::Paging,
};
use super::{errors::Failure, words};
use crate::{EgoOptions, shared::timestamp::day_or_time};

/// The field of a new password, and what an unfit one is called wherever it stands.
const PASSWORD: &str = "password";
/// The field of a new password where a token stands for the present one.
const NEW_PASSWORD: &str = "newPassword";
/// The field of the key by which a client knows its own retries.
const RETRY_KEY: &str = "retryKey";
/// The most characters of such a key.
pub(super) const MAX_RETRY_KEY: usize = 255;

/// A request that can be read from fields.
pub(super) trait Request: Sized {
    /// The fields that have to be there as texts, in the document's order.
    const REQUIRED: &'static [&'static str] = &[];

    /// Other names of fields, which count where the field itself is not there.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];

    /// Reads every field in the contract's order; `None` if one that is required is missing or unfit.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// Reads a request from an object, or tells of every field that is wrong.
fn parse<R: Request>(mut body: Map<String, Value>, rules: PasswordRules) -> Result<R, Failure> {
    for (alias, field) in R::ALIASES {
        if let Some(value) = body.get(*alias).filter(|_| !body.contains_key(*field)) {
            body.insert((*field).to_owned(), value.clone());
        }
    }
    let mut fields = Fields::requiring(R::REQUIRED, body, rules);
    let read = R::read(&mut fields);
    fields.finish(read).map_err(Failure::of_fields)
}

/// What an object is refused with, for the description. One that is taken after all gives the answer to a fault, which the
/// tests of the description find.
pub(super) fn refusal<R: Request>(body: Map<String, Value>) -> Failure {
    parse::<R>(body, EgoOptions::default().password_rules()).err().unwrap_or(Failure::INTERNAL)
}

/// `POST /register`.
pub(super) struct Register {
    pub(super) role: Option<Role>,
    pub(super) email: EmailAddress,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) password: NewPassword,
    pub(super) first: NamePart,
    pub(super) last: NamePart,
}

/// `POST /verify-otp`.
pub(super) struct VerifyOtp {
    pub(super) email: String,
    pub(super) otp: String,
}

/// `POST /login` and `POST /ad-login`.
pub(super) struct Login {
    pub(super) email: String,
    pub(super) password: String,
}

/// `POST /resend-otp` and `POST /request-reset-password`.
pub(super) struct MailTo {
    pub(super) email: String,
}

/// `POST /reset-password`.
pub(super) struct ResetPassword {
    pub(super) token: String,
    pub(super) password: NewPassword,
}

/// `POST /refresh-token`.
pub(super) struct RefreshToken {
    pub(super) token: String,
    pub(super) retry_key: Option<String>,
}

/// `POST /update` and `PUT /update`.
pub(super) struct Update {
    pub(super) first: Option<NamePart>,
    pub(super) last: Option<NamePart>,
    pub(super) dossier: DossierChange,
}

/// `PUT /update-password`.
pub(super) struct UpdatePassword {
    pub(super) current: String,
    pub(super) new: NewPassword,
}

impl Request for Register {
    const REQUIRED: &'static [&'static str] = &["firstname", "lastname", "email", PASSWORD];

    fn read(fields: &mut Fields) -> Option<Self> {
        let role = fields.parsed("role", words::role_of);
        let email = fields.address("email");
        let phone = fields.parsed("phoneNumber", |text| PhoneNumber::parse(text).ok());
        let password = fields.new_password(PASSWORD);
        let first = fields.parsed("firstname", name_part);
        let last = fields.parsed("lastname", name_part);
        Some(Self { role, email: email?, phone, password: password?, first: first?, last: last? })
    }
}

impl Request for VerifyOtp {
    const REQUIRED: &'static [&'static str] = &["email", "otp"];

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { email: fields.text("email")?, otp: fields.text("otp")? })
    }
}

impl Request for Login {
    const REQUIRED: &'static [&'static str] = &["email", PASSWORD];

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { email: fields.text("email")?, password: fields.text(PASSWORD)? })
    }
}

impl Request for MailTo {
    const REQUIRED: &'static [&'static str] = &["email"];

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { email: fields.text("email")? })
    }
}

impl Request for ResetPassword {
    const REQUIRED: &'static [&'static str] = &["token", NEW_PASSWORD];
    const ALIASES: &'static [(&'static str, &'static str)] =
        &[("newPasseord", NEW_PASSWORD), ("newpassword", NEW_PASSWORD)];

    /// An unfit password is told only if both fields are there, and is `password` here too.
    fn read(fields: &mut Fields) -> Option<Self> {
        let (token, password) = (fields.text("token")?, fields.text(NEW_PASSWORD)?);
        Some(Self { token, password: fields.fit_password(PASSWORD, &password)? })
    }
}

impl Request for RefreshToken {
    const REQUIRED: &'static [&'static str] = &["refreshToken"];

    /// An empty key is none.
    fn read(fields: &mut Fields) -> Option<Self> {
        let fit = |key: &str| (key.chars().count() <= MAX_RETRY_KEY).then(|| key.to_owned());
        let (token, retry_key) = (fields.text("refreshToken"), fields.parsed(RETRY_KEY, fit));
        Some(Self { token: token?, retry_key: retry_key.filter(|key| !key.is_empty()) })
    }
}

impl Request for Update {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (first, last) = (fields.set("firstname", name_part), fields.set("lastname", name_part));
        let mut dossier = DossierChange::default();
        for (name, field) in words::FIELDS {
            match fields.change(name, |given| value(field.kind(), given)) {
                Change::Keep => {}
                Change::Set(value) => dossier.put(field, Some(value)).ok()?,
                Change::Clear => dossier.put(field, None).ok()?,
            }
        }
        // An address is given as a whole.
        let address = match fields.change("address", address) {
            Change::Keep => None,
            Change::Set(lines) => Some(lines),
            Change::Clear => Some([const { None }; words::ADDRESS.len()]),
        };
        for ((_, field), line) in words::ADDRESS.into_iter().zip(address.into_iter().flatten()) {
            dossier.put(field, line).ok()?;
        }
        Some(Self { first, last, dossier })
    }
}

impl Request for UpdatePassword {
    const REQUIRED: &'static [&'static str] = &["currentPassword", PASSWORD];

    fn read(fields: &mut Fields) -> Option<Self> {
        let (current, new) = (fields.text("currentPassword"), fields.new_password(PASSWORD));
        Some(Self { current: current?, new: new? })
    }
}

fn name_part(text: &str) -> Option<NamePart> {
    NamePart::parse(text).ok()
}

/// A value of the kind of its field.
fn value(kind: Kind, given: &Value) -> Option<FieldValue> {
    let text = given.as_str()?;
    match kind {
        Kind::Text => Detail::parse(text).ok().map(FieldValue::Text),
        Kind::Document => Detail::parse(text).ok().map(Document::Path).map(FieldValue::Document),
        Kind::Phone => PhoneNumber::parse(text).ok().map(FieldValue::Phone),
        Kind::Day => day_or_time(text).map(FieldValue::Day),
    }
}

/// An object of up to five lines, each of which may be null.
fn address(given: &Value) -> Option<[Option<FieldValue>; words::ADDRESS.len()]> {
    let object = given.as_object()?;
    let mut lines = [const { None }; words::ADDRESS.len()];
    for (line, (name, field)) in lines.iter_mut().zip(words::ADDRESS) {
        *line = match object.get(name) {
            None | Some(Value::Null) => None,
            Some(given) => Some(value(field.kind(), given)?),
        };
    }
    Some(lines)
}
