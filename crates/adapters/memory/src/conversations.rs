//! Conversations, by account.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use rpds::{HashTrieMapSync, VectorSync};
use vestibule_domain::{
    AccountId, Conversation, Message, NewMessage,
    conversation::{ClientId, Side, Tally},
};
use vestibule_ports::{
    Appended, Conversations, MessageRange, ReadConversations, StoreError,
    stored::{StoredConversation, StoredMessage},
};

use crate::{MemoryStore, state::State};

/// The conversations.
#[derive(Clone, Default)]
pub(crate) struct ConversationTable {
    by_account: HashTrieMapSync<AccountId, Log>,
}

/// A conversation with its messages.
#[derive(Clone)]
struct Log {
    conversation: Conversation,
    /// The message `seq` is at `seq - 1`.
    messages: VectorSync<Arc<Row>>,
    by_client_id: HashTrieMapSync<(Side, ClientId), u64>,
}

struct Row {
    message: Message,
    /// The conversation up to this message.
    tally: Tally,
}

impl ConversationTable {
    fn of_account(&self, account: AccountId) -> Option<Conversation> {
        self.by_account.get(&account).map(|log| log.conversation)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredConversation> {
        self.by_account.values().map(|log| (&log.conversation).into())
    }

    pub(crate) fn message_rows(&self) -> impl Iterator<Item = StoredMessage<i64>> {
        self.by_account.values().flat_map(|log| log.messages.iter().map(|row| (&row.message).into()))
    }

    /// Takes a conversation as it is, whose messages follow.
    pub(crate) fn restore(&mut self, conversation: Conversation) {
        let log = Log { conversation, ..Log::empty(conversation.account) };
        self.by_account.insert_mut(conversation.account, log);
    }

    /// Takes the next message of a conversation, up to which the user's side wrote so many; whether there is the conversation.
    pub(crate) fn restore_message(&mut self, message: Message, by_user: u64) -> bool {
        let Some(log) = self.by_account.get_mut(&message.sent.conversation) else { return false };
        if let Some(client_id) = &message.sent.client_id {
            log.by_client_id.insert_mut((message.sent.side, client_id.clone()), message.seq);
        }
        let tally = Tally { seq: message.seq, by_user };
        log.messages.push_back_mut(Arc::new(Row { message, tally }));
        true
    }

    pub(crate) fn remove(&mut self, account: AccountId) {
        self.by_account.remove_mut(&account);
    }
}

impl Log {
    fn empty(account: AccountId) -> Self {
        Self {
            conversation: Conversation::empty(account),
            messages: VectorSync::default(),
            by_client_id: HashTrieMapSync::default(),
        }
    }

    fn get(&self, seq: u64) -> Option<&Row> {
        let at = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.messages.get(at).map(Arc::as_ref)
    }

    /// The messages of a range of numbers, both ends included.
    fn between(&self, first: u64, last: u64) -> Vec<Message> {
        (first..=last).filter_map(|seq| self.get(seq)).map(|row| row.message.clone()).collect()
    }

    fn messages(&self, range: MessageRange) -> Vec<Message> {
        let limit = u64::from(range.limit.min(MessageRange::MOST));
        let above = range.after.unwrap_or(0);
        let below = range.before.unwrap_or(u64::MAX).min(self.conversation.last_seq() + 1);
        // The number of all messages; their numbers have no gap.
        let count = below.saturating_sub(above).saturating_sub(1).min(limit);
        if count == 0 {
            return Vec::new();
        }
        let first = if range.after.is_some() { above + 1 } else { below - count };
        self.between(first, first + count - 1)
    }

    /// The message that a client's id was used for.
    fn known(&self, side: Side, client_id: &ClientId) -> Option<&Row> {
        let seq = self.by_client_id.get(&(side, client_id.clone()))?;
        self.get(*seq)
    }

    fn push(&mut self, message: &NewMessage) -> Appended {
        if let Some(known) = message.client_id.as_ref().and_then(|id| self.known(message.side, id)) {
            let conversation = Conversation { written: known.tally, ..self.conversation };
            return Appended::known(known.message.clone(), conversation, message);
        }
        let tally = self.conversation.written.with(message.side);
        let stored = message.numbered(tally.seq);
        if let Some(client_id) = &message.client_id {
            self.by_client_id.insert_mut((message.side, client_id.clone()), tally.seq);
        }
        self.messages.push_back_mut(Arc::new(Row { message: stored.clone(), tally }));
        self.conversation.written = tally;
        Appended::Stored(stored, self.conversation)
    }

    fn mark_read(&mut self, side: Side, seq: u64) -> Conversation {
        let seq = seq.min(self.conversation.last_seq());
        let tally = self.get(seq).map(|row| row.tally).unwrap_or_default();
        let cursor = match side {
            Side::User => &mut self.conversation.read_by_user,
            Side::Staff => &mut self.conversation.read_by_staff,
        };
        if cursor.seq < tally.seq {
            *cursor = tally;
        }
        self.conversation
    }
}

impl State {
    fn append(&mut self, message: &NewMessage) -> Appended {
        let account = message.conversation;
        if !self.accounts.contains(account) {
            return Appended::NoAccount;
        }
        let table = &mut self.conversations.by_account;
        if let Some(log) = table.get_mut(&account) {
            return log.push(message);
        }
        let mut log = Log::empty(account);
        let appended = log.push(message);
        table.insert_mut(account, log);
        appended
    }
}

#[async_trait]
impl ReadConversations for MemoryStore {
    async fn find(&self, account: AccountId) -> Result<Option<Conversation>, StoreError> {
        Ok(self.snapshot()?.conversations.of_account(account))
    }

    async fn find_many(&self, accounts: &[AccountId]) -> Result<Vec<Conversation>, StoreError> {
        let table = &self.snapshot()?.conversations;
        let distinct: BTreeSet<_> = accounts.iter().collect();
        Ok(distinct.into_iter().filter_map(|account| table.of_account(*account)).collect())
    }

    async fn messages(&self, account: AccountId, range: MessageRange) -> Result<Vec<Message>, StoreError> {
        let state = self.snapshot()?;
        let log = state.conversations.by_account.get(&account);
        Ok(log.map(|log| log.messages(range)).unwrap_or_default())
    }

    async fn newest(&self, accounts: &[AccountId], limit: u32) -> Result<Vec<Message>, StoreError> {
        let table = &self.snapshot()?.conversations.by_account;
        let distinct: BTreeSet<_> = accounts.iter().collect();
        let range = MessageRange { after: None, before: None, limit };
        Ok(distinct.into_iter().filter_map(|account| table.get(account)).flat_map(|log| log.messages(range)).collect())
    }
}

#[async_trait]
impl Conversations for MemoryStore {
    async fn append_many(&self, messages: &[NewMessage]) -> Vec<Result<Appended, StoreError>> {
        let mut unit = match self.unit().await {
            Ok(unit) => unit,
            Err(error) => return error.of_all(messages.len()),
        };
        let appended = messages.iter().map(|message| Ok(unit.state.append(message))).collect();
        unit.publish();
        appended
    }

    async fn mark_read(&self, account: AccountId, side: Side, seq: u64) -> Result<Option<Conversation>, StoreError> {
        let mut unit = self.unit().await?;
        let log = unit.state.conversations.by_account.get_mut(&account);
        let conversation = log.map(|log| log.mark_read(side, seq));
        unit.publish();
        Ok(conversation)
    }

    /// They are removed with the account.
    async fn erase_removed(&self, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}
