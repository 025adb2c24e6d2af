//! What bodies look like.

use serde_json::Value;
use vestibule_domain::{
    FullName, NamePart, Profile,
    conversation::MessageText,
    place::PlaceName,
    profile::{About, Age, Tag, Tags},
};

use crate::{
    dialects::looking::words::{self, profiles::FACETS},
    shared::shape::{
        Field, Shape, count, email, exactly, flag, id, line, list, moment, null, number, object, one_of, optional,
        prose, required, text, whole,
    },
};

/// A failure, in the envelope that its example has.
pub(super) fn failure(example: &Value) -> Shape {
    let message = required("message", text());
    let Some(envelope) = example.as_object() else { return null() };
    if let Some(err) = envelope.get("err") {
        return object([message, required("err", detail(err))]);
    }
    match (envelope.get("status"), envelope.contains_key("valid"), envelope.contains_key("success")) {
        (Some(status), _, _) => {
            object([message, required("status", exactly(status.clone())), required("authorized", exactly(false))])
        }
        (None, true, _) => object([message, required("valid", exactly(false))]),
        (None, false, true) => object([message, required("success", exactly(false))]),
        (None, false, false) => object([message]),
    }
}

/// What `err` holds.
fn detail(err: &Value) -> Shape {
    let has = |name: &str| err.get(name).is_some();
    match (err.is_null(), has("keyPattern"), has("expiredAt"), has("name")) {
        (true, ..) => null(),
        (_, true, ..) => {
            let key = object(["key", "username", "email"].map(|name| optional(name, exactly(1)))).no_fewer_than(1);
            object([required("code", exactly(11_000)), required("keyPattern", key)])
        }
        (_, _, true, _) => {
            object([required("name", text()), required("message", text()), required("expiredAt", moment())])
        }
        (_, _, _, true) => object([required("name", text()), required("message", text())]),
        _ => object([required("code", text()), required("details", text().or_null())]),
    }
}

pub(super) fn said() -> Shape {
    object([required("message", text())])
}

/// The permissions of an account.
fn can() -> Shape {
    list(one_of(words::all())).no_more_than(words::all().count())
}

fn name() -> Shape {
    object(["first", "last"].map(|name| optional(name, text())))
}

/// An account, whose user name may be its address; its id has two names.
fn user_fields(id_name: &'static str) -> [Field; 5] {
    [
        required(id_name, id()),
        required("username", text()),
        required("name", name()),
        required("email", email()),
        required("can", can()),
    ]
}

pub(super) fn user() -> Shape {
    object(user_fields("_id").into_iter().chain([required("forceReset", flag())]))
}

pub(super) fn created_user() -> Shape {
    let user = object([required("_id", id()), required("username", text())]);
    object([required("message", text()), required("user", user)])
}

pub(super) fn updated_user() -> Shape {
    object([required("message", text()), required("user", user())])
}

pub(super) fn signed_in() -> Shape {
    object([
        required("status", exactly(200)),
        required("authorized", exactly(true)),
        required("token", text()),
        required("user", object(user_fields("id"))),
    ])
}

pub(super) fn anonymous() -> Shape {
    object([required("status", exactly(200)), required("authorized", exactly(false)), required("token", text())])
}

/// The claims of a token; an anonymous one has no account.
pub(super) fn session() -> Shape {
    let decoded = object([
        optional("uid", id()),
        optional("username", text()),
        required("can", can()),
        required("iat", count()),
        required("exp", count()),
    ]);
    object([required("valid", exactly(true)), required("decoded", decoded)])
}

/// Names, each of which null and an empty text take away.
pub(super) fn new_name() -> Field {
    let part = || text().no_more_than(NamePart::MAX_CHARS).or_null();
    optional("name", object([optional("first", part()), optional("last", part())]).or_null())
}

/// Permissions, of which null is none.
pub(super) fn new_can() -> Field {
    optional("can", list(one_of(words::all())).or_null())
}

fn details() -> Shape {
    let picture = object([required("thumb", text()), required("detail", text())]);
    let own = [
        required("name", text().of(1..=FullName::MAX_CHARS)),
        optional("age", count().at_most(Age::MAX)),
        optional("location", text().of(1..=PlaceName::MAX_CHARS)),
        optional("about", text().of(1..=About::MAX_CHARS)),
        optional("pic", picture),
    ];
    let tags = || list(text().of(1..=Tag::MAX_CHARS)).no_more_than(Tags::MOST);
    object(own.into_iter().chain(FACETS.map(|(name, _)| required(name, tags()))))
}

fn profile_fields(details: Shape) -> [Field; 3] {
    [required("_id", id()), required("order", whole()), required("details", details)]
}

pub(super) fn profile() -> Shape {
    let message = object([
        required("_id", id()),
        required("text", text().of(1..=MessageText::MAX_CHARS)),
        required("isUser", flag()),
        optional("image", text()),
        required("timestamp", moment()),
    ]);
    object(profile_fields(details()).into_iter().chain([
        required("messages", list(message).no_more_than(Profile::MAX_MESSAGES)),
        required("submitted", flag()),
        required("approved", flag()),
    ]))
}

/// A profile without its messages.
pub(super) fn found_profile() -> Shape {
    object(profile_fields(details()))
}

pub(super) fn listed_profile() -> Shape {
    let thumb = object([required("thumb", text())]);
    object(profile_fields(object([required("name", text()), optional("pic", thumb)])))
}

pub(super) fn changed_profile() -> Shape {
    object([required("message", text()), required("profile", profile())])
}

pub(super) fn created_profile() -> Shape {
    object([required("_id", id()), required("message", text()), required("profile", profile())])
}

/// What has become of a profile, by some of its flags.
pub(super) fn profile_state(flags: &[&'static str]) -> Shape {
    let flags = flags.iter().map(|name| required(name, flag()));
    object([required("message", text()), required("profile", object([required("_id", id())].into_iter().chain(flags)))])
}

/// What is sent of a profile, whose name has to be there if it is a new one.
pub(super) fn new_profile(is_new: bool) -> Shape {
    let must = if is_new { required } else { optional };
    let picture =
        || text().told("A data URI of a JPEG, PNG or WebP picture, or the path of one that the profile has.").or_null();
    let sizes = object([optional("detail", picture()), optional("thumb", picture())]);
    let tag = text()
        .of(1..=Tag::MAX_CHARS)
        .matching(r"^[^\x00-\x1f\x7f-\x9f|]*[^\x00-\x20\x7f-\xa0|][^\x00-\x1f\x7f-\x9f|]*$");
    let own = [
        must("name", line(FullName::MAX_CHARS)),
        optional("age", count().at_most(Age::MAX).or_null()),
        optional("location", text().no_more_than(PlaceName::MAX_CHARS).or_null()),
        optional("about", text().no_more_than(About::MAX_CHARS).or_null()),
        optional("pic", sizes.or_null()),
    ];
    let tags = FACETS.map(|(name, _)| optional(name, list(tag.clone()).no_more_than(Tags::MOST).or_null()));
    let message = object([
        optional("_id", text().or_null()),
        required("text", prose(MessageText::MAX_CHARS)),
        optional("isUser", flag().or_null()),
        optional("image", picture()),
    ]);
    let fields = [
        must("details", object(own.into_iter().chain(tags))),
        optional("order", whole().at_least(i32::MIN).at_most(i32::MAX).or_null()),
        optional("messages", list(message).no_more_than(Profile::MAX_MESSAGES).or_null()),
        optional("submitted", flag().or_null()),
        optional("approved", flag().or_null()),
    ];
    object(fields).no_fewer_than(1)
}

pub(super) fn new_message() -> Shape {
    object([optional("text", prose(MessageText::MAX_CHARS)), optional("image", text().or_null())]).no_fewer_than(1)
}

/// A place that was found.
pub(super) fn place() -> Shape {
    object([required("_id", id()), required("key", text()), required("formatted", text()), required("loc", point())])
}

/// A point of `GeoJSON`: longitude first.
fn point() -> Shape {
    object([required("type", exactly("Point")), required("coordinates", list(number()).of(2..=2))])
}

/// What is sent of a place: a point may have an altitude, which counts for nothing.
pub(super) fn new_place() -> Shape {
    let name = || line(PlaceName::MAX_CHARS);
    let coordinates = list(number().at_least(-180).at_most(180)).of(2..=3).told("Longitude, latitude.");
    let point = object([required("type", exactly("Point")), required("coordinates", coordinates)]);
    object([optional("key", name()), optional("formatted", name()), optional("loc", point)]).no_fewer_than(1)
}
