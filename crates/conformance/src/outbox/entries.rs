//! Promises of what an operator sees of mail, and of hastening it.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    MailId,
    mail::{OutboxEntry, OutboxMail},
};
use vestibule_ports::Store;

use super::{LEASE, id, insert, lease, mail};
use crate::support::{MICROSECOND, NOW, committed, dropped};

fn entry(mail: &OutboxMail) -> OutboxEntry {
    OutboxEntry {
        id: mail.id,
        to: mail.to.clone(),
        attempts: mail.attempts,
        created_at: mail.created_at,
        due_at: mail.due_at,
        expires_at: mail.expires_at,
        dead_at: None,
        last_error: None,
    }
}

fn ids(entries: Vec<OutboxEntry>) -> Vec<MailId> {
    entries.into_iter().map(|entry| entry.id).collect()
}

async fn find(store: &Arc<dyn Store>, number: u32) -> Option<OutboxEntry> {
    store.read().outbox().find(id(number)).await.unwrap()
}

/// An entry has every field of its mail except the content, and the result of the last attempt.
pub(crate) async fn every_field_of_an_entry_comes_back(store: Arc<dyn Store>) {
    let mails = [mail(1, NOW), OutboxMail { attempts: 3, ..mail(2, NOW + MICROSECOND) }];
    insert(&store, &mails).await;
    assert_eq!(find(&store, 1).await, Some(entry(&mails[0])));
    assert_eq!(find(&store, 2).await, Some(entry(&mails[1])));
    assert_eq!(find(&store, 3).await, None);

    assert_eq!(lease(&store, NOW + MICROSECOND, 10).await, [id(1), id(2)]);
    let (later, dead) = (NOW + Duration::minutes(1), NOW + Duration::seconds(2));
    committed(&store, async |unit| {
        assert!(unit.outbox().retry(id(1), 1, later, "421 'later'").await.unwrap());
        assert!(unit.outbox().bury(id(2), 4, dead, "550 \u{fc}ber").await.unwrap());
    })
    .await;
    let put_back =
        OutboxEntry { attempts: 1, due_at: later, last_error: Some("421 'later'".to_owned()), ..entry(&mails[0]) };
    assert_eq!(find(&store, 1).await, Some(put_back.clone()));
    let buried = find(&store, 2).await.unwrap();
    // While a lease is held, the store decides when the mail is next due.
    let expected = OutboxEntry {
        attempts: 4,
        due_at: buried.due_at,
        dead_at: Some(dead),
        last_error: Some("550 \u{fc}ber".to_owned()),
        ..entry(&mails[1])
    };
    assert_eq!(buried, expected);

    assert_eq!(lease(&store, later, 10).await, [id(1)]);
    let leased = find(&store, 1).await.unwrap();
    assert_eq!(OutboxEntry { due_at: later, ..leased }, OutboxEntry { attempts: 2, ..put_back });
}

/// Waiting mail, leased or not, is listed oldest first and dead letters latest first, each in a list of its own.
pub(crate) async fn entries_are_listed_apart_and_in_order(store: Arc<dyn Store>) {
    let mails: Vec<_> = [4, 1, 3, 2, 5].map(|number| mail(number, NOW)).into_iter().collect();
    insert(&store, &mails).await;
    lease(&store, NOW, 5).await;
    committed(&store, async |unit| {
        assert!(unit.outbox().bury(id(4), 1, NOW, "550 never").await.unwrap());
        assert!(unit.outbox().bury(id(2), 1, NOW + MICROSECOND, "550 never").await.unwrap());
        assert!(unit.outbox().retry(id(3), 1, NOW, "421 later").await.unwrap());
    })
    .await;
    let read = store.read().outbox();
    assert_eq!(ids(read.list_waiting(10).await.unwrap()), [id(1), id(3), id(5)]);
    assert_eq!(ids(read.list_waiting(2).await.unwrap()), [id(1), id(3)]);
    assert_eq!(ids(read.list_dead(10).await.unwrap()), [id(2), id(4)]);
    assert_eq!(ids(read.list_dead(1).await.unwrap()), [id(2)]);
    assert_eq!(ids(read.list_dead(0).await.unwrap()), []);
}

/// Mail given up for its expiry says so.
pub(crate) async fn an_entry_that_expired_says_so(store: Arc<dyn Store>) {
    insert(&store, &[OutboxMail { expires_at: NOW + MICROSECOND, ..mail(1, NOW) }]).await;
    let end = NOW + Duration::hours(1);
    committed(&store, async |unit| assert_eq!(unit.outbox().bury_expired(end).await.unwrap(), 1)).await;
    let entry = find(&store, 1).await.unwrap();
    assert_eq!((entry.dead_at, entry.last_error.as_deref()), (Some(end), Some("expired")));
}

/// Hastening a mail by its id, or all mail, makes delayed mail due at once and changes nothing else.
pub(crate) async fn a_mail_that_was_put_off_can_be_hastened(store: Arc<dyn Store>) {
    let off = NOW + Duration::minutes(30);
    insert(&store, &[mail(1, off), mail(2, off), mail(3, off), mail(4, NOW - MICROSECOND)]).await;
    let hasten = async |id| committed(&store, async |unit| unit.outbox().hasten(id, NOW).await.unwrap()).await;
    assert_eq!(dropped(&store, async |unit| unit.outbox().hasten(None, NOW).await.unwrap()).await, 3);
    assert_eq!(hasten(Some(id(2))).await, 1);
    assert_eq!(hasten(Some(id(2))).await, 0, "it is due");
    assert_eq!(hasten(Some(id(9))).await, 0, "there is none");
    assert_eq!(find(&store, 2).await, Some(entry(&mail(2, NOW))));
    assert_eq!(hasten(None).await, 2, "but for the second, and the fourth, which was due");
    assert_eq!(find(&store, 4).await.unwrap().due_at, NOW - MICROSECOND);
    assert_eq!(lease(&store, NOW, 10).await, [id(4), id(1), id(2), id(3)]);
}

/// Mail that is leased or given up is not hastened.
pub(crate) async fn what_is_leased_or_dead_is_not_hastened(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW), mail(2, NOW)]).await;
    assert_eq!(lease(&store, NOW, 10).await, [id(1), id(2)]);
    committed(&store, async |unit| {
        assert!(unit.outbox().bury(id(2), 1, NOW, "550 never").await.unwrap());
        assert_eq!(unit.outbox().hasten(None, NOW - Duration::hours(1)).await.unwrap(), 0);
        assert_eq!(unit.outbox().hasten(Some(id(2)), NOW - Duration::hours(1)).await.unwrap(), 0);
    })
    .await;
    assert_eq!(lease(&store, NOW + LEASE - MICROSECOND, 10).await, []);
}
