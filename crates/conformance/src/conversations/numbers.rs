//! Promises of the numbers of messages.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use time::Duration;
use vestibule_domain::{
    AccountId, Message, NewMessage,
    conversation::{Side, Tally},
};
use vestibule_ports::{Appended, MessageRange, Store};

use super::{ALL, append, assert_numbered, conversation, find, message, named, read, side, tally};
use crate::support::{NOW, RACERS, Rounds, an_account, numbered, race, read_before, some_accounts};

const WRITERS: u32 = 8;
const EACH: u32 = 50;

/// A writer's message, with a clock that is off like the other writers'.
fn written(account: AccountId, writer: u32, number: u32) -> NewMessage {
    let side = if writer < WRITERS / 2 { Side::User } else { Side::Staff };
    NewMessage { created_at: read_before(writer), ..message(account, side, 1000 * writer + number) }
}

/// Concurrent writers of both sides get numbers from 1 without a gap, each writer's in its order. Each gets its number and
/// the conversation at that moment, and the counts match the log.
pub(crate) async fn the_messages_of_many_writers_are_numbered_without_a_gap(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let appended = race(usize::try_from(WRITERS).unwrap(), async |writer| {
        let mut appended = Vec::new();
        for number in 0..EACH {
            appended.push(append(&store, &written(account, writer, number)).await);
        }
        appended
    });
    let log = read(&store, account, ALL).await;
    assert_eq!(log.len(), appended.iter().map(Vec::len).sum::<usize>());
    assert_numbered(&log);
    for own in &appended {
        assert!(own.is_sorted_by_key(|(message, _)| message.seq));
        for (message, conversation) in own {
            assert_eq!(log[usize::try_from(message.seq).unwrap() - 1], *message);
            assert_eq!(conversation.written, tally(&log, message.seq));
        }
    }
    assert_eq!(find(&store, account).await, Some(conversation(&log, 0, 0)));
}

/// At any moment the readable messages are the beginning of the log: a reader that continues after the last number it has
/// seen misses no message and sees them in number order, while others write. A conversation never mentions a message that
/// could not be read before it.
pub(crate) async fn a_reader_beside_writers_misses_no_message(store: Arc<dyn Store>) {
    const READERS: u32 = 2;
    let account = an_account(&store).await;
    let total = usize::try_from(WRITERS * EACH).unwrap();
    let writing = AtomicU32::new(WRITERS);
    let logs = race(usize::try_from(WRITERS + READERS).unwrap(), async |racer| {
        if racer < WRITERS {
            for number in 0..EACH {
                append(&store, &written(account, racer, number)).await;
            }
            writing.fetch_sub(1, Ordering::SeqCst);
            return Vec::new();
        }
        let mut seen: Vec<Message> = Vec::new();
        let mut is_last = false;
        let mut looks = Rounds::patiently("the log of a conversation does not come to its end");
        while !is_last {
            looks.one_more();
            is_last = writing.load(Ordering::SeqCst) == 0;
            let said = find(&store, account).await.map_or(0, |conversation| conversation.last_seq());
            let last = seen.last().map_or(0, |message| message.seq);
            // Some read all new messages, some only a few at a time.
            let limit = if racer % 2 == 0 { 500 } else { 7 };
            let range = MessageRange { after: Some(last), before: None, limit };
            let new = read(&store, account, range).await;
            is_last &= new.is_empty();
            seen.extend(new);
            assert!(seen.len() <= total, "{} messages of {total}", seen.len());
            let last = seen.last().map_or(0, |message| message.seq);
            assert!(last >= said || limit == 7, "{last} is below {said}");
            assert_numbered(&seen);
        }
        seen
    });
    let log = read(&store, account, ALL).await;
    assert_eq!(log.len(), total);
    for seen in logs.into_iter().skip(usize::try_from(WRITERS).unwrap()) {
        assert_eq!(seen, log);
    }
}

/// When many units append a conversation's first message at once, each message is stored.
pub(crate) async fn many_first_messages_at_once_are_all_stored(store: Arc<dyn Store>) {
    for account in some_accounts(&store, 8).await {
        let account = account.id();
        race(RACERS, async |racer| append(&store, &message(account, side(racer), racer)).await);
        let log = read(&store, account, ALL).await;
        assert_eq!(log.len(), RACERS);
        assert_numbered(&log);
        assert_eq!(find(&store, account).await, Some(conversation(&log, 0, 0)));
    }
}

/// Conversations are independent: each has its own numbers, however many are written to at once.
pub(crate) async fn conversations_are_numbered_each_by_itself(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, u32::try_from(RACERS).unwrap()).await;
    race(RACERS, async |racer| {
        let account = accounts[usize::try_from(racer).unwrap()].id();
        for number in 1..=10 {
            let (message, _) = append(&store, &message(account, side(number), number)).await;
            assert_eq!(message.seq, u64::from(number));
        }
    });
    for account in accounts {
        let log = read(&store, account.id(), ALL).await;
        assert_eq!(log.len(), 10);
        assert!(log.iter().all(|message| message.sent.conversation == account.id()));
    }
}

/// Messages are in the order in which they were stored, whatever their clocks and ids say.
pub(crate) async fn clocks_and_ids_that_go_backwards_change_no_order(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let mut log = Vec::new();
    for (seq, number) in (1..).zip([5_u32, 9, 2, 7, 1]) {
        let created_at = NOW - Duration::hours(i64::from(number));
        let sent =
            NewMessage { id: numbered(100 - number).into(), created_at, ..message(account, side(number), number) };
        log.push(Message { seq, sent: sent.clone() });
        assert_eq!(append(&store, &sent).await.0, log[log.len() - 1]);
    }
    assert_eq!(read(&store, account, ALL).await, log);
    assert_eq!(read(&store, account, MessageRange { limit: 2, ..ALL }).await, log[3..]);
}

/// An append that stores nothing takes no number: for an unknown account, or with a used client's id.
pub(crate) async fn an_append_that_stores_nothing_leaves_no_gap(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let unknown: AccountId = numbered(99).into();
    let (first, _) = append(&store, &named(account, Side::User, 90, "a")).await;
    let outcomes = race(RACERS, async |racer| {
        let appended = match racer % 4 {
            0 => store.conversations().append(&named(account, Side::User, racer, "a")).await.unwrap(),
            1 => store.conversations().append(&named(unknown, Side::User, racer, "a")).await.unwrap(),
            2 => store.conversations().append(&message(unknown, Side::Staff, racer)).await.unwrap(),
            _ => store.conversations().append(&message(account, Side::Staff, racer)).await.unwrap(),
        };
        (racer % 4, appended)
    });
    for (kind, appended) in outcomes {
        match kind {
            0 => assert_eq!(appended, Appended::Known(first.clone())),
            1 | 2 => assert_eq!(appended, Appended::NoAccount),
            _ => assert!(matches!(appended, Appended::Stored(..)), "{appended:?}"),
        }
    }
    let log = read(&store, account, ALL).await;
    assert_eq!(log.len(), 1 + RACERS / 4);
    assert_numbered(&log);
    let written = find(&store, account).await.unwrap().written;
    assert_eq!(written, Tally { seq: log.len().try_into().unwrap(), by_user: 1 });
    assert_eq!(find(&store, unknown).await, None);
    assert_eq!(read(&store, unknown, ALL).await, []);
}
