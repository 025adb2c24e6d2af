//! What bodies look like.

use serde_json::Value;
use vestibule_domain::{
    AccountStatus, NamePart,
    dossier::{Detail, ReviewState},
};

use crate::{
    dialects::ego::words,
    shared::shape::{
        Field, Shape, count, day, email, exactly, flag, id, line, list, moment, null, object, one_of, optional, phone,
        prose, required, text, whole,
    },
};

/// The envelope of a success.
pub(super) fn success(data: Shape) -> Shape {
    object([required("status", exactly("success")), required("data", data)])
}

/// A success that is a sentence, with a status or without.
pub(super) fn said(example: &Value) -> Shape {
    let status = example["status"].as_str().map(|status| required("status", exactly(status)));
    object(status.into_iter().chain([required("message", text())]))
}

/// A failure: a sentence alone, or one with a code and perhaps the fields at fault.
pub(super) fn failure(example: &Value) -> Shape {
    let message = required("message", text());
    if example["errorCode"].is_null() {
        return object([message]);
    }
    let fault = object([required("field", text()), required("message", text())]);
    let errors = list(fault).no_fewer_than(1).or_null();
    object([message, required("errorCode", whole().at_least(1_000)), required("errors", errors)])
}

pub(super) fn tokens() -> Shape {
    object([required("accessToken", text()), required("refreshToken", text())])
}

/// A word of the roles.
pub(super) fn role() -> Shape {
    one_of(words::ROLES.map(words::role))
}

/// An account of another dialect may have no names.
pub(super) fn session() -> Shape {
    object(names().into_iter().chain([
        required("email", email()),
        required("role", role()),
        required("token", tokens()),
    ]))
}

pub(super) fn root_session() -> Shape {
    object([required("email", email()), required("token", tokens())])
}

pub(super) fn profile() -> Shape {
    object(names().into_iter().chain([
        required("email", email()),
        required("phoneNumber", text().or_null()),
        required("role", role()),
        required("isSuperuser", flag()),
        required("isblocked", flag()),
    ]))
}

fn names() -> [Field; 2] {
    ["firstname", "lastname"].map(|name| required(name, text().or_null()))
}

pub(super) fn user() -> Shape {
    let address = object(words::ADDRESS.map(|(name, _)| required(name, text().or_null())));
    let texts = ["phoneNumber", "profession", "profilePhoto", "identificationType", "documentIdentityImage"];
    let moments =
        ["birth", "emailVerifiedAt", "identificationExpiry", "dateOfVerification", "lastLogin", "lastFailedLogin"];
    let flags = ["isVerified", "isApproved", "isBlocked", "isSuperuser", "twoFactorAuth"];
    let statuses = [AccountStatus::Pending, AccountStatus::Active, AccountStatus::Disabled].map(words::status);
    let mut reviews = ReviewState::ALL.map(words::review).to_vec();
    reviews.sort_unstable();
    reviews.dedup();
    let fields = [
        required("address", address.or_null()),
        required("id", id()),
        required("email", email()),
        required("role", role()),
        required("status", one_of(statuses)),
        required("statusKyc", one_of(reviews)),
        required("failedLoginAttempts", count()),
        required("createdAt", moment()),
        required("updatedAt", moment()),
    ];
    let unused = ["ipAdress", "deviceId"].map(|name| required(name, list(text()).no_more_than(0)));
    object(
        names()
            .into_iter()
            .chain(fields)
            .chain(unused)
            .chain(texts.map(|name| required(name, text().or_null())))
            .chain(moments.map(|name| required(name, moment().or_null())))
            .chain(flags.map(|name| required(name, flag())))
            .chain(["referrralCode", "profileComplete", "sponsorShipCode"].map(|name| required(name, null()))),
    )
}

/// A first or last name, as it is sent.
pub(super) fn name() -> Shape {
    line(NamePart::MAX_CHARS)
}

/// What an owner may change: null takes a value away, but for the names.
pub(super) fn update() -> Shape {
    let line = || prose(Detail::MAX_CHARS).or_null();
    let address = object(words::ADDRESS.map(|(name, _)| optional(name, line())));
    object([
        optional("firstname", name()),
        optional("lastname", name()),
        optional("phoneNumber", phone().or_null()),
        optional("profession", line()),
        optional("birth", day().or_null()),
        optional("profilePhoto", line()),
        optional("address", address.or_null()),
    ])
    .no_fewer_than(1)
}
