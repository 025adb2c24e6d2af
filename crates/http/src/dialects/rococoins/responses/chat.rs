//! The chat: its entries, its answers and its events.

use std::{borrow::Borrow, fmt::Write, sync::Arc, task::Poll};

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use vestibule_application::chat::{Followed, Follower, MarkedRead, MessageList};
use vestibule_domain::{Conversation, Message, conversation::Side};

use crate::{
    dialects::rococoins::{responses::Envelope, words},
    shared::{
        events::{Event, Events},
        reply,
        timestamp::Timestamp,
    },
};

/// What an entry takes beside its text, a time to display included, and what an answer takes beside its entries.
const ENTRY: usize = 180;
const FRAME: usize = 256;

/// Writes messages in the dialect's shape, by hand: an answer has a hundred of them.
fn push_entries(json: &mut String, messages: &[impl Borrow<Message>]) {
    json.push('[');
    for (number, message) in messages.iter().enumerate() {
        if number > 0 {
            json.push(',');
        }
        push_entry(json, message.borrow());
    }
    json.push(']');
}

/// The one place that knows the shape of an entry. The name of the text tells who wrote it.
fn push_entry(json: &mut String, Message { seq, sent }: &Message) {
    json.push_str("{\"_id\":\"");
    json.push_str(sent.id.digits().as_str());
    json.push_str("\",\"seq\":");
    // Writing to a text does not fail.
    let _ = write!(json, "{seq}");
    json.push_str(",\"userId\":\"");
    json.push_str(sent.conversation.digits().as_str());
    json.push_str("\",\"");
    json.push_str(words::text_of(sent.side));
    json.push_str("\":");
    push_text(json, sent.text.as_str());
    if let Some(time) = &sent.display_time {
        json.push_str(",\"time\":");
        push_text(json, time.as_str());
    }
    json.push_str(",\"createdAt\":\"");
    json.push_str(Timestamp::of(sent.created_at).as_str());
    json.push_str("\"}");
}

fn push_text(json: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        json.push_str(&self::json(&text));
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

/// Writes an object whose field `chats` comes after those of a first object and before those of a second one.
pub(super) fn with_chats(
    before: &impl Serialize,
    messages: &[impl Borrow<Message>],
    after: Option<&impl Serialize>,
) -> String {
    let texts: usize = messages.iter().map(|message| message.borrow().sent.text.as_str().len()).sum();
    let mut json = String::with_capacity(FRAME + texts + messages.len() * ENTRY);
    let before = self::json(before);
    json.push_str(before.strip_suffix('}').unwrap_or(&before));
    json.push_str(",\"chats\":");
    push_entries(&mut json, messages);
    match after.map(self::json) {
        Some(after) => json.push_str(&after.replacen('{', ",", 1)),
        None => json.push('}'),
    }
    json
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

/// How far a conversation has come, for one side of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct State {
    last_seq: u64,
    unread: u64,
    read_up_to: ReadUpTo,
}

impl State {
    fn of(conversation: &Conversation, side: Side) -> Self {
        let (last_seq, unread) = (conversation.last_seq(), conversation.unread(side));
        Self { last_seq, unread, read_up_to: conversation.into() }
    }
}

/// The answer to a message: the newest entries.
pub(crate) fn sent(newest: &[Arc<Message>]) -> HttpResponse {
    let before = Envelope { success: true, message: "Message sent" };
    reply::written(StatusCode::OK, with_chats(&before, newest, None::<&()>))
}

/// A part of a chat.
pub(crate) fn listed(list: &MessageList) -> HttpResponse {
    #[derive(Serialize)]
    struct Before {
        success: bool,
    }
    let MessageList { messages, conversation, side } = list;
    let after = State::of(conversation, *side);
    reply::written(StatusCode::OK, with_chats(&Before { success: true }, messages, Some(&after)))
}

/// The answer to a move of a cursor.
pub(crate) fn marked(MarkedRead { conversation, side }: MarkedRead) -> HttpResponse {
    #[derive(Serialize)]
    struct Marked {
        success: bool,
        #[serde(flatten)]
        state: State,
    }
    reply::json(StatusCode::OK, &Marked { success: true, state: State::of(&conversation, side) })
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
    let mut data = String::with_capacity(ENTRY + message.sent.text.as_str().len());
    push_entry(&mut data, message);
    Event { id: Some(message.seq), name: "message", data }
}

fn of_read(user: u64, admin: u64) -> Event {
    Event { id: None, name: "read", data: json(&ReadUpTo { user, admin }) }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use time::macros::datetime;
    use vestibule_domain::{
        MessageId, NewMessage,
        conversation::{DisplayTime, MessageText},
        id::Id96,
    };

    use super::*;

    proptest! {
        #[test]
        fn an_entry_is_what_the_library_writes_of_it(
            seq: u64, is_by_staff: bool, id: [u8; 12],
            text in ".{1,40}|[\u{0}-\u{7f}]{1,20}", time in proptest::option::of("[^\\p{Cc}]{0,20}"),
        ) {
            let Ok(text) = MessageText::parse(text) else { return Ok(()) };
            let sent = NewMessage {
                id: MessageId::from(Id96::from_bytes(id)),
                conversation: Id96::from_bytes(id).into(),
                side: if is_by_staff { Side::Staff } else { Side::User },
                author: Id96::from_bytes([7; 12]).into(),
                text,
                client_id: None,
                display_time: time.and_then(|time| DisplayTime::parse(time).ok()),
                created_at: datetime!(2026-03-01 12:00:00.5 UTC),
            };
            let message = sent.clone().numbered(seq);
            let mut written = String::new();
            push_entry(&mut written, &message);
            let of_text = if is_by_staff { "adminChats" } else { "userChats" };
            let hex = sent.id.hex();
            let mut expected = format!(r#"{{"_id":"{hex}","seq":{seq},"userId":"{hex}","{of_text}":{}"#, json!(sent.text.as_str()));
            if let Some(time) = &sent.display_time {
                let _ = write!(expected, r#","time":{}"#, json!(time.as_str()));
            }
            expected += r#","createdAt":"2026-03-01T12:00:00.500Z"}"#;
            prop_assert_eq!(written, expected);
            let several = [message.clone(), message];
            let answer: Value = serde_json::from_str(&with_chats(&json!({ "a": {} }), &several, Some(&json!({ "b": [] })))).unwrap();
            prop_assert_eq!(&answer["chats"][0], &answer["chats"][1]);
            prop_assert_eq!((&answer["a"], &answer["b"]), (&json!({}), &json!([])));
        }
    }
}
