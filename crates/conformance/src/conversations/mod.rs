//! Promises of conversations.

mod batches;
mod client_ids;
mod cursors;
mod numbers;
mod ranges;
mod removal;
mod walk;

use std::sync::Arc;

use time::{Duration, UtcOffset};
use vestibule_domain::{
    AccountId, Conversation, Message, NewMessage,
    conversation::{ClientId, DisplayTime, MessageText, Side, Tally},
};
use vestibule_ports::{Appended, MessageRange, Store};

use crate::support::{MICROSECOND, NANOSECONDS, NOW, an_account, numbered, some_accounts};

pub(crate) use self::{batches::*, client_ids::*, cursors::*, numbers::*, ranges::*, removal::*, walk::*};

/// The largest range.
const ALL: MessageRange = MessageRange { after: None, before: None, limit: 500 };

/// A message of a side, with its number in the text, written by the account itself.
pub(crate) fn message(conversation: AccountId, side: Side, number: u32) -> NewMessage {
    NewMessage {
        id: numbered(number).into(),
        conversation,
        side,
        author: conversation,
        text: MessageText::parse(format!("number {number}")).unwrap(),
        client_id: None,
        display_time: None,
        created_at: NOW,
    }
}

/// The same with a client's id.
fn named(conversation: AccountId, side: Side, number: u32, client_id: &str) -> NewMessage {
    NewMessage { client_id: Some(ClientId::parse(client_id).unwrap()), ..message(conversation, side, number) }
}

/// The side whose turn it is: the user twice, then the staff once.
fn side(number: u32) -> Side {
    if number % 3 == 2 { Side::Staff } else { Side::User }
}

/// Stores a message and expects success.
pub(crate) async fn append(store: &Arc<dyn Store>, message: &NewMessage) -> (Message, Conversation) {
    let appended = store.conversations().append(message).await.unwrap();
    stored(appended).expect("the message is to be stored")
}

fn stored(appended: Appended) -> Option<(Message, Conversation)> {
    if let Appended::Stored(message, conversation) = appended { Some((message, conversation)) } else { None }
}

/// A conversation with this many messages, whose texts also number them from 1.
pub(crate) async fn filled(store: &Arc<dyn Store>, account: AccountId, count: u32) -> Vec<Message> {
    let mut log = Vec::new();
    for number in 1..=count {
        log.push(append(store, &message(account, side(number), number)).await.0);
    }
    log
}

async fn find(store: &Arc<dyn Store>, account: AccountId) -> Option<Conversation> {
    store.read().conversations().find(account).await.unwrap()
}

async fn read(store: &Arc<dyn Store>, account: AccountId, range: MessageRange) -> Vec<Message> {
    store.read().conversations().messages(account, range).await.unwrap()
}

async fn mark_read(store: &Arc<dyn Store>, account: AccountId, side: Side, seq: u64) -> Option<Conversation> {
    store.conversations().mark_read(account, side, seq).await.unwrap()
}

/// The tally of a log up to a number, counted one by one.
fn tally(log: &[Message], seq: u64) -> Tally {
    let up_to = log.iter().filter(|message| message.seq <= seq);
    up_to.fold(Tally::default(), |tally, message| tally.with(message.sent.side))
}

/// The conversation with cursors at these numbers.
fn conversation(log: &[Message], user: u64, staff: u64) -> Conversation {
    Conversation {
        account: log[0].sent.conversation,
        written: tally(log, u64::MAX),
        read_by_user: tally(log, user),
        read_by_staff: tally(log, staff),
    }
}

/// The other side's messages above a cursor, counted one by one.
fn unread(log: &[Message], side: Side, cursor: u64) -> u64 {
    let unread = log.iter().filter(|message| message.seq > cursor && message.sent.side != side);
    unread.count().try_into().unwrap()
}

/// Checks that a log is numbered from 1 without a gap.
fn assert_numbered(log: &[Message]) {
    let numbers: Vec<_> = log.iter().map(|message| message.seq).collect();
    assert_eq!(numbers, (1..).take(log.len()).collect::<Vec<u64>>());
}

/// Every field of a message comes back from the append and from each read, including absent fields and those of maximum
/// length; its time is in whole microseconds.
pub(crate) async fn every_field_of_a_message_comes_back(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, author] = [accounts[0].id(), accounts[1].id()];
    let text = |text: String| MessageText::parse(text).unwrap();
    let plain = message(account, Side::User, 1);
    let longest = NewMessage {
        side: Side::Staff,
        author,
        text: text("🦀".repeat(MessageText::MAX_CHARS)),
        client_id: Some(ClientId::parse("é".repeat(ClientId::MAX_CHARS)).unwrap()),
        display_time: Some(DisplayTime::parse("ω".repeat(DisplayTime::MAX_CHARS)).unwrap()),
        created_at: NOW + MICROSECOND,
        ..message(account, Side::Staff, 2)
    };
    let odd = NewMessage {
        text: text(" two\r\n\tlines '\"\\%_ \u{1}\u{202e}\u{feff} ".to_owned()),
        client_id: Some(ClientId::parse(" '\"\\%_ ").unwrap()),
        display_time: Some(DisplayTime::parse("").unwrap()),
        ..message(account, Side::User, 3)
    };
    let offset = UtcOffset::from_hms(-3, 30, 0).unwrap();
    let mut log = Vec::new();
    for (seq, sent) in (1..).zip([plain, longest, odd]) {
        let uncut = NewMessage { created_at: (sent.created_at + NANOSECONDS).to_offset(offset), ..sent.clone() };
        log.push(Message { seq, sent });
        assert_eq!(append(&store, &uncut).await, (log[log.len() - 1].clone(), conversation(&log, 0, 0)));
    }
    for range in [ALL, MessageRange { after: Some(0), ..ALL }] {
        assert_eq!(read(&store, account, range).await, log);
    }
    for known in &log[1..] {
        let again = NewMessage { id: numbered(9).into(), created_at: NOW + Duration::HOUR, ..known.sent.clone() };
        let appended = store.conversations().append(&again).await.unwrap();
        assert_eq!(appended, Appended::Known(known.clone()));
    }
}

/// A conversation begins with its first message; before that neither it nor any message exists.
pub(crate) async fn a_conversation_begins_with_its_first_message(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    assert_eq!(find(&store, account).await, None);
    assert_eq!(read(&store, account, ALL).await, []);
    for side in [Side::User, Side::Staff] {
        assert_eq!(mark_read(&store, account, side, 1).await, None);
    }
    assert_eq!(find(&store, account).await, None);
    let log = filled(&store, account, 1).await;
    assert_eq!(find(&store, account).await, Some(conversation(&log, 0, 0)));
}

/// The conversations of many accounts are found in one call, each once; accounts without one are absent.
pub(crate) async fn the_conversations_of_many_accounts_are_found_at_once(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 6).await;
    let ids: Vec<_> = accounts.iter().map(vestibule_domain::Account::id).collect();
    let mut expected = Vec::new();
    for (account, count) in ids.iter().zip([1, 3, 0, 2]) {
        let log = filled(&store, *account, count).await;
        if let Some(last) = log.last() {
            mark_read(&store, *account, Side::Staff, last.seq).await;
            expected.push(conversation(&log, 0, last.seq));
        }
    }
    let unknown = numbered(99).into();
    let asked = [&ids[..], &[unknown, ids[0], ids[0]]].concat();
    let found = |ids: Vec<AccountId>| {
        let store = &store;
        async move {
            let mut found = store.read().conversations().find_many(&ids).await.unwrap();
            found.sort_by_key(|conversation| conversation.account);
            found
        }
    };
    expected.sort_by_key(|conversation| conversation.account);
    assert_eq!(found(asked).await, expected);
    assert_eq!(found(vec![ids[1]]).await, expected[1..2]);
    assert_eq!(found(vec![ids[2], unknown]).await, []);
    assert_eq!(found(vec![]).await, []);
}
