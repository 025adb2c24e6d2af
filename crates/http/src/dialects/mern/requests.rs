//! What clients send, validated field by field in the document's order; unknown fields are refused or dropped as the
//! document has it.

mod body;
mod validation;

use serde_json::{Map, Value};
use vestibule_application::{SortBy, links::LinkPurpose};
use vestibule_domain::{
    AccountStatus, EmailAddress, NamePart, NewPassword, PasswordRules, Permission, Role, Username, name::InvalidName,
    password::PasswordError, text,
};

pub(super) use self::body::JsonBody;
use self::validation::{Fields, Text};
use super::{
    errors::{COMMON_PASSWORD, Failure, Invalid},
    words::{self, LINK_PURPOSES, PERMISSIONS, ROLES, SORT_KEYS, STATUSES},
};

const USERNAME: Text = Text::labelled("username", "Username");
const EMAIL: Text = Text::labelled("email", "Email");
const PASSWORD: Text = Text::labelled("password", "Password");
const CURRENT_PASSWORD: Text = Text::labelled("currentPassword", "Current Password");
const FIRST_NAME: Text = Text::named("firstName").trimmed();
const LAST_NAME: Text = Text::named("lastName").trimmed();

const UNFIT_USERNAME: &str = "Username must be between 4 to 30 characters and may contain only alphanumeric chacracters, \
                              hyphen, dot or underscore";
/// The fewest characters of a user name: more than accounts of other dialects have.
pub(super) const USERNAME_MIN: usize = 4;
/// What the list of users is sorted by.
pub(super) const SORT_PATTERN: &str = "^(-?[A-Za-z]+)( -?[A-Za-z]+)*$";

/// A request that can be read from fields.
pub(super) trait Request: Sized {
    /// Reads the known fields in the document's order, then refuses unknown ones where the document does.
    fn read(fields: &mut Fields) -> Result<Self, Invalid>;
}

/// What an object is refused with, for the description. One that is taken after all gives the answer to a fault, which the
/// tests of the description find.
pub(super) fn refusal<R: Request>(body: Map<String, Value>) -> Failure {
    let mut fields = Fields::of_entries(body.into_iter().collect(), PasswordRules::default());
    R::read(&mut fields).map_or_else(Failure::from, |_| Failure::INTERNAL)
}

/// `POST /api/auth/signup`.
#[derive(Debug)]
pub(super) struct SignUp {
    pub(super) username: Username,
    pub(super) email: EmailAddress,
    /// Whether the domain was written in other letters than its canonical form.
    pub(super) unicode_domain: bool,
    pub(super) password: NewPassword,
    pub(super) first_name: Option<NamePart>,
    pub(super) last_name: Option<NamePart>,
}

/// `POST /api/auth/signin`.
#[derive(Debug)]
pub(super) struct SignIn {
    pub(super) identifier: SignInName,
    pub(super) password: String,
}

/// Exactly one of the two.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SignInName {
    Username(Username),
    Email(EmailAddress),
}

/// `POST /api/auth/google`.
#[derive(Debug)]
pub(super) struct Google {
    pub(super) id_token: String,
}

/// `POST /api/auth/facebook`.
#[derive(Debug)]
pub(super) struct Facebook {
    pub(super) access_token: String,
}

/// `POST /api/auth/apple`.
#[derive(Debug)]
pub(super) struct Apple {
    pub(super) code: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
}

/// `POST /api/auth/send-token`.
#[derive(Debug)]
pub(super) struct SendToken {
    pub(super) email: EmailAddress,
    pub(super) purpose: LinkPurpose,
}

/// `POST /api/auth/verify-email/{token}`.
#[derive(Debug)]
pub(super) struct VerifyEmail {
    pub(super) password: String,
}

/// `POST /api/auth/reset-password/{token}`.
#[derive(Debug)]
pub(super) struct ResetPassword {
    pub(super) email: EmailAddress,
    pub(super) password: NewPassword,
}

/// `POST /api/auth/verify-jwt-token`.
#[derive(Debug)]
pub(super) struct VerifyToken {
    pub(super) refresh_token: bool,
    pub(super) refresh_user: bool,
}

/// `PUT /api/profiles`.
#[derive(Debug)]
pub(super) struct UpdateProfile {
    pub(super) first_name: Option<NamePart>,
    pub(super) last_name: Option<NamePart>,
    pub(super) accepted: Vec<&'static str>,
}

/// `PUT /api/profiles/password`.
#[derive(Debug)]
pub(super) struct ChangePassword {
    pub(super) current: String,
    pub(super) new: NewPassword,
}

/// `PUT /api/users/{userId}`.
#[derive(Debug)]
pub(super) struct UpdateUser {
    pub(super) role: Option<Role>,
    pub(super) status: Option<AccountStatus>,
    pub(super) permissions: Vec<(Permission, bool)>,
    pub(super) accepted: Vec<&'static str>,
}

/// The query of `GET /api/users`.
#[derive(Debug, Default)]
pub(super) struct UsersQuery {
    pub(super) limit: Option<u64>,
    pub(super) skip: Option<u64>,
    pub(super) sort: Vec<SortBy>,
    pub(super) username: Option<String>,
    pub(super) email: Option<EmailAddress>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) status: Option<AccountStatus>,
    pub(super) role: Option<Role>,
    pub(super) permissions: Option<String>,
}

impl Request for SignUp {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let username = parse_username(&fields.required_text(USERNAME)?)?;
        let typed = fields.required_text(EMAIL)?;
        let email = parse_email(&typed)?;
        let unicode_domain = text::trim(&typed).rsplit_once('@').is_some_and(|(_, domain)| !domain.is_ascii());
        let password = new_password(fields)?;
        let first_name = name_part(fields, "firstName", FIRST_NAME)?;
        let last_name = name_part(fields, "lastName", LAST_NAME)?;
        fields.refuse_unknown()?;
        Ok(Self { username, email, unicode_domain, password, first_name, last_name })
    }
}

impl Request for SignIn {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let username = fields.text(USERNAME)?.map(|text| parse_username(&text)).transpose()?;
        let email = fields.text(EMAIL)?.map(|text| parse_email(&text)).transpose()?;
        let password = fields.required_text(PASSWORD)?;
        fields.refuse_unknown()?;
        let identifier = match (username, email) {
            (Some(username), None) => SignInName::Username(username),
            (None, Some(email)) => SignInName::Email(email),
            (None, None) => return Err("Either username or email must be provided".into()),
            (Some(_), Some(_)) => {
                return Err(r#""value" contains a conflict between exclusive peers [username, email]"#.into());
            }
        };
        Ok(Self { identifier, password })
    }
}

impl Request for Google {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let id_token = fields.required_text(Text::named("idToken"))?;
        fields.refuse_unknown()?;
        Ok(Self { id_token })
    }
}

impl Request for Facebook {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let access_token = fields.required_text(Text::named("accessToken"))?;
        // Taken and never used, as the document's own server does.
        fields.text(Text::named("refreshToken"))?;
        fields.refuse_unknown()?;
        Ok(Self { access_token })
    }
}

impl Request for Apple {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let code = fields.required_text(Text::named("code").trimmed())?;
        let name = match fields.object("user")? {
            Some(mut user) => user.object("name")?,
            None => None,
        };
        let (first_name, last_name) = match name {
            Some(mut name) => (name.text_or_null(FIRST_NAME)?, name.text_or_null(LAST_NAME)?),
            None => (None, None),
        };
        Ok(Self { code, first_name, last_name })
    }
}

impl Request for SendToken {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let email = parse_email(&fields.required_text(EMAIL)?)?;
        let purpose = fields.required_one_of("tokenPurpose", LINK_PURPOSES)?;
        fields.refuse_unknown()?;
        Ok(Self { email, purpose })
    }
}

impl Request for VerifyEmail {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let password = fields.required_text(PASSWORD)?;
        fields.refuse_unknown()?;
        Ok(Self { password })
    }
}

impl Request for ResetPassword {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let email = parse_email(&fields.required_text(EMAIL)?)?;
        let password = new_password(fields)?;
        fields.refuse_unknown()?;
        Ok(Self { email, password })
    }
}

impl Request for VerifyToken {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let (refresh_token, refresh_user) = (fields.switch("refreshToken")?, fields.switch("refreshUser")?);
        fields.refuse_unknown()?;
        Ok(Self { refresh_token, refresh_user })
    }
}

impl Request for UpdateProfile {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let first_name = name_part(fields, "firstName", FIRST_NAME)?;
        let last_name = name_part(fields, "lastName", LAST_NAME)?;
        Ok(Self { first_name, last_name, accepted: fields.accepted() })
    }
}

impl Request for ChangePassword {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        Ok(Self { current: fields.required_text(CURRENT_PASSWORD)?, new: new_password(fields)? })
    }
}

impl Request for UpdateUser {
    fn read(fields: &mut Fields) -> Result<Self, Invalid> {
        let (role, status) = (fields.one_of("role", ROLES)?, fields.one_of("status", STATUSES)?);
        let mut permissions = Vec::new();
        if let Some(mut flags) = fields.object("permissions")? {
            for (name, permission) in PERMISSIONS {
                permissions.extend(flags.flag(name)?.map(|granted| (*permission, granted)));
            }
        }
        Ok(Self { role, status, permissions, accepted: fields.accepted() })
    }
}

impl UsersQuery {
    /// Reads a query string.
    pub(super) fn parse(query: &str) -> Result<Self, Invalid> {
        let mut fields = Fields::of_query(query);
        let query = Self {
            limit: fields.count("limit")?,
            skip: fields.count("skip")?,
            sort: sort(&mut fields)?,
            username: fields.text(Text::named("username"))?,
            email: listed_email(&mut fields)?,
            first_name: fields.text(Text::named("firstName"))?,
            last_name: fields.text(Text::named("lastName"))?,
            status: fields.one_of("status", STATUSES)?,
            role: fields.one_of("role", ROLES)?,
            permissions: fields.text(Text::named("permissions"))?,
        };
        fields.refuse_unknown()?;
        Ok(query)
    }
}

fn parse_username(text: &str) -> Result<Username, Invalid> {
    let parsed = Username::parse(text).ok().filter(|username| username.as_str().len() >= USERNAME_MIN);
    parsed.ok_or_else(|| UNFIT_USERNAME.into())
}

fn parse_email(text: &str) -> Result<EmailAddress, Invalid> {
    strict_email(text).ok_or_else(|| "Email is invalid".into())
}

/// An address without blanks around it: here they are an error.
fn strict_email(text: &str) -> Option<EmailAddress> {
    EmailAddress::parse(text).ok().filter(|_| text.trim() == text)
}

fn listed_email(fields: &mut Fields) -> Result<Option<EmailAddress>, Invalid> {
    let Some(text) = fields.text(Text::named("email"))? else { return Ok(None) };
    strict_email(&text).map(Some).ok_or_else(|| fields.invalid("email", "must be a valid email"))
}

fn new_password(fields: &mut Fields) -> Result<NewPassword, Invalid> {
    let (text, rules) = (fields.required_text(PASSWORD)?, fields.password_rules());
    rules.check(&text).map_err(|error| match error {
        PasswordError::TooShort => Invalid(format!("Password must be at least {} characters", rules.min_chars())),
        PasswordError::TooLong => "Password must be at most 72 bytes".into(),
        PasswordError::Nul => "Password must not contain a NUL character".into(),
        PasswordError::Common => COMMON_PASSWORD.into(),
    })
}

fn name_part(fields: &mut Fields, name: &'static str, rule: Text) -> Result<Option<NamePart>, Invalid> {
    let Some(text) = fields.text(rule)? else { return Ok(None) };
    NamePart::parse(&text).map(Some).map_err(|error| match error {
        InvalidName::Empty => fields.invalid(name, "is not allowed to be empty"),
        InvalidName::Unfit if text.chars().any(char::is_control) => {
            fields.invalid(name, "must not contain control characters")
        }
        InvalidName::Unfit => {
            let most = NamePart::MAX_CHARS;
            fields.invalid(name, &format!("length must be less than or equal to {most} characters long"))
        }
    })
}

fn sort(fields: &mut Fields) -> Result<Vec<SortBy>, Invalid> {
    let Some(text) = fields.text(Text::named("sort").trimmed())? else { return Ok(Vec::new()) };
    parse_sort(&text).ok_or_else(|| {
        fields.invalid("sort", &format!("with value \"{text}\" fails to match the required pattern: /{SORT_PATTERN}/"))
    })
}

/// Names of fields, each after at most one hyphen, with one blank between; `None` for any other text. Names that are not
/// shown, or not known, do not sort.
fn parse_sort(text: &str) -> Option<Vec<SortBy>> {
    let mut sort = Vec::new();
    for word in text.split(' ') {
        let name = word.strip_prefix('-').unwrap_or(word);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return None;
        }
        sort.extend(words::meaning(SORT_KEYS, name).map(|key| SortBy { key, descending: word.starts_with('-') }));
    }
    Some(sort)
}
