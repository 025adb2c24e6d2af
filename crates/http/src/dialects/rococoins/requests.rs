//! What clients send. The first field that is wrong is told, by its path; unknown ones are ignored.

mod body;
mod chat;
mod fields;
mod query;

use serde_json::Value;
use vestibule_application::accounts::{Edit, NameEdit, NewRole, NewStatus};
use vestibule_domain::{
    AccountId, DossierChange, EmailAddress, NamePart, NewPassword, PasswordRules, PersonName, Role, Username, text,
};

use self::fields::{Fields, Object};
pub(super) use self::{
    body::{FileBody, JsonBody},
    chat::{AdminChat, LastEventId, ReadUpTo, UserChat, Written},
    fields::most_chars,
    query::{ChatPaging, MAX_ENTRIES, MAX_LIMIT, Paging},
};
use super::{
    errors::Failure,
    words::{self, Group},
};

const USERNAME: &str = "personal.username";
const EMAIL: &str = "personal.email";
const PASSWORD: &str = "personal.password";

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

/// `POST /user`.
pub(super) struct Create {
    pub(super) username: Username,
    pub(super) email: EmailAddress,
    pub(super) password: NewPassword,
    pub(super) name: PersonName,
    pub(super) dossier: DossierChange,
}

/// `PUT /user/{id}`.
pub(super) struct Update {
    pub(super) username: Option<Username>,
    pub(super) email: Option<EmailAddress>,
    pub(super) password: Option<NewPassword>,
    pub(super) current_password: Option<String>,
    pub(super) name: NameEdit,
    pub(super) dossier: DossierChange,
}

/// `PUT /user/admin/{id}`.
pub(super) struct AdminUpdate {
    pub(super) status: Option<NewStatus>,
    pub(super) role: Option<NewRole>,
    pub(super) code: DossierChange,
}

/// `POST /user/login`.
pub(super) struct Login {
    pub(super) identifier: LoginName,
    pub(super) password: String,
}

/// What an account is known by at sign-in.
pub(super) enum LoginName {
    Email(String),
    Username(String),
}

/// Whose mailbox a code is for.
pub(super) enum MailTo {
    Account(AccountId),
    Email(String),
}

/// `POST /users/otp`.
pub(super) struct Otp {
    pub(super) to: MailTo,
}

/// `POST /users/verify_otp`.
pub(super) struct VerifyOtp {
    pub(super) user: AccountId,
    pub(super) otp: String,
}

impl Request for Create {
    fn read(fields: &Fields, rules: PasswordRules) -> Result<Self, Failure> {
        let personal = fields.group("personal")?;
        for (name, path) in [("username", USERNAME), ("email", EMAIL), ("password", PASSWORD)] {
            personal.text(name, path)?.ok_or_else(|| Failure::required(path))?;
        }
        let Update { username, email, password, name, dossier, .. } = Update::read(fields, rules)?;
        let part = |edit: Edit<NamePart>| match edit {
            Edit::Set(part) => Some(part),
            Edit::Keep | Edit::Clear => None,
        };
        Ok(Self {
            username: username.ok_or_else(|| Failure::required(USERNAME))?,
            email: email.ok_or_else(|| Failure::required(EMAIL))?,
            password: password.ok_or_else(|| Failure::required(PASSWORD))?,
            name: PersonName::Parts { first: part(name.first), last: part(name.last) },
            dossier,
        })
    }
}

impl Request for Update {
    fn read(fields: &Fields, rules: PasswordRules) -> Result<Self, Failure> {
        let personal = fields.group("personal")?;
        let username = kept(personal, "username", USERNAME)?
            .map(|text| Username::parse(text::trim(text)).map_err(|_| Failure::invalid(USERNAME)));
        let email =
            kept(personal, "email", EMAIL)?.map(|text| EmailAddress::parse(text).map_err(|_| Failure::invalid(EMAIL)));
        let password =
            personal.text("password", PASSWORD)?.map(|text| rules.check(text).map_err(|_| Failure::UNFIT_PASSWORD));
        let part = |name, path: &str| {
            personal.edit(name, path, |text| NamePart::parse(text).map_err(|_| Failure::invalid(path)))
        };
        Ok(Self {
            username: username.transpose()?,
            email: email.transpose()?,
            password: password.transpose()?,
            current_password: fields.root().text("currentPassword", "currentPassword")?.map(str::to_owned),
            name: NameEdit {
                first: part("firstname", "personal.firstname")?,
                last: part("lastname", "personal.lastname")?,
            },
            dossier: dossier(fields, [&words::PERSONAL].into_iter().chain(&words::GROUPS))?,
        })
    }
}

impl Request for AdminUpdate {
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        let root = fields.root();
        if let Some(other) = root.names().find(|name| !["status", "role", words::CODE.name].contains(name)) {
            return Err(Failure::invalid(other));
        }
        let status = root.text("status", "status")?.map(|word| match word {
            "active" => Ok(NewStatus::Active),
            "suspended" => Ok(NewStatus::Suspended),
            _ => Err(Failure::invalid("status")),
        });
        let role = root.text("role", "role")?.map(|word| match word {
            "user" => Ok(NewRole::Exactly(Role::User)),
            "admin" => Ok(NewRole::AtLeast(Role::Admin)),
            _ => Err(Failure::invalid("role")),
        });
        let code = dossier(fields, [&words::CODE])?;
        if status.is_none() && role.is_none() && code.is_empty() {
            return Err(Failure::NOTHING_TO_CHANGE);
        }
        Ok(Self { status: status.transpose()?, role: role.transpose()?, code })
    }
}

impl Request for Login {
    /// Fields that are missing or of another type are as wrong as wrong ones.
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        let root = fields.root();
        let text = |name| root.text(name, name).ok().flatten().map(str::to_owned);
        let identifier = match (root.has("email"), root.has("username")) {
            (true, true) => return Err(Failure::TWO_IDENTIFIERS),
            (true, false) => text("email").map(LoginName::Email),
            (false, _) => text("username").map(LoginName::Username),
        };
        let (Some(identifier), Some(password)) = (identifier, text("password")) else {
            return Err(Failure::INVALID_CREDENTIALS);
        };
        Ok(Self { identifier, password })
    }
}

impl Request for Otp {
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        let root = fields.root();
        if let Some(id) = root.text("userId", "userId")? {
            let id = AccountId::from_hex(id).map_err(|_| Failure::INVALID_USER_ID)?;
            return Ok(Self { to: MailTo::Account(id) });
        }
        let email = root.text("email", "email")?.ok_or_else(|| Failure::required("userId"))?;
        Ok(Self { to: MailTo::Email(email.to_owned()) })
    }
}

impl Request for VerifyOtp {
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        let root = fields.root();
        let user = root.text("userId", "userId")?.ok_or_else(|| Failure::required("userId"))?;
        let user = AccountId::from_hex(user).map_err(|_| Failure::INVALID_USER_ID)?;
        if !root.has("otp") {
            return Err(Failure::required("otp"));
        }
        // A number is refused, since a leading zero may matter.
        let otp = root.text("otp", "otp").ok().flatten().ok_or(Failure::INVALID_OTP)?;
        Ok(Self { user, otp: otp.to_owned() })
    }
}

/// A text that null does not take away.
fn kept<'a>(object: Object<'a>, name: &str, path: &str) -> Result<Option<&'a str>, Failure> {
    match (object.has(name), object.text(name, path)?) {
        (true, None) => Err(Failure::required(path)),
        (_, text) => Ok(text),
    }
}

/// Merges groups field by field: null and an empty text take a field away.
fn dossier<'a>(fields: &Fields, groups: impl IntoIterator<Item = &'a Group>) -> Result<DossierChange, Failure> {
    let mut change = DossierChange::default();
    for group in groups {
        let object = fields.group(group.name)?;
        for (name, field) in group.fields {
            let path = format!("{}.{name}", group.name);
            let value =
                match object.edit(name, &path, |text| fields::value(*field, text).ok_or(Failure::invalid(&path)))? {
                    Edit::Keep => continue,
                    Edit::Set(value) => Some(value),
                    Edit::Clear => None,
                };
            for field in words::cleared_with(*field).iter().filter(|_| value.is_none()) {
                change.put(*field, None).map_err(|_| Failure::invalid(&path))?;
            }
            change.put(*field, value).map_err(|_| Failure::invalid(&path))?;
        }
    }
    Ok(change)
}
