//! The chat: its entries, its answers and its events.

use std::{borrow::Borrow, sync::Arc, task::Poll};

use actix_web::{HttpResponse, http::StatusCode};
use serde::{Serialize, Serializer, ser::SerializeMap};
use vestibule_application::chat::{Followed, Follower, MarkedRead, MessageList};
use vestibule_domain::{Conversation, Message};

use crate::{
    dialects::rococoins::words,
    shared::{
        events::{Event, Events},
        reply,
        timestamp::timestamp,
    },
};

/// A message in the dialect's shape: the name of the text tells who wrote it.
pub(crate) struct Entry<'a>(pub(crate) &'a Message);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Message { seq, sent } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_id", &sent.id.hex())?;
        map.serialize_entry("seq", seq)?;
        map.serialize_entry("userId", &sent.conversation.hex())?;
        map.serialize_entry(words::text_of(sent.side), sent.text.as_str())?;
        if let Some(time) = &sent.display_time {
            map.serialize_entry("time", time.as_str())?;
        }
        map.serialize_entry("createdAt", &timestamp(sent.created_at))?;
        map.end()
    }
}

/// Messages in the dialect's shape.
pub(crate) struct Entries<'a, M>(pub(crate) &'a [M]);

impl<M: Borrow<Message>> Serialize for Entries<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|message| Entry(message.borrow())))
    }
}

/// Up to where each side has read.
#[derive(Serialize)]
pub(crate) struct ReadUpTo {
    pub(crate) user: u64,
    pub(crate) admin: u64,
}

impl From<&Conversation> for ReadUpTo {
    fn from(conversation: &Conversation) -> Self {
        Self { user: conversation.read_by_user.seq, admin: conversation.read_by_staff.seq }
    }
}

/// The answer to a message: the newest entries.
pub(crate) fn sent(newest: &[Arc<Message>]) -> HttpResponse {
    #[derive(Serialize)]
    struct Sent<'a> {
        success: bool,
        message: &'static str,
        chats: Entries<'a, Arc<Message>>,
    }
    reply::json(StatusCode::OK, &Sent { success: true, message: "Message sent", chats: Entries(newest) })
}

/// A part of a chat.
pub(crate) fn listed(list: &MessageList) -> HttpResponse {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Listed<'a> {
        success: bool,
        chats: Entries<'a, Message>,
        last_seq: u64,
        unread: u64,
        read_up_to: ReadUpTo,
    }
    let MessageList { messages, conversation, side } = list;
    let body = Listed {
        success: true,
        chats: Entries(messages),
        last_seq: conversation.last_seq(),
        unread: conversation.unread(*side),
        read_up_to: conversation.into(),
    };
    reply::json(StatusCode::OK, &body)
}

/// The answer to a move of a cursor.
pub(crate) fn marked(MarkedRead { conversation, side }: MarkedRead) -> HttpResponse {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Marked {
        success: bool,
        last_seq: u64,
        unread: u64,
        read_up_to: ReadUpTo,
    }
    let body = Marked {
        success: true,
        last_seq: conversation.last_seq(),
        unread: conversation.unread(side),
        read_up_to: (&conversation).into(),
    };
    reply::json(StatusCode::OK, &body)
}

/// What happens in a chat, as events.
pub(crate) struct ChatEvents(pub(crate) Follower);

impl Events for ChatEvents {
    fn position(&self) -> u64 {
        self.0.position()
    }

    async fn next(&mut self) -> Option<Event> {
        event(self.0.next().await)
    }

    fn ready(&mut self) -> Poll<Option<Event>> {
        self.0.ready().map_or(Poll::Pending, |followed| Poll::Ready(event(followed)))
    }
}

fn event(followed: Followed) -> Option<Event> {
    match followed {
        Followed::Message(message) => Some(of_message(&message)),
        Followed::Read { user, staff } => Some(of_read(user, staff)),
        Followed::Ended(_) => None,
    }
}

fn of_message(message: &Arc<Message>) -> Event {
    Event { id: Some(message.seq), name: "message", data: json(&Entry(message)) }
}

fn of_read(user: u64, admin: u64) -> Event {
    Event { id: None, name: "read", data: json(&ReadUpTo { user, admin }) }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}
