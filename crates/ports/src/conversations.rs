//! Storage of conversations and their messages.

use std::slice;

use async_trait::async_trait;
use vestibule_domain::{AccountId, Conversation, Message, NewMessage, conversation::Side};

use crate::StoreError;

/// Which messages of a conversation to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageRange {
    /// Only messages above this number.
    pub after: Option<u64>,
    /// Only messages below this number.
    pub before: Option<u64>,
    /// The most messages to return, capped at [`MessageRange::MOST`]; 0 returns none. They are the lowest if `after` is
    /// given, else the highest.
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
    /// The conversations of these accounts, in no particular order; accounts without one are absent.
    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Conversation>, StoreError>;
    /// Messages of a conversation, ascending.
    async fn messages(&self, account: AccountId, range: MessageRange) -> Result<Vec<Message>, StoreError>;
    /// The newest messages of each conversation, at most `limit` and [`MessageRange::MOST`] of each; a limit of 0 returns
    /// none. Those of one conversation ascend; conversations come in no particular order. One round trip where the store
    /// can.
    async fn newest(&self, accounts: &[AccountId], limit: u32) -> Result<Vec<Message>, StoreError>;
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It was stored, now or by an earlier try with the same id and client's id; with the conversation as this message left
    /// it.
    Stored(Message, Conversation),
    /// Another message of the same side of the same conversation has the client's id; with that message.
    Known(Message),
    /// There is no such account.
    NoAccount,
}

impl Appended {
    /// The result of an append whose client's id is taken by `known`; the conversation is as `known` left it.
    pub fn known(known: Message, conversation: Conversation, again: &NewMessage) -> Self {
        if known.sent.id == again.id { Self::Stored(known, conversation) } else { Self::Known(known) }
    }
}

/// Conversations, written. Each verb is its own transaction, because the hottest writes need no unit of work.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Stores messages, each under the next number of its conversation, and returns the outcome of each in the order given.
    /// The first message begins its conversation. Writers of one conversation wait for each other, so its numbers have no
    /// gap, whatever fails. A number that becomes readable is above every number readable before. Messages given at once
    /// are stored in their order, their times cut to whole microseconds. A message with a client's id is stored once. A
    /// refused message does not affect the others. All are durable when this returns; one round trip where the store can.
    async fn append_many(&self, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>>;
    /// Moves a side's read cursor forward to a message, or to the last message if that comes earlier; never backwards.
    /// Returns the conversation afterwards, or none if it has no message. Durable when this returns.
    async fn mark_read(&self, account: AccountId, side: Side, seq: u64) -> Result<Option<Conversation>, StoreError>;
    /// Erases up to `limit` messages of removed accounts and returns how many; 0 only if none is left or another call is
    /// erasing them. No other verb ever sees these messages. A store that erases them with the account has none here.
    async fn erase_removed(&self, limit: u32) -> Result<u64, StoreError>;
}

impl dyn Conversations + '_ {
    /// Stores one message.
    pub async fn append(&self, message: &NewMessage) -> Result<Appended, StoreError> {
        self.append_many(slice::from_ref(message)).await.pop().unwrap_or(Err(StoreError::Unavailable(None)))
    }
}
