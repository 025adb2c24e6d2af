//! What bodies look like.

use vestibule_domain::{
    NamePart, Username,
    conversation::{ClientId, DisplayTime, MessageText, Side},
    dossier::{Field as DossierField, Kind},
};

use crate::{
    dialects::rococoins::{
        requests::most_chars,
        words::{self, Group},
    },
    shared::shape::{
        Field, Shape, any_id, count, day, either, email, exactly, id, list, moment, null, object, one_of, optional,
        prose, required, text,
    },
};

/// `success` with a message.
pub(super) fn envelope(success: bool) -> Shape {
    object([required("success", exactly(success)), required("message", text())])
}

/// The same with a user.
pub(super) fn with_user(user: Shape) -> Shape {
    object([required("success", exactly(true)), required("message", text()), required("user", user)])
}

pub(super) fn signed_in() -> Shape {
    object([required("success", exactly(true)), required("token", text())])
}

/// An account: what is unset is left out, and so is a group without a field.
pub(super) fn user() -> Shape {
    object(user_fields())
}

/// The same as admins see it.
pub(super) fn user_with_code() -> Shape {
    object(user_fields().chain([shown(&words::CODE)]))
}

/// The same with the newest messages of its chat, as either of its readers sees it.
pub(super) fn user_with_chats() -> Shape {
    object(user_fields().chain([shown(&words::CODE), required("chats", list(entry()))]))
}

fn user_fields() -> impl Iterator<Item = Field> {
    let own = [
        optional("username", text().of(Username::MIN_CHARS..=Username::MAX_CHARS)),
        required("email", email()),
        optional("firstname", text()),
        optional("lastname", text()),
    ];
    let personal = object(own.into_iter().chain(words::PERSONAL.fields.iter().map(shown_field)));
    [
        required("_id", id()),
        required("personal", personal),
        required("role", one_of(["user", "admin"])),
        required("status", one_of(["active", "suspended"])),
        required("createdAt", moment()),
        required("updatedAt", moment()),
    ]
    .into_iter()
    .chain(words::GROUPS.iter().map(shown))
}

fn shown(group: &Group) -> Field {
    optional(group.name, object(group.fields.iter().map(shown_field)).no_fewer_than(1))
}

fn shown_field((name, field): &(&'static str, DossierField)) -> Field {
    optional(name, if field.kind() == Kind::Day { moment() } else { text() })
}

/// What is sent for the groups: null and an empty text take a field away.
pub(super) fn groups() -> impl Iterator<Item = Field> {
    words::GROUPS.iter().map(sent)
}

/// What is sent for the staff's codes.
pub(super) fn codes() -> Field {
    sent(&words::CODE)
}

/// What is sent for what is personal, with what an account is known by.
pub(super) fn personal(own: impl IntoIterator<Item = Field>) -> Shape {
    let name = || text().no_more_than(NamePart::MAX_CHARS).or_null();
    let names = [optional("firstname", name()), optional("lastname", name())];
    object(own.into_iter().chain(names).chain(words::PERSONAL.fields.iter().map(sent_field)))
}

fn sent(group: &Group) -> Field {
    optional(group.name, object(group.fields.iter().map(sent_field)).or_null())
}

fn sent_field((name, field): &(&'static str, DossierField)) -> Field {
    let shape = match field.kind() {
        Kind::Day => either([day(), null()]),
        Kind::Text | Kind::Document | Kind::Phone => text().no_more_than(most_chars(*field)).or_null(),
    };
    optional(name, shape)
}

/// A message: the name of its text tells who wrote it.
pub(super) fn entry() -> Shape {
    either([Side::User, Side::Staff].map(|side| {
        object([
            required("_id", id()),
            required("seq", count().at_least(1)),
            required("userId", id()),
            required(words::text_of(side), text().of(1..=MessageText::MAX_CHARS)),
            optional("time", text().no_more_than(DisplayTime::MAX_CHARS)),
            required("createdAt", moment()),
        ])
    }))
}

/// An event of a stream, by its fields; of a message the id is its `seq`.
pub(super) fn event() -> Shape {
    object([
        required("event", one_of(["message", "read"])),
        optional("id", text().matching("^[0-9]+$")),
        required("data", text().told("JSON: an entry, or up to where each side has read.")),
    ])
}

/// What a side writes.
pub(super) fn written(side: Side) -> Shape {
    object([
        required("userId", any_id()),
        required(words::text_of(side), prose(MessageText::MAX_CHARS)),
        optional("time", text().no_more_than(DisplayTime::MAX_CHARS).or_null()),
        optional("clientId", text().of(1..=ClientId::MAX_CHARS).or_null()),
    ])
}

/// How far a chat has come.
pub(super) fn state() -> [Field; 3] {
    let read = object([required("user", count()), required("admin", count())]);
    [required("lastSeq", count()), required("unread", count()), required("readUpTo", read)]
}
