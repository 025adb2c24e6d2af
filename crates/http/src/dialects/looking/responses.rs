//! What clients get: accounts, sessions and sentences, each in the shape of its route; failures have envelopes of their own.

pub(super) mod pictures;
pub(super) mod places;
pub(super) mod profiles;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use serde::Serialize;
use time::{Duration, OffsetDateTime, UtcOffset, macros::format_description};
use vestibule_domain::{Account, MaskedEmail, Username};

use super::words;
use crate::shared::reply;

/// How many there are of what is listed.
const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// A success that is a sentence.
#[derive(Serialize)]
pub(super) struct Said {
    pub(super) message: &'static str,
}

impl Said {
    pub(super) const SIGNED_OUT: Self = Self { message: "Logged out successfully" };
    pub(super) const DELETED: Self = Self { message: "User deleted successfully" };
}

/// A sign-in, or a session without one.
#[derive(Serialize)]
pub(super) struct SignedIn {
    status: u16,
    authorized: bool,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<SignedInUser>,
}

/// The account of a sign-in.
#[derive(Serialize)]
pub(super) struct SignedInUser {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) name: Name,
    pub(super) email: String,
    pub(super) can: Vec<&'static str>,
}

impl SignedIn {
    pub(super) fn new(account: &Account, token: String) -> Self {
        let user = SignedInUser {
            id: account.id().hex(),
            username: username(account).to_owned(),
            name: Name::of(account),
            email: account.email().to_string(),
            can: words::can(account),
        };
        Self::of(user, token)
    }

    pub(super) const fn of(user: SignedInUser, token: String) -> Self {
        Self { status: 200, authorized: true, token, user: Some(user) }
    }

    pub(super) const fn anonymous(token: String) -> Self {
        Self { status: 200, authorized: false, token, user: None }
    }
}

/// The claims of a token, as they are shown to its holder: an anonymous one has no account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Decoded {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<String>,
    pub(super) can: Vec<String>,
    pub(super) iat: i64,
    pub(super) exp: i64,
}

/// A token that is good.
#[derive(Serialize)]
pub(super) struct Session {
    valid: bool,
    decoded: Decoded,
}

impl Session {
    pub(super) const fn of(decoded: Decoded) -> Self {
        Self { valid: true, decoded }
    }
}

/// A younger token of the same session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refreshed {
    token: String,
    expires_in: String,
}

impl Refreshed {
    pub(super) fn new(token: String, lifetime: Duration) -> Self {
        Self { token, expires_in: span(lifetime) }
    }
}

/// The answer to a request for a reset, whether or not there is an account.
#[derive(Serialize)]
pub(super) struct ResetRequested {
    message: &'static str,
    email: String,
}

impl ResetRequested {
    pub(super) fn new(email: &MaskedEmail) -> Self {
        Self { message: "Password reset email sent", email: email.as_str().to_owned() }
    }
}

/// The link of a reset that is good.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResetLink {
    valid: bool,
    user_id: String,
    expires: String,
}

impl ResetLink {
    pub(super) fn new(user_id: String, expires: OffsetDateTime) -> Self {
        Self { valid: true, user_id, expires: to_the_second(expires) }
    }
}

/// A password that was reset.
#[derive(Serialize)]
pub(super) struct PasswordReset {
    message: &'static str,
    success: bool,
}

impl PasswordReset {
    pub(super) const DONE: Self = Self { message: "Password updated successfully", success: true };
}

/// An account in the dialect's shape.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) username: String,
    pub(super) name: Name,
    pub(super) email: String,
    pub(super) can: Vec<&'static str>,
    pub(super) force_reset: bool,
}

/// What is not known is left out.
#[derive(Serialize)]
pub(super) struct Name {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<String>,
}

impl Name {
    fn of(account: &Account) -> Self {
        let name = account.name();
        Self { first: name.first().map(str::to_owned), last: name.last().map(str::to_owned) }
    }
}

impl User {
    pub(super) fn new(account: &Account) -> Self {
        Self {
            id: account.id().hex(),
            username: username(account).to_owned(),
            name: Name::of(account),
            email: account.email().to_string(),
            can: words::granted(account),
            force_reset: account.password_change_due(),
        }
    }
}

/// An account that was made.
#[derive(Serialize)]
pub(super) struct Created {
    message: &'static str,
    user: CreatedUser,
}

#[derive(Serialize)]
struct CreatedUser {
    #[serde(rename = "_id")]
    id: String,
    username: String,
}

impl Created {
    pub(super) fn new(account: &Account) -> Self {
        Self::of(account.id().hex(), username(account).to_owned())
    }

    pub(super) const fn of(id: String, username: String) -> Self {
        Self { message: "User created successfully", user: CreatedUser { id, username } }
    }
}

/// An account that was changed.
#[derive(Serialize)]
pub(super) struct Updated {
    message: &'static str,
    user: User,
}

impl Updated {
    pub(super) const fn of(user: User) -> Self {
        Self { message: "User updated successfully", user }
    }
}

pub(super) fn ok(body: impl Serialize) -> HttpResponse {
    reply::json(StatusCode::OK, &body)
}

pub(super) fn created(body: impl Serialize) -> HttpResponse {
    reply::json(StatusCode::CREATED, &body)
}

/// A part of a list, with how many there are in all.
pub(super) fn listed(body: impl Serialize, total: u64) -> HttpResponse {
    let mut response = ok(body);
    response.headers_mut().insert(TOTAL, HeaderValue::from(total));
    response
}

/// The user name, or the address in its place.
pub(super) fn username(account: &Account) -> &str {
    account.username().map_or_else(|| account.email().as_str(), Username::as_str)
}

/// A time in ISO 8601 in UTC, without a fraction.
pub(super) fn to_the_second(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// `1h`, `15m` or `870s`: the largest unit of which it is a whole number.
fn span(span: Duration) -> String {
    let seconds = span.whole_seconds();
    match seconds {
        _ if seconds > 0 && seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        _ if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_have_no_fraction() {
        assert_eq!(to_the_second(datetime!(2026-03-01 12:00:00.999 +2)), "2026-03-01T10:00:00Z");
    }

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        for (seconds, text) in [(900, "15m"), (3_600, "1h"), (5_400, "90m"), (870, "870s"), (1, "1s")] {
            assert_eq!(span(Duration::seconds(seconds)), text);
        }
    }
}
