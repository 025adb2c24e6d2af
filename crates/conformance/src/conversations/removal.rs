//! Promises of the conversations of removed accounts.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{Account, AccountId, NewMessage, conversation::Side};
use vestibule_ports::{Appended, Store, UnitOfWork};
use vestibule_testkit::AccountBuilder;

use super::{ALL, append, assert_numbered, conversation, filled, find, mark_read, message, named, read};
use crate::support::{NOW, RACERS, Rounds, committed, dropped, insert_accounts, numbered, race, some_accounts};

/// Checks that nothing is left even if the account exists again: its conversation begins anew, and client's ids are free.
async fn assert_gone(store: &Arc<dyn Store>, account: &Account) {
    let id = account.id();
    assert_eq!(find(store, id).await, None);
    assert_eq!(read(store, id, ALL).await, []);
    assert_eq!(mark_read(store, id, Side::Staff, 1).await, None);
    for sent in [message(id, Side::User, 1), named(id, Side::User, 2, "a")] {
        assert_eq!(store.conversations().append(&sent).await.unwrap(), Appended::NoAccount);
    }
    insert_accounts(store, std::slice::from_ref(account)).await;
    assert_eq!(find(store, id).await, None);
    let (first, after) = append(store, &named(id, Side::User, 3, "a")).await;
    assert_eq!(after, conversation(&[first], 0, 0));
}

/// Whether a unit removes an account.
async fn remove(store: &Arc<dyn Store>, account: AccountId) -> bool {
    committed(store, async |unit| unit.accounts().remove(account).await.unwrap()).await
}

/// A conversation goes with its account, however the account is removed; others stay, including the account's messages in
/// them.
pub(crate) async fn a_conversation_goes_with_its_account(store: Arc<dyn Store>) {
    let others = some_accounts(&store, 2).await;
    let provisional = |number| AccountBuilder::numbered(number).provisional().build();
    let gone = [AccountBuilder::numbered(10).build(), provisional(11), provisional(12)];
    insert_accounts(&store, &gone).await;
    let mut logs = Vec::new();
    for account in others.iter().chain(&gone).map(Account::id) {
        filled(&store, account, 4).await;
        append(&store, &named(account, Side::User, 5, "a")).await;
        let by_one_who_goes = NewMessage { author: gone[0].id(), ..message(account, Side::Staff, 6) };
        append(&store, &by_one_who_goes).await;
        mark_read(&store, account, Side::User, 3).await;
        logs.push(read(&store, account, ALL).await);
    }
    let by_purge = async |unit: &mut Box<dyn UnitOfWork>| {
        unit.accounts().purge_provisional(NOW + Duration::days(365)).await.unwrap()
    };
    assert!(remove(&store, gone[0].id()).await);
    let by_address =
        async |unit: &mut Box<dyn UnitOfWork>| unit.accounts().remove_provisional(gone[1].email()).await.unwrap();
    assert_eq!(committed(&store, by_address).await, Some(gone[1].id()));
    assert_eq!(committed(&store, by_purge).await, 1);
    for account in &gone {
        assert_gone(&store, account).await;
    }
    for (account, log) in others.iter().zip(&logs) {
        assert_eq!(read(&store, account.id(), ALL).await, *log);
        assert_eq!(find(&store, account.id()).await, Some(conversation(log, 3, 0)));
    }
}

/// The messages stay if the unit that removes their account is dropped.
pub(crate) async fn a_conversation_stays_if_the_removal_is_dropped(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await[0].id();
    let log = filled(&store, account, 3).await;
    assert!(dropped(&store, async |unit| unit.accounts().remove(account).await.unwrap()).await);
    assert_eq!(read(&store, account, ALL).await, log);
    assert_eq!(find(&store, account).await, Some(conversation(&log, 0, 0)));
    assert_eq!(append(&store, &message(account, Side::User, 4)).await.0.seq, 4);
}

/// A message to an account that never existed starts no conversation. An author need not exist: the store does not decide
/// who may write.
pub(crate) async fn a_message_for_an_account_that_is_not_there_is_not_stored(store: Arc<dyn Store>) {
    let account = AccountBuilder::numbered(0).build();
    assert_gone(&store, &account).await;
    let sent = NewMessage { author: numbered(98).into(), ..message(account.id(), Side::Staff, 9) };
    assert_eq!(append(&store, &sent).await.0, sent.numbered(2));
}

/// Messages appended while their account is removed are stored before or refused for lack of the account, and none is left;
/// a first message does not block the removal.
pub(crate) async fn appends_while_the_account_goes_leave_nothing(store: Arc<dyn Store>) {
    for round in 0..6 {
        let account = AccountBuilder::numbered(round).build();
        insert_accounts(&store, std::slice::from_ref(&account)).await;
        let id = account.id();
        filled(&store, id, round % 2).await;
        let removed = race(RACERS, async |racer| {
            if racer == 7 {
                return remove(&store, id).await;
            }
            for number in (0..3).map(|turn| 100 * turn + racer) {
                let sent = match racer % 2 {
                    0 => message(id, Side::User, number),
                    _ => named(id, Side::Staff, number, "a"),
                };
                store.conversations().append(&sent).await.unwrap();
                store.conversations().mark_read(id, sent.side, u64::MAX).await.unwrap();
            }
            false
        });
        assert!(removed[7]);
        assert_gone(&store, &account).await;
    }
}

/// Erases everything left by removed accounts, a few messages at a time; returns how many.
async fn erase_all(store: &Arc<dyn Store>) -> u64 {
    let mut all = 0;
    let mut calls = Rounds::at_most(1_000, "there is always something left to erase");
    loop {
        calls.one_more();
        let erased = store.conversations().erase_removed(3).await.unwrap();
        assert!(erased <= 3, "{erased} at once");
        if erased == 0 {
            return all;
        }
        all += erased;
    }
}

/// What removed accounts leave is erased step by step, unless the store did so at once: all of it and nothing else, even if
/// a new account with the same id has begun another conversation.
pub(crate) async fn what_removed_accounts_have_left_is_erased_and_nothing_else(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 4).await;
    let [gone, again, other, silent] = [0, 1, 2, 3].map(|place: usize| accounts[place].id());
    assert_eq!(erase_all(&store).await, 0);
    for (account, count) in [(gone, 7), (again, 6), (other, 5)] {
        filled(&store, account, count).await;
        append(&store, &named(account, Side::User, 99, "a")).await;
        mark_read(&store, account, Side::Staff, u64::from(count)).await;
    }
    let log = read(&store, other, ALL).await;
    assert_eq!(erase_all(&store).await, 0);
    assert!(dropped(&store, async |unit| unit.accounts().remove(other).await.unwrap()).await);
    assert_eq!(erase_all(&store).await, 0);

    for account in [gone, again, silent] {
        assert!(remove(&store, account).await);
    }
    insert_accounts(&store, &accounts[1..2]).await;
    let mut begun_again = filled(&store, again, 2).await;
    let erased = erase_all(&store).await;
    assert!([0, 8 + 7].contains(&erased), "{erased} of 15 messages");
    assert_eq!(erase_all(&store).await, 0);
    begun_again.push(append(&store, &named(again, Side::User, 3, "a")).await.0);
    for (account, log, staff) in [(again, &begun_again, 0), (other, &log, 5)] {
        assert_eq!(read(&store, account, ALL).await, *log);
        assert_eq!(find(&store, account).await, Some(conversation(log, 0, staff)));
    }
    assert_gone(&store, &accounts[0]).await;
}

/// Many erasures at once, alongside appends and removals, erase each message once and nothing else.
pub(crate) async fn erasures_at_once_erase_each_message_once(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 6).await;
    for account in &accounts {
        filled(&store, account.id(), 7).await;
    }
    for account in &accounts[..2] {
        assert!(remove(&store, account.id()).await);
    }
    let erased = race(RACERS, async |racer| {
        let mut erased = 0;
        match racer {
            0 | 1 => assert!(remove(&store, accounts[2 + racer as usize].id()).await),
            2 | 3 => drop(append(&store, &message(accounts[2 + racer as usize].id(), Side::User, 8)).await),
            _ => erased = erase_all(&store).await,
        }
        erased
    });
    let erased = erased.into_iter().sum::<u64>() + erase_all(&store).await;
    assert!([0, 4 * 7].contains(&erased), "{erased} of 28 messages");
    for account in &accounts[4..] {
        let log = read(&store, account.id(), ALL).await;
        assert_eq!(log.len(), 8);
        assert_numbered(&log);
    }
}
