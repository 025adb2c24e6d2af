//! What clients get: a user as it is, or `success` with a message; failures have an envelope of their own.

pub(super) mod chat;
pub(super) mod documents;

use std::sync::Arc;

use actix_web::{HttpResponse, http::StatusCode};
use serde::{Serialize, Serializer, ser::SerializeMap};
use vestibule_application::Caller;
use vestibule_domain::{
    Account, AccountId, AccountStatus, Dossier, Message, Role,
    dossier::{Document, Field, Value},
};

use super::words::{self, Group};
use crate::shared::{reply, table::Prefix, timestamp::timestamp};

/// `success` with a message.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    success: bool,
    message: &'a str,
}

impl<'a> Envelope<'a> {
    /// A failure.
    pub(super) const fn failed(message: &'a str) -> Self {
        Self { success: false, message }
    }
}

/// A success that is a sentence.
pub(super) struct Success {
    status: StatusCode,
    pub(super) message: &'static str,
}

impl Success {
    pub(super) const CREATED: Self = Self { status: StatusCode::CREATED, message: "User created successfully" };
    pub(super) const UPDATED: Self = Self::ok("User updated successfully");
    pub(super) const DELETED: Self = Self::ok("User deleted successfully");
    pub(super) const OTP_SENT: Self = Self::ok("OTP sent successfully");
    pub(super) const OTP_VERIFIED: Self = Self::ok("OTP verified successfully");

    const fn ok(message: &'static str) -> Self {
        Self { status: StatusCode::OK, message }
    }

    pub(super) fn response(&self) -> HttpResponse {
        reply::json(self.status, &Envelope { success: true, message: self.message })
    }

    /// The same with a user.
    pub(super) fn with_user(&self, user: User) -> HttpResponse {
        #[derive(Serialize)]
        struct WithUser {
            success: bool,
            message: &'static str,
            user: User,
        }
        reply::json(self.status, &WithUser { success: true, message: self.message, user })
    }
}

/// The answer to a sign-in.
#[derive(Serialize)]
pub(super) struct SignedIn {
    pub(super) success: bool,
    pub(super) token: String,
}

/// An answer without an envelope.
pub(super) fn ok(body: impl Serialize) -> HttpResponse {
    reply::json(StatusCode::OK, &body)
}

/// Names and values in the order in which they are written; what is unset is not among them.
pub(super) struct Entries(Vec<(&'static str, String)>);

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// An account in the dialect's shape. A group without a field is left out.
pub(super) struct User {
    id: String,
    groups: Vec<(&'static str, Entries)>,
    role: &'static str,
    status: &'static str,
    created_at: String,
    updated_at: String,
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_id", &self.id)?;
        for (name, group) in &self.groups {
            map.serialize_entry(name, group)?;
        }
        map.serialize_entry("role", self.role)?;
        map.serialize_entry("status", self.status)?;
        map.serialize_entry("createdAt", &self.created_at)?;
        map.serialize_entry("updatedAt", &self.updated_at)?;
        map.end()
    }
}

impl User {
    /// One for the description.
    pub(super) fn example(id: &str, groups: Vec<(&'static str, Vec<(&'static str, &str)>)>) -> Self {
        let owned = |entries: Vec<(&'static str, &str)>| {
            entries.into_iter().map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
        };
        Self {
            id: id.to_owned(),
            groups: set(groups.into_iter().map(|(name, entries)| (name, owned(entries))).collect()),
            role: words::role(Role::User),
            status: words::status(AccountStatus::Active),
            created_at: "2024-01-25T14:20:00.000Z".to_owned(),
            updated_at: "2024-01-25T14:23:27.598Z".to_owned(),
        }
    }

    /// As its owner sees it.
    pub(super) fn new(account: &Account, dossier: &Dossier, at: &Prefix) -> Self {
        let name = account.name();
        let own = [
            ("username", account.username().map(|name| name.as_str().to_owned())),
            ("email", Some(account.email().to_string())),
            ("firstname", name.first().map(str::to_owned)),
            ("lastname", name.last().map(str::to_owned)),
        ];
        let mut personal: Vec<_> = own.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        personal.extend(entries(&words::PERSONAL, dossier, at));
        let mut groups = vec![(words::PERSONAL.name, personal)];
        groups.extend(words::GROUPS.iter().map(|group| (group.name, entries(group, dossier, at))));
        Self {
            id: account.id().hex(),
            groups: set(groups),
            role: words::role(account.role()),
            status: words::status(account.status()),
            created_at: timestamp(account.created_at()),
            updated_at: timestamp(dossier.updated_at.map_or(account.updated_at(), |at| at.max(account.updated_at()))),
        }
    }

    /// As the one sees it who asks: admins see the staff's codes.
    pub(super) fn to(caller: &Caller, account: &Account, dossier: &Dossier, at: &Prefix) -> Self {
        if caller.account().role() >= Role::Admin {
            Self::with_codes(account, dossier, at)
        } else {
            Self::new(account, dossier, at)
        }
    }

    /// The answer that shows it with the newest messages of its chat.
    pub(super) fn with_chats(&self, chats: &[Arc<Message>]) -> HttpResponse {
        reply::written(StatusCode::OK, chat::with_chats(self, chats, None::<&()>))
    }

    /// As an admin sees it: with the staff's codes, after what is personal.
    pub(super) fn with_codes(account: &Account, dossier: &Dossier, at: &Prefix) -> Self {
        let mut user = Self::new(account, dossier, at);
        user.groups.splice(1..1, set(vec![(words::CODE.name, entries(&words::CODE, dossier, at))]));
        user
    }
}

fn set(groups: Vec<(&'static str, Vec<(&'static str, String)>)>) -> Vec<(&'static str, Entries)> {
    let set = groups.into_iter().filter(|(_, entries)| !entries.is_empty());
    set.map(|(name, entries)| (name, Entries(entries))).collect()
}

fn entries(group: &Group, dossier: &Dossier, at: &Prefix) -> Vec<(&'static str, String)> {
    let entry = |(name, field): &(&'static str, Field)| Some((*name, shown((*field, name), dossier, at)?));
    group.fields.iter().filter_map(entry).collect()
}

/// A telephone number that another dialect knows counts where none is told here.
fn shown((field, name): (Field, &str), dossier: &Dossier, at: &Prefix) -> Option<String> {
    let values = &dossier.values;
    let value = match field {
        Field::ContactPhone => values.get(field).or_else(|| values.get(Field::Phone)),
        other => values.get(other),
    };
    Some(text(value?, (dossier.account, name), at))
}

/// A document that is stored here is the path under which it is served.
fn text(value: &Value, (owner, name): (AccountId, &str), at: &Prefix) -> String {
    match value {
        Value::Text(line) | Value::Document(Document::Path(line)) => line.as_str().to_owned(),
        Value::Document(Document::Stored(_)) => documents::path(owner, name, at),
        Value::Day(day) => timestamp(*day),
        Value::Phone(phone) => phone.as_str().to_owned(),
    }
}
