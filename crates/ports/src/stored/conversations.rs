//! Rows of conversations and of their messages.

use std::collections::HashMap;

use uuid::Uuid;
use vestibule_domain::{
    AccountId, Conversation, Message, MessageId, NewMessage,
    conversation::{ClientId, DisplayTime, MessageText, Tally},
};

use super::{StoredTime, account_id, optional, time, valid};
use crate::StoreError;

rows! {
    /// A row of a conversation: three positions, and the number of user messages up to each.
    pub struct StoredConversation {
        pub account_id: Uuid,
        pub written_seq: i64,
        pub written_by_user: i64,
        pub user_read_seq: i64,
        pub user_read_by_user: i64,
        pub staff_read_seq: i64,
        pub staff_read_by_user: i64,
    }
}

impl TryFrom<StoredConversation> for Conversation {
    type Error = StoreError;

    fn try_from(row: StoredConversation) -> Result<Self, StoreError> {
        Ok(Self {
            account: account_id(row.account_id)?,
            written: tally(row.written_seq, row.written_by_user)?,
            read_by_user: tally(row.user_read_seq, row.user_read_by_user)?,
            read_by_staff: tally(row.staff_read_seq, row.staff_read_by_user)?,
        })
    }
}

impl From<&Conversation> for StoredConversation {
    fn from(conversation: &Conversation) -> Self {
        let Conversation { account, written, read_by_user, read_by_staff } = conversation;
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            account_id: account.uuid(),
            written_seq: number(written.seq),
            written_by_user: number(written.by_user),
            user_read_seq: number(read_by_user.seq),
            user_read_by_user: number(read_by_user.by_user),
            staff_read_seq: number(read_by_staff.seq),
            staff_read_by_user: number(read_by_staff.by_user),
        }
    }
}

fn tally(seq: i64, by_user: i64) -> Result<Tally, StoreError> {
    let number = |stored: i64| valid(stored.try_into(), "place in a conversation");
    Ok(Tally { seq: number(seq)?, by_user: number(by_user)? })
}

rows! {
    /// A row of a message.
    pub struct StoredMessage<T> {
        pub account_id: Uuid,
        pub seq: i64,
        pub id: Uuid,
        pub side: String,
        pub author: Uuid,
        pub text: String,
        pub client_id: Option<String>,
        pub display_time: Option<String>,
        pub created_at: T,
    }
}

/// Without a number: the statement that stores the message assigns it.
impl<T: StoredTime> From<&NewMessage> for StoredMessage<T> {
    fn from(message: &NewMessage) -> Self {
        let NewMessage { id, conversation, side, author, text, client_id, display_time, created_at } = message;
        Self {
            account_id: conversation.uuid(),
            seq: 0,
            id: id.uuid(),
            side: side.as_str().to_owned(),
            author: author.uuid(),
            text: text.as_str().to_owned(),
            client_id: client_id.as_ref().map(|id| id.as_str().to_owned()),
            display_time: display_time.as_ref().map(|time| time.as_str().to_owned()),
            created_at: T::of(*created_at),
        }
    }
}

impl<T: StoredTime> From<&Message> for StoredMessage<T> {
    fn from(message: &Message) -> Self {
        Self { seq: i64::try_from(message.seq).unwrap_or(i64::MAX), ..Self::from(&message.sent) }
    }
}

impl<T: StoredTime> TryFrom<StoredMessage<T>> for Message {
    type Error = StoreError;

    fn try_from(row: StoredMessage<T>) -> Result<Self, StoreError> {
        let sent = NewMessage {
            id: valid(MessageId::from_uuid(row.id), "id of a message")?,
            conversation: account_id(row.account_id)?,
            side: valid(row.side.parse(), "side of a message")?,
            author: account_id(row.author)?,
            text: valid(MessageText::parse(row.text), "text of a message")?,
            client_id: optional(row.client_id, ClientId::parse, "client's id of a message")?,
            display_time: optional(row.display_time, DisplayTime::parse, "display time of a message")?,
            created_at: time(row.created_at, "creation of a message")?,
        };
        Ok(Self { seq: valid(row.seq.try_into(), "number of a message")?, sent })
    }
}

/// Splits messages into parts with at most one message per conversation, as indexes into the input. The messages of a
/// conversation keep their order from part to part.
pub fn parts(messages: &[NewMessage]) -> Vec<Vec<usize>> {
    let (mut parts, mut seen) = (Vec::<Vec<usize>>::new(), HashMap::<AccountId, usize>::new());
    for (place, message) in messages.iter().enumerate() {
        let number = seen.entry(message.conversation).or_default();
        match parts.get_mut(*number) {
            Some(part) => part.push(place),
            None => parts.push(vec![place]),
        }
        *number += 1;
    }
    parts
}
