//! Storage of conversations and their messages.

use std::slice;

use async_trait::async_trait;
use vestibule_domain::{AccountId, Conversation, Message, NewMessage, conversation::Side};

use crate::StoreError;

/// Which messages of a conversation to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageRange {
    /// Only those above this number.
    pub after: Option<u64>,
    /// Only those below this number.
    pub before: Option<u64>,
    /// The most to give, of which no more than [`MessageRange::MOST`] are given: the lowest where `after` is given, else the highest.
    pub limit: u32,
}

impl MessageRange {
    /// The most messages that are read at once.
    pub const MOST: u32 = 500;
}

/// Conversations, read.
#[async_trait]
pub trait ReadConversations: Send + Sync {
    /// The conversation of an account; none before its first message.
    async fn find(&self, account: AccountId) -> Result<Option<Conversation>, StoreError>;
    /// The conversations of many accounts, in no particular order; accounts without one are absent.
    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Conversation>, StoreError>;
    /// Messages of a conversation, ascending.
    async fn messages(&self, account: AccountId, range: MessageRange) -> Result<Vec<Message>, StoreError>;
    /// The newest messages of many conversations, so many of each and no more than [`MessageRange::MOST`]; those of one ascending,
    /// the conversations in no particular order; in one round trip where the store can.
    async fn newest(&self, accounts: &[AccountId], limit: u32) -> Result<Vec<Message>, StoreError>;
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It was stored, now or by an earlier try with the same id and client's id; the conversation is as this message has left it.
    Stored(Message, Conversation),
    /// Another message of the same side of the same conversation has the client's id: that message.
    Known(Message),
    /// There is no such account.
    NoAccount,
}

impl Appended {
    /// What an append comes to where a message has the client's id; with the conversation as that message has left it.
    pub fn known(known: Message, conversation: Conversation, again: &NewMessage) -> Self {
        if known.sent.id == again.id { Self::Stored(known, conversation) } else { Self::Known(known) }
    }
}

/// Conversations, written: each verb is a transaction of its own, since what is written most needs no unit of work.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Stores messages, each under the next number of its conversation, which begins with its first message; of each, in the
    /// order given, what became of it. Messages of one conversation wait for each other: their numbers have no gap, whatever
    /// fails, and a number that can be read is above all that could be read before; those given at once are stored in their order.
    /// What has a client's id is stored once. All are durable when this returns; in one round trip where the store can. A message
    /// that is refused takes no other down.
    async fn append_many(&self, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>>;
    /// Moves a side's read cursor up to a message, or to the last one if that comes earlier, and never backwards; the conversation
    /// afterwards, or none if it has no message. It is durable when this returns.
    async fn mark_read(&self, account: AccountId, side: Side, seq: u64) -> Result<Option<Conversation>, StoreError>;
    /// Erases up to `limit` messages that removed accounts have left; how many, and 0 only if there is nothing left or another
    /// call is erasing it. Nothing else ever meets these messages. A store that erases them at once has none to erase.
    async fn erase_removed(&self, limit: u32) -> Result<u64, StoreError>;
}

impl dyn Conversations + '_ {
    /// Stores one message.
    pub async fn append(&self, message: &NewMessage) -> Result<Appended, StoreError> {
        self.append_many(slice::from_ref(message)).await.pop().unwrap_or(Err(StoreError::Unavailable(None)))
    }
}
