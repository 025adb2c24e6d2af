//! Promises of ranges of messages.

use std::{collections::HashMap, sync::Arc};

use vestibule_domain::Message;
use vestibule_ports::{MessageRange, Store};

use super::{append, assert_numbered, filled, message, read, side};
use crate::support::{RACERS, an_account, numbered, race, some_accounts};

/// The part of a log that a range selects.
fn plain(log: &[Message], range: MessageRange) -> Vec<Message> {
    let is_within = |message: &&Message| {
        range.after.is_none_or(|after| message.seq > after) && range.before.is_none_or(|before| message.seq < before)
    };
    let within: Vec<_> = log.iter().filter(is_within).cloned().collect();
    let most = usize::try_from(range.limit.min(500)).unwrap().min(within.len());
    if range.after.is_some() { within[..most].to_vec() } else { within[within.len() - most..].to_vec() }
}

/// A range, with or without each end, at, between and beyond the existing messages, gives the lowest above `after`, else
/// the highest, always ascending.
pub(crate) async fn a_range_gives_what_a_plain_model_gives(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 3).await;
    // Neighbouring conversations, which must not appear.
    filled(&store, accounts[0].id(), 4).await;
    filled(&store, accounts[2].id(), 14).await;
    let account = accounts[1].id();
    let log = filled(&store, account, 9).await;
    let past = i64::MAX.cast_unsigned();
    let ends = || [None, Some(0), Some(1), Some(4), Some(5), Some(8), Some(9), Some(10), Some(past), Some(u64::MAX)];
    for (after, before) in ends().into_iter().flat_map(|after| ends().map(|before| (after, before))) {
        for limit in [0, 1, 3, 9, 500, u32::MAX] {
            let range = MessageRange { after, before, limit };
            assert_eq!(read(&store, account, range).await, plain(&log, range), "{range:?}");
        }
    }
    let unknown = numbered(99).into();
    assert_eq!(read(&store, unknown, MessageRange { after: None, before: None, limit: 9 }).await, []);
}

/// The newest messages of many conversations are found in one call, all of a short one, each once however often it is
/// named; an unknown account has none.
pub(crate) async fn the_newest_of_many_conversations_are_those_of_each(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 5).await;
    let mut logs = HashMap::new();
    for (account, count) in accounts.iter().zip([3, 0, 12, 1, 7]) {
        logs.insert(account.id(), filled(&store, account.id(), count).await);
    }
    let asked = [2, 0, 1, 2, 3].map(|place: usize| accounts[place].id());
    for limit in [0, 1, 3, 12, u32::MAX] {
        let ids = [&asked[..], &[numbered(99).into()]].concat();
        let found = store.read().conversations().newest(&ids, limit).await.unwrap();
        let range = MessageRange { after: None, before: None, limit };
        for (account, log) in &logs {
            let of_account: Vec<_> =
                found.iter().filter(|message| message.sent.conversation == *account).cloned().collect();
            let expected = if asked.contains(account) { plain(log, range) } else { Vec::new() };
            assert_eq!(of_account, expected, "{limit}");
        }
    }
    assert_eq!(store.read().conversations().newest(&[], 9).await.unwrap(), []);
}

/// A range has at most 500 messages, from either end, and the log can be paged through in both directions.
pub(crate) async fn a_range_has_at_most_five_hundred_messages(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let each = 500 / u32::try_from(RACERS).unwrap() + 1;
    race(RACERS, async |racer| {
        for number in 0..each {
            append(&store, &message(account, side(number), 1000 * racer + number)).await;
        }
    });
    let all = MessageRange { after: None, before: None, limit: u32::MAX };
    let last = u64::from(each) * u64::try_from(RACERS).unwrap();
    let newest = read(&store, account, all).await;
    let oldest = read(&store, account, MessageRange { after: Some(0), ..all }).await;
    let log = [&oldest[..], &read(&store, account, MessageRange { after: Some(500), ..all }).await[..]].concat();
    assert_eq!(log[log.len() - 1].seq, last);
    assert_numbered(&log);
    assert_eq!(oldest, log[..500]);
    assert_eq!(newest, log[log.len() - 500..]);
    let first = newest[0].seq;
    assert_eq!(read(&store, account, MessageRange { before: Some(first), ..all }).await, log[..log.len() - 500]);
    let between = MessageRange { after: Some(1), before: Some(last), ..all };
    assert_eq!(read(&store, account, between).await, log[1..501]);
}
