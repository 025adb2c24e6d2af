//! Promises of the ids that clients give their messages.

use std::sync::Arc;

use vestibule_domain::{
    Message, NewMessage,
    conversation::{MessageText, Side},
};
use vestibule_ports::{Appended, Store};

use super::{ALL, append, assert_numbered, conversation, find, mark_read, message, named, read, stored};
use crate::support::{RACERS, an_account, race, some_accounts};

/// A message whose client's id was used before is not stored: the append returns the earlier message, even if the text
/// differs. Numbers, counts and cursors stay.
pub(crate) async fn a_clients_id_stores_one_message(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let (first, _) = append(&store, &named(account, Side::User, 1, "a")).await;
    let (second, _) = append(&store, &message(account, Side::Staff, 2)).await;
    let other_text = MessageText::parse("something else").unwrap();
    let same = NewMessage { id: message(account, Side::User, 3).id, ..first.sent.clone() };
    for again in [same.clone(), NewMessage { text: other_text, ..same }] {
        let appended = store.conversations().append(&again).await.unwrap();
        assert_eq!(appended, Appended::Known(first.clone()));
    }
    let log = [first, second];
    assert_eq!(read(&store, account, ALL).await, log);
    assert_eq!(find(&store, account).await, Some(conversation(&log, 0, 0)));
    assert_eq!(append(&store, &message(account, Side::User, 4)).await.0.seq, 3);
}

/// A repeated append with the same message id and client's id gets the first answer, so a try whose answer was lost can be
/// repeated. The conversation is as the message left it, except for the cursors.
pub(crate) async fn an_append_that_is_repeated_answers_as_the_first(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let sent = named(account, Side::User, 1, "a");
    let first = append(&store, &sent).await;
    assert_eq!(append(&store, &sent).await, first);
    let (second, _) = append(&store, &message(account, Side::User, 2)).await;
    mark_read(&store, account, Side::Staff, 1).await;
    let log = [first.0.clone()];
    assert_eq!(append(&store, &sent).await, (first.0.clone(), conversation(&log, 0, 1)));
    assert_eq!(read(&store, account, ALL).await, [first.0, second]);
}

/// A client's id belongs to one side of one conversation: on the other side, in another conversation or in another case it
/// is another id. Messages without one are always distinct.
pub(crate) async fn a_clients_id_is_of_one_side_of_one_conversation(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [one, other] = [accounts[0].id(), accounts[1].id()];
    let sent = [
        named(one, Side::User, 1, "a"),
        named(one, Side::Staff, 2, "a"),
        named(other, Side::User, 3, "a"),
        named(other, Side::Staff, 4, "a"),
        named(one, Side::User, 5, "A"),
        named(one, Side::User, 6, "a "),
        message(one, Side::User, 7),
        NewMessage { id: message(one, Side::User, 8).id, ..message(one, Side::User, 7) },
    ];
    for sent in &sent {
        append(&store, sent).await;
    }
    let numbered = |account| {
        let own = sent.iter().filter(|sent| sent.conversation == account).cloned();
        (1..).zip(own).map(|(seq, sent)| Message { seq, sent }).collect::<Vec<_>>()
    };
    for account in [one, other] {
        assert_eq!(read(&store, account, ALL).await, numbered(account));
    }
}

/// When many appends use one client's id at once, one stores its message and the others get that message, even if it begins
/// the conversation; the numbers have no gap.
pub(crate) async fn of_many_appends_with_one_clients_id_one_stores(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 3).await;
    for (account, earlier) in accounts.iter().map(vestibule_domain::Account::id).zip([0, 0, 1]) {
        for number in 0..earlier {
            append(&store, &message(account, Side::Staff, 100 + number)).await;
        }
        for round in 0..4 {
            let appended = race(RACERS, async |racer| {
                let sent = named(account, Side::User, 1000 * round + racer, &format!("round {round}"));
                store.conversations().append(&sent).await.unwrap()
            });
            let winners: Vec<_> = appended.iter().cloned().filter_map(stored).collect();
            assert_eq!(winners.len(), 1, "{winners:?}");
            let (message, conversation) = &winners[0];
            let known = appended.iter().filter(|appended| **appended == Appended::Known(message.clone()));
            assert_eq!(known.count(), RACERS - 1, "{appended:?}");
            assert_eq!(message.seq, u64::from(earlier + round + 1));
            assert_eq!(find(&store, account).await.as_ref(), Some(conversation));
        }
        let log = read(&store, account, ALL).await;
        assert_numbered(&log);
        assert_eq!(find(&store, account).await, Some(conversation(&log, 0, 0)));
    }
}

/// A message sent many times at once is stored once, and each call is answered as if it had stored it.
pub(crate) async fn many_tries_of_one_append_at_once_store_it_once(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let sent = named(account, Side::User, 1, "a");
    let appended = race(RACERS, async |_| append(&store, &sent).await);
    let log = read(&store, account, ALL).await;
    assert_eq!(log, [sent.numbered(1)]);
    assert!(appended.iter().all(|one| *one == (log[0].clone(), conversation(&log, 0, 0))), "{appended:?}");
}
