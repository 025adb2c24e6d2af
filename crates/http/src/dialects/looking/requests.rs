//! What clients send. The first field that is wrong is told, by its path; unknown ones are ignored.

mod body;
mod fields;
mod filters;
mod pictures;
mod places;
pub(super) mod profiles;
mod query;
mod tree;

use serde_json::Value;
use vestibule_application::{
    accounts::{Edit, NameEdit},
    rights::Rights,
};
use vestibule_domain::{EmailAddress, NamePart, NewPassword, PasswordRules, Username, text};

use self::fields::{Field, Fields};
pub(super) use self::{
    body::JsonBody,
    filters::Find,
    places::PlaceBody,
    profiles::{MessageBody, PictureBody, ProfileBody},
    query::Paging,
};
use super::{errors::Failure, words};

/// A request that can be read from an object.
pub(super) trait Request: Sized {
    /// Reads it, or tells what is wrong first.
    fn read(fields: &Fields, rules: PasswordRules) -> Result<Self, Failure>;
}

/// What an object is refused with, for the description. One that is taken after all gives the answer to a fault, which the
/// tests of the description find.
pub(super) fn refusal<R: Request>(body: Value) -> Failure {
    let Value::Object(body) = body else { return Failure::INVALID_BODY };
    R::read(&Fields::new(body), PasswordRules::default()).err().unwrap_or(Failure::INTERNAL)
}

/// `POST /auth/login`.
pub(super) struct Login {
    pub(super) username: String,
    pub(super) password: String,
}

/// `POST /auth/reset`.
pub(super) struct RequestReset {
    pub(super) username: String,
}

/// `PUT /auth/reset/{id}/{token}`.
pub(super) struct ResetPassword {
    pub(super) password: NewPassword,
}

/// `POST /users`.
pub(super) struct CreateUser {
    pub(super) username: Username,
    pub(super) email: EmailAddress,
    pub(super) password: NewPassword,
    pub(super) name: NameEdit,
    pub(super) rights: Option<Rights>,
}

/// `PUT /users/{id}`.
pub(super) struct UpdateUser {
    pub(super) username: Option<Username>,
    pub(super) email: Option<EmailAddress>,
    pub(super) password: Option<NewPassword>,
    pub(super) current_password: Option<String>,
    pub(super) name: NameEdit,
    pub(super) rights: Option<Rights>,
    pub(super) force_reset: Option<bool>,
}

impl Request for Login {
    /// Fields that are missing or of another type are as wrong as wrong ones.
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        let text = |name| fields.get(name).text().ok().flatten().map(str::to_owned);
        match (text("username"), text("password")) {
            (Some(username), Some(password)) => Ok(Self { username, password }),
            _ => Err(Failure::SIGN_IN),
        }
    }
}

impl Request for RequestReset {
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        Ok(Self { username: required(fields, "username")?.to_owned() })
    }
}

impl Request for ResetPassword {
    fn read(fields: &Fields, rules: PasswordRules) -> Result<Self, Failure> {
        let password = new_password(fields, rules)?;
        Ok(Self { password: password.ok_or(Failure::PASSWORD_NOT_SAVED)? })
    }
}

impl Request for CreateUser {
    fn read(fields: &Fields, rules: PasswordRules) -> Result<Self, Failure> {
        for name in ["username", "email", "password"] {
            required(fields, name)?;
        }
        let UpdateUser { username, email, password, name, rights, .. } = UpdateUser::read(fields, rules)?;
        Ok(Self {
            username: username.ok_or_else(|| Failure::required("username"))?,
            email: email.ok_or_else(|| Failure::required("email"))?,
            password: password.ok_or_else(|| Failure::required("password"))?,
            name,
            rights,
        })
    }
}

impl Request for UpdateUser {
    /// Nothing to change is refused.
    fn read(fields: &Fields, rules: PasswordRules) -> Result<Self, Failure> {
        let username = kept(fields, "username")?;
        let email = kept(fields, "email")?;
        let request = Self {
            username: username.map(|text| taken("username", Username::parse(text::trim(text)))).transpose()?,
            email: email.map(|text| taken("email", EmailAddress::parse(text))).transpose()?,
            name: name(fields)?,
            rights: rights(fields.get("can"))?,
            force_reset: match fields.get("forceReset") {
                Field::Absent => None,
                Field::Null => Some(false),
                Field::Of(value) => Some(value.as_bool().ok_or_else(|| Failure::invalid("forceReset"))?),
            },
            current_password: fields
                .get("currentPassword")
                .text()
                .map_err(|_| Failure::invalid("currentPassword"))?
                .map(str::to_owned),
            password: new_password(fields, rules)?,
        };
        if request.is_empty() { Err(Failure::NO_DATA) } else { Ok(request) }
    }
}

impl UpdateUser {
    fn is_empty(&self) -> bool {
        let Self { username, email, password, current_password: _, name, rights, force_reset } = self;
        username.is_none()
            && email.is_none()
            && password.is_none()
            && *name == NameEdit::default()
            && rights.is_none()
            && force_reset.is_none()
    }
}

fn taken<T, E>(name: &str, parsed: Result<T, E>) -> Result<T, Failure> {
    parsed.map_err(|_| Failure::invalid(name))
}

/// A text that has to be there.
fn required<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, Failure> {
    let text = fields.get(name).text().map_err(|_| Failure::invalid(name))?;
    text.ok_or_else(|| Failure::required(name))
}

/// A text that may be left out, and that null does not take away.
fn kept<'a>(fields: &'a Fields, name: &str) -> Result<Option<&'a str>, Failure> {
    match fields.get(name) {
        Field::Absent => Ok(None),
        Field::Null | Field::Of(_) => required(fields, name).map(Some),
    }
}

/// A new password that was typed twice alike; none if neither is there.
fn new_password(fields: &Fields, rules: PasswordRules) -> Result<Option<NewPassword>, Failure> {
    let (password, again) = (fields.get("password"), fields.get("confirmPassword"));
    let password = match (password, again) {
        (Field::Absent, Field::Absent) => return Ok(None),
        (Field::Of(Value::String(password)), Field::Of(Value::String(again))) if password == again => password,
        _ => return Err(Failure::PASSWORD_NOT_SAVED),
    };
    rules.check(password).map(Some).map_err(|_| Failure::unfit_password(rules.min_chars()))
}

/// What to do with the parts of the name; null and an empty text take one away.
fn name(fields: &Fields) -> Result<NameEdit, Failure> {
    let part = |object: &Fields, name: &str, path: &str| match object.get(name) {
        Field::Absent => Ok(Edit::Keep),
        Field::Null => Ok(Edit::Clear),
        field @ Field::Of(_) => match field.text() {
            Ok(Some(text)) if !text::is_blank(text) => taken(path, NamePart::parse(text)).map(Edit::Set),
            Ok(_) => Ok(Edit::Clear),
            Err(_) => Err(Failure::invalid(path)),
        },
    };
    match fields.get("name") {
        Field::Absent => Ok(NameEdit::default()),
        Field::Null => Ok(NameEdit { first: Edit::Clear, last: Edit::Clear }),
        Field::Of(Value::Object(name)) => {
            let name = Fields::new(name.clone());
            Ok(NameEdit { first: part(&name, "first", "name.first")?, last: part(&name, "last", "name.last")? })
        }
        Field::Of(_) => Err(Failure::invalid("name")),
    }
}

/// A list of words, of which each must be known; null is an empty one.
fn rights(can: Field<'_>) -> Result<Option<Rights>, Failure> {
    let words = match can {
        Field::Absent => return Ok(None),
        Field::Null => Some(Vec::new()),
        Field::Of(value) => value.as_array().and_then(|words| words.iter().map(Value::as_str).collect()),
    };
    let words: Vec<&str> = words.ok_or_else(|| Failure::invalid("can"))?;
    words::rights(words).map(Some).ok_or_else(|| Failure::invalid("can"))
}
