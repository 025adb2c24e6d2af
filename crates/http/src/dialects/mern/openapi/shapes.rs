//! What bodies look like.

use vestibule_domain::{NamePart, Provider, Username};

use crate::{
    dialects::mern::words::{PERMISSIONS, ROLES, STATUSES, words},
    shared::shape::{
        Field, Shape, count, email, flag, id, line, moment, object, one_of, optional, required, text, whole,
    },
};

/// A sentence.
pub(super) fn message() -> Shape {
    object([required("message", text())])
}

/// Every failure.
pub(super) fn failure() -> Shape {
    object([required("error", message())])
}

fn fresh_token() -> [Field; 2] {
    [required("token", text()), required("expiresAt", count().told("Seconds since 1970."))]
}

pub(super) fn token() -> Shape {
    object(fresh_token())
}

pub(super) fn session() -> Shape {
    let doors = ["local"].into_iter().chain(Provider::ALL.iter().map(|provider| provider.as_str()));
    object(fresh_token().into_iter().chain([required("signedInWith", one_of(doors)), required("user", full_user())]))
}

/// The token and the account are there where they were asked for.
pub(super) fn checked_token() -> Shape {
    object([
        required("message", text()),
        optional("token", text()),
        optional("expiresAt", whole()),
        optional("user", full_user()),
    ])
}

/// What everybody sees; an account of another dialect may have neither a user name nor names.
fn public_fields() -> [Field; 5] {
    [
        required("id", id()),
        optional("username", text().of(Username::MIN_CHARS..=Username::MAX_CHARS)),
        optional("firstName", text()),
        optional("lastName", text()),
        required("createdAt", moment()),
    ]
}

pub(super) fn public_user() -> Shape {
    object(public_fields())
}

pub(super) fn full_user() -> Shape {
    let provider = Provider::ALL.map(|provider| optional(provider.as_str(), entry()));
    object(public_fields().into_iter().chain([
        required("email", email()),
        required("status", one_of(words(STATUSES))),
        required("role", one_of(words(ROLES))),
        required("permissions", object(words(PERMISSIONS).map(|name| required(name, flag())))),
        required("provider", object([optional("local", entry())].into_iter().chain(provider))),
        required("updatedAt", moment()),
    ]))
}

fn entry() -> Shape {
    object([required("userId", text()), optional("picture", text())])
}

/// The two names, each of which may be left out.
pub(super) fn names() -> [Field; 2] {
    [optional("firstName", line(NamePart::MAX_CHARS)), optional("lastName", line(NamePart::MAX_CHARS))]
}
