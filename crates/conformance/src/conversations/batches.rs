//! Promises of messages stored in one call.

use std::{sync::Arc, time::Duration};

use vestibule_domain::{Account, AccountId, Message, NewMessage, conversation::Side};
use vestibule_ports::{Appended, Store};
use vestibule_testkit::AccountBuilder;

use super::{ALL, append, assert_numbered, conversation, find, message, named, read, stored};
use crate::support::{RACERS, Rounds, committed, insert_accounts, numbered, race, some_accounts};

async fn append_many(store: &Arc<dyn Store>, messages: &[NewMessage]) -> Vec<Appended> {
    let appended = store.conversations().append_many(messages).await;
    assert_eq!(appended.len(), messages.len(), "each has an answer");
    appended.into_iter().map(Result::unwrap).collect()
}

async fn ids(store: &Arc<dyn Store>, count: u32) -> Vec<AccountId> {
    some_accounts(store, count).await.iter().map(Account::id).collect()
}

/// Checks that a log has no gap in its numbers and that the conversation matches its messages; returns the log. A cancelled
/// call may still be running, so it checks again if the conversation has changed meanwhile.
async fn whole(store: &Arc<dyn Store>, account: AccountId) -> Vec<Message> {
    let mut looks = Rounds::patiently("a conversation never comes to rest");
    loop {
        looks.one_more();
        let before = find(store, account).await;
        let log = read(store, account, ALL).await;
        if find(store, account).await == before {
            assert_numbered(&log);
            assert_eq!(before, log.first().map(|_| conversation(&log, 0, 0)));
            return log;
        }
    }
}

/// Messages of many new or existing conversations in one call have the same results as one by one; an empty call does
/// nothing.
pub(crate) async fn messages_that_are_stored_at_once_are_as_if_each_was_alone(store: Arc<dyn Store>) {
    let accounts = ids(&store, 40).await;
    for account in &accounts[..20] {
        append(&store, &message(*account, Side::Staff, 1)).await;
    }
    let sent: Vec<_> = (100..)
        .zip(accounts.iter().rev())
        .map(|(number, account)| match number % 3 {
            0 => message(*account, Side::User, number),
            1 => named(*account, Side::User, number, "a"),
            _ => NewMessage { author: numbered(7).into(), ..named(*account, Side::Staff, number, "'\"\\ é") },
        })
        .collect();
    for (sent, appended) in sent.iter().zip(append_many(&store, &sent).await) {
        let log = whole(&store, sent.conversation).await;
        assert_eq!(log.len(), if accounts[..20].contains(&sent.conversation) { 2 } else { 1 });
        let last = log[log.len() - 1].clone();
        assert_eq!(last.sent, *sent);
        assert_eq!(appended, Appended::Stored(last, conversation(&log, 0, 0)));
    }
    assert_eq!(append_many(&store, &[]).await, []);
}

/// Messages of one conversation in one call are stored in their order, each with the conversation as it left it.
pub(crate) async fn messages_of_one_conversation_at_once_are_stored_in_their_order(store: Arc<dyn Store>) {
    let [one, other] = ids(&store, 2).await.try_into().unwrap();
    let sent: Vec<_> = [one, other, one, one, other, one]
        .into_iter()
        .zip(1..)
        .map(|(account, number)| message(account, super::side(number), number))
        .collect();
    let appended = append_many(&store, &sent).await;
    for account in [one, other] {
        let log = whole(&store, account).await;
        let of_account = |sent: &&NewMessage| sent.conversation == account;
        let expected: Vec<_> = (1..).zip(sent.iter().filter(of_account)).collect();
        assert_eq!(log.iter().map(|message| (message.seq, &message.sent)).collect::<Vec<_>>(), expected);
        let told =
            appended.iter().cloned().filter_map(stored).filter(|(message, _)| message.sent.conversation == account);
        for (up_to, (message, told)) in (1..).zip(told) {
            assert_eq!((message, told), (log[up_to - 1].clone(), conversation(&log[..up_to], 0, 0)));
        }
    }
}

/// A refusal affects no other message: an unknown account, a client's id used before, or one used by another message of the
/// same call.
pub(crate) async fn a_message_that_is_refused_takes_no_other_down(store: Arc<dyn Store>) {
    let accounts = ids(&store, 6).await;
    let nobody: AccountId = numbered(99).into();
    let (first, _) = append(&store, &named(accounts[0], Side::User, 1, "a")).await;
    let sent = [
        message(accounts[1], Side::User, 2),
        message(nobody, Side::User, 3),
        named(accounts[0], Side::User, 4, "a"),
        named(accounts[2], Side::User, 5, "a"),
        named(nobody, Side::Staff, 6, "a"),
        named(accounts[2], Side::User, 7, "a"),
        named(accounts[2], Side::Staff, 8, "a"),
        message(accounts[3], Side::Staff, 9),
        first.sent.clone(),
        named(accounts[2], Side::User, 5, "a"),
    ];
    let appended = append_many(&store, &sent).await;
    let expected = |place: usize, seq| {
        assert!(
            matches!(&appended[place], Appended::Stored(message, _) if *message == sent[place].numbered(seq)),
            "{place}: {:?}",
            appended[place]
        );
    };
    for (place, seq) in [(0, 1), (3, 1), (6, 2), (7, 1), (8, 1), (9, 1)] {
        expected(place, seq);
    }
    assert_eq!(appended[1], Appended::NoAccount);
    assert_eq!(appended[2], Appended::Known(first));
    assert_eq!(appended[4], Appended::NoAccount);
    assert_eq!(appended[5], Appended::Known(sent[3].numbered(1)));
    for (account, count) in accounts.iter().zip([1, 1, 2, 1, 0, 0]) {
        assert_eq!(whole(&store, *account).await.len(), count);
    }
    assert_eq!(find(&store, nobody).await, None);
    // Nothing but refusals.
    let refused = append_many(&store, &[sent[1].clone(), sent[4].clone()]).await;
    assert_eq!(refused, [Appended::NoAccount, Appended::NoAccount]);
}

/// Concurrent calls over the same conversations, in any order and with shared client's ids, store all messages and each id
/// once, without gaps or deadlocks.
pub(crate) async fn calls_that_meet_store_each_message_once(store: Arc<dyn Store>) {
    let accounts = ids(&store, 8).await;
    for round in 0..4 {
        let appended = race(RACERS, async |racer| {
            let sent = (0..8).map(|place| {
                let account = accounts[(racer as usize + 3 * place) % 8];
                let number = 1_000 * round + 100 * racer + u32::try_from(place).unwrap();
                match racer % 3 {
                    0 => message(account, Side::Staff, number),
                    _ => named(account, Side::User, number, &format!("round {round}")),
                }
            });
            append_many(&store, &sent.collect::<Vec<_>>()).await
        });
        for account in &accounts {
            let log = whole(&store, *account).await;
            let of_round = |appended: &&Appended| match appended {
                Appended::Stored(message, _) | Appended::Known(message) => message.sent.conversation == *account,
                Appended::NoAccount => false,
            };
            let all: Vec<_> = appended.iter().flatten().filter(of_round).collect();
            assert_eq!(all.len(), RACERS, "each racer is answered");
            let once =
                all.iter().filter(|appended| matches!(appended, Appended::Stored(message, _) if log.contains(message)));
            // Messages without a client's id, plus the one winner.
            assert_eq!(once.count(), RACERS.div_ceil(3) + 1);
        }
    }
}

/// Calls cancelled at any moment leave nothing half-done: numbers without a gap, correct counts, and other calls continue.
pub(crate) async fn calls_that_are_cancelled_leave_nothing_by_halves(store: Arc<dyn Store>) {
    let accounts = ids(&store, 10).await;
    for round in 0..12 {
        let calls = (0..4).map(|call| {
            let sent: Vec<_> =
                accounts.iter().map(|account| message(*account, Side::User, 10 * round + call)).collect();
            let store = Arc::clone(&store);
            tokio::spawn(async move { append_many(&store, &sent).await })
        });
        let calls: Vec<_> = calls.collect();
        tokio::time::sleep(Duration::from_micros(u64::from(round) * 300)).await;
        calls[0].abort();
        calls[2].abort();
        for call in calls {
            match call.await {
                Ok(appended) => assert!(appended.into_iter().all(|one| stored(one).is_some())),
                Err(error) => assert!(error.is_cancelled()),
            }
        }
    }
    for account in accounts {
        let stored = whole(&store, account).await.len();
        assert!((24..=48).contains(&stored), "{stored}");
    }
}

/// When an account is removed during calls, its messages are stored before or refused, and all others are stored.
pub(crate) async fn calls_while_an_account_goes_lose_nothing_else(store: Arc<dyn Store>) {
    let others = ids(&store, 3).await;
    for round in 0..6 {
        let account = AccountBuilder::numbered(50 + round).build();
        insert_accounts(&store, std::slice::from_ref(&account)).await;
        let id = account.id();
        race(RACERS, async |racer| {
            if racer == 7 {
                assert!(committed(&store, async |unit| unit.accounts().remove(id).await.unwrap()).await);
                return;
            }
            let number = 100 * round + racer;
            let sent = [others[0], id, others[1], others[2]].map(|account| message(account, Side::User, number));
            let appended = append_many(&store, &sent).await;
            for (place, appended) in appended.into_iter().enumerate() {
                assert!(place == 1 || matches!(appended, Appended::Stored(..)), "{appended:?}");
            }
        });
        assert_eq!((find(&store, id).await, read(&store, id, ALL).await), (None, vec![]));
    }
    for other in others {
        assert_eq!(whole(&store, other).await.len(), 6 * (RACERS - 1));
    }
}
