//! Everything that a store holds, read out of it and written into another.
//!
//! An export is what is committed at one moment. An import is one transaction of an empty store. Records are rows, whose fields
//! no store changes; what is derived from them, such as counts and what searches look at, each store makes anew.

use std::{collections::VecDeque, slice};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    StoreError,
    stored::{Counts, Kind, Record, RecordKey, StoredMessage},
};

/// What a store holds at one moment, whatever is committed later.
#[async_trait]
pub trait Export: Send {
    /// How many records of each kind there are.
    fn counts(&self) -> Counts;

    /// The next records, at least one and at most [`Batch::MOST`]: all of one kind, in the order of [`Kind`],
    /// and by ascending [`Record::key`]; empty at the end.
    async fn next(&mut self) -> Result<Vec<Record>, StoreError>;
}

/// The writing of records into an empty store: all of them or, if it is not committed, none. What other units wrote meanwhile is
/// not overwritten: either they or the import wait.
#[async_trait]
pub trait Import: Send {
    /// Writes records of one kind, in the order in which an export gives them. After an error nothing can be committed.
    async fn put(&mut self, records: Vec<Record>) -> Result<(), StoreError>;

    /// Makes everything durable at once.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// The size of what is read and written at once.
#[derive(Debug, Clone, Copy)]
pub struct Batch;

impl Batch {
    /// The most records.
    pub const MOST: u32 = 500;
}

/// Messages that an export reads at once: of some conversations those that are numbered from `first` to `last`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSpan {
    /// The accounts whose conversations they are, ascending.
    pub accounts: Vec<Uuid>,
    /// The lowest number.
    pub first: i64,
    /// The highest number.
    pub last: i64,
}

impl MessageSpan {
    /// The messages of conversations, given in order as account and number of messages: short conversations together, and long
    /// ones in several parts.
    pub fn of(conversations: &[(Uuid, i64)], most: i64) -> VecDeque<Self> {
        let mut spans = VecDeque::new();
        let (mut together, mut messages) = (Vec::new(), 0);
        let close = |spans: &mut VecDeque<Self>, accounts: Vec<Uuid>| {
            if !accounts.is_empty() {
                spans.push_back(Self { accounts, first: 1, last: most });
            }
        };
        for (account, count) in conversations {
            if messages + count > most {
                close(&mut spans, std::mem::take(&mut together));
                messages = 0;
            }
            if *count > most {
                let firsts = (0..).map(|part| part * most + 1).take_while(|first| first <= count);
                spans.extend(firsts.map(|first| Self { accounts: vec![*account], first, last: first + most - 1 }));
            } else {
                together.push(*account);
                messages += count;
            }
        }
        close(&mut spans, together);
        spans
    }
}

/// The tables of a store as of one moment, for a store that reads them by key.
#[async_trait]
pub trait Snapshot: Send {
    /// The records of a kind whose key is greater than `after`, at most [`Batch::MOST`], ascending; never asked for messages.
    async fn page(&mut self, kind: Kind, after: &RecordKey) -> Result<Vec<Record>, StoreError>;

    /// Conversations as account and number of messages, ascending by the account, which is greater than `after`; at most `limit`.
    async fn lengths(&mut self, after: Uuid, limit: u32) -> Result<Vec<(Uuid, i64)>, StoreError>;

    /// The messages of a span, ascending by account and number.
    async fn messages(&mut self, span: &MessageSpan) -> Result<Vec<Record>, StoreError>;
}

/// An export of a [`Snapshot`]: kind by kind, page by page.
pub struct SnapshotExport<S> {
    snapshot: S,
    counts: Counts,
    kinds: slice::Iter<'static, Kind>,
    /// The last record that was read of the present kind.
    after: RecordKey,
    /// The last conversation whose messages are read or are in the spans.
    conversation: Uuid,
    spans: VecDeque<MessageSpan>,
}

impl<S: Snapshot> SnapshotExport<S> {
    /// How many conversations are looked at to choose which messages to read together.
    const CONVERSATIONS: u32 = 1000;

    /// Begins with the first kind; `counts` are those of the snapshot.
    pub fn new(snapshot: S, counts: Counts) -> Self {
        Self {
            snapshot,
            counts,
            kinds: Kind::ALL.iter(),
            after: RecordKey::default(),
            conversation: Uuid::nil(),
            spans: VecDeque::new(),
        }
    }

    async fn messages(&mut self) -> Result<Vec<Record>, StoreError> {
        loop {
            if self.spans.is_empty() {
                let next = self.snapshot.lengths(self.conversation, Self::CONVERSATIONS).await?;
                let Some((last, _)) = next.last() else { return Ok(Vec::new()) };
                self.conversation = *last;
                self.spans = MessageSpan::of(&next, Batch::MOST.into());
            }
            while let Some(span) = self.spans.pop_front() {
                let messages = self.snapshot.messages(&span).await?;
                if !messages.is_empty() {
                    return Ok(messages);
                }
            }
        }
    }
}

#[async_trait]
impl<S: Snapshot> Export for SnapshotExport<S> {
    fn counts(&self) -> Counts {
        self.counts
    }

    async fn next(&mut self) -> Result<Vec<Record>, StoreError> {
        while let Some(kind) = self.kinds.as_slice().first() {
            let page = match kind {
                Kind::Message => self.messages().await?,
                kind => self.snapshot.page(*kind, &self.after).await?,
            };
            if let Some(last) = page.last() {
                self.after = last.key();
                return Ok(page);
            }
            self.kinds.next();
            self.after = RecordKey::default();
        }
        Ok(Vec::new())
    }
}

/// Counts messages of the user's side, as stores keep the number with each message, while messages are imported.
#[derive(Debug, Default)]
pub struct MessageTally {
    account: Uuid,
    seq: i64,
    by_user: i64,
}

impl MessageTally {
    /// How many messages up to this one the user's side wrote. Messages must come in order and without a gap.
    pub fn up_to<T>(&mut self, message: &StoredMessage<T>) -> Result<i64, StoreError> {
        if self.account != message.account_id {
            *self = Self { account: message.account_id, ..Self::default() };
        }
        if message.seq != self.seq + 1 {
            return Err(StoreError::Failed("the messages of a conversation are not numbered without a gap".into()));
        }
        self.seq += 1;
        self.by_user += i64::from(message.side == "user");
        Ok(self.by_user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(counts: &[i64]) -> Vec<(usize, i64, i64)> {
        let conversations: Vec<_> = (0..).map(Uuid::from_u128).zip(counts.iter().copied()).collect();
        MessageSpan::of(&conversations, 10)
            .into_iter()
            .map(|span| (span.accounts.len(), span.first, span.last))
            .collect()
    }

    #[test]
    fn short_conversations_are_read_together_and_long_ones_in_parts() {
        assert_eq!(spans(&[]), []);
        assert_eq!(spans(&[10]), [(1, 1, 10)]);
        assert_eq!(spans(&[3, 7, 1, 2]), [(2, 1, 10), (2, 1, 10)]);
        assert_eq!(spans(&[1, 21, 1]), [(1, 1, 10), (1, 1, 10), (1, 11, 20), (1, 21, 30), (1, 1, 10)]);
    }
}
