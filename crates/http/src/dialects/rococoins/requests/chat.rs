//! Messages, read cursors, and where a stream of events goes on.

use actix_web::http::header::HeaderMap;
use vestibule_domain::{
    AccountId, PasswordRules,
    conversation::{ClientId, DisplayTime, MessageText, Side},
};

use super::{Fields, Request};
use crate::{
    dialects::rococoins::{errors::Failure, words},
    shared::{query::whole, single::single},
};

/// What either side writes.
pub(crate) struct Written {
    pub(crate) user: AccountId,
    pub(crate) text: MessageText,
    pub(crate) time: Option<DisplayTime>,
    pub(crate) client_id: Option<ClientId>,
}

/// `PUT /user/user_chat/{id}`.
pub(crate) struct UserChat(pub(crate) Written);

/// `PUT /user/admin_chat/{id}`.
pub(crate) struct AdminChat(pub(crate) Written);

/// `PUT /user/{id}/chat/read`.
#[derive(Clone, Copy)]
pub(crate) struct ReadUpTo {
    pub(crate) seq: u64,
}

/// The number after which a stream goes on: none for what comes from now on.
#[derive(Clone, Copy)]
pub(in crate::dialects::rococoins) struct LastEventId(pub(in crate::dialects::rococoins) Option<u64>);

impl Request for UserChat {
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        written(fields, words::text_of(Side::User)).map(Self)
    }
}

impl Request for AdminChat {
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        written(fields, words::text_of(Side::Staff)).map(Self)
    }
}

impl Request for ReadUpTo {
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        let root = fields.root();
        if !root.has("seq") {
            return Err(Failure::required("seq"));
        }
        let seq = root.number("seq").ok_or_else(|| Failure::invalid("seq"))?;
        Ok(Self { seq })
    }
}

fn written(fields: &Fields, name: &str) -> Result<Written, Failure> {
    let root = fields.root();
    let user = root.text("userId", "userId")?.ok_or_else(|| Failure::required("userId"))?;
    let user = AccountId::from_hex(user).map_err(|_| Failure::invalid("userId"))?;
    let text = root.text(name, name)?.ok_or_else(|| Failure::required(name))?;
    let text = MessageText::parse(text).map_err(|_| Failure::invalid(name))?;
    let time = root.text("time", "time")?.map(DisplayTime::parse);
    let client_id = root.text("clientId", "clientId")?.map(ClientId::parse);
    Ok(Written {
        user,
        text,
        time: time.transpose().map_err(|_| Failure::invalid("time"))?,
        client_id: client_id.transpose().map_err(|_| Failure::invalid("clientId"))?,
    })
}

impl LastEventId {
    /// An empty header is none: clients send what they know.
    pub(in crate::dialects::rococoins) fn read(headers: &HeaderMap) -> Result<Self, Failure> {
        let invalid = || Failure::invalid("Last-Event-ID");
        let Some(value) = single(headers, "last-event-id").map_err(|_| invalid())? else { return Ok(Self(None)) };
        if value.is_empty() {
            return Ok(Self(None));
        }
        value.to_str().ok().and_then(whole).map(|seq| Self(Some(seq))).ok_or_else(invalid)
    }
}
