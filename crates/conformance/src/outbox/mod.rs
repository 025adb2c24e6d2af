//! Promises of the outbox: its fields here; leases, withdrawals, dead letters and operators' views in files of their own.

mod dead;
mod entries;
mod leases;
mod withdrawals;

use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use vestibule_domain::{EmailAddress, MailId, mail::OutboxMail};
use vestibule_ports::{OutboxStats, Store};

pub(crate) use self::{dead::*, entries::*, leases::*, withdrawals::*};
use crate::support::{MICROSECOND, NANOSECONDS, NOW, committed, dropped, numbered};

/// How long a lease lasts.
const LEASE: Duration = Duration::seconds(60);

/// A mail that is due at a time and expires a day after [`NOW`].
pub(crate) fn mail(number: u32, due_at: OffsetDateTime) -> OutboxMail {
    OutboxMail {
        id: id(number),
        to: EmailAddress::parse(&format!("to-{number}@example.test")).unwrap(),
        sealed_content: (0..=255).chain(number.to_be_bytes()).collect(),
        attempts: 0,
        created_at: NOW - Duration::hours(1) + Duration::seconds(number.into()),
        due_at,
        expires_at: NOW + Duration::days(1),
    }
}

fn id(number: u32) -> MailId {
    numbered(number).into()
}

pub(crate) async fn insert(store: &Arc<dyn Store>, mails: &[OutboxMail]) {
    committed(store, async |unit| {
        for mail in mails {
            unit.outbox().insert(mail).await.unwrap();
        }
    })
    .await;
}

/// Leases mail due at a time, in its own unit; returns the ids in order.
pub(crate) async fn lease(store: &Arc<dyn Store>, now: OffsetDateTime, limit: u32) -> Vec<MailId> {
    let leased = committed(store, async |unit| unit.outbox().lease(now, now + LEASE, limit).await.unwrap()).await;
    leased.into_iter().map(|mail| mail.id).collect()
}

async fn stats(store: &Arc<dyn Store>) -> OutboxStats {
    store.read().outbox().stats().await.unwrap()
}

/// Every field of a mail comes back with its lease, with one attempt more and times in whole microseconds.
pub(crate) async fn every_field_of_a_leased_mail_comes_back(store: Arc<dyn Store>) {
    let mails = [
        mail(1, NOW),
        OutboxMail { sealed_content: Vec::new(), ..mail(2, NOW + MICROSECOND) },
        OutboxMail { sealed_content: vec![0xA5; 100_000], attempts: 7, ..mail(3, NOW + Duration::seconds(1)) },
    ];
    let uncut = mails.clone().map(|mail| OutboxMail {
        created_at: mail.created_at + NANOSECONDS,
        due_at: mail.due_at + NANOSECONDS,
        expires_at: mail.expires_at + NANOSECONDS,
        ..mail
    });
    insert(&store, &uncut).await;
    let at = NOW + Duration::seconds(1);
    let leased = committed(&store, async |unit| unit.outbox().lease(at, at + LEASE, 10).await.unwrap()).await;
    assert_eq!(leased.len(), mails.len());
    for (leased, inserted) in leased.into_iter().zip(mails) {
        // While a lease is held, the store decides when the mail is next due.
        let expected = OutboxMail { attempts: inserted.attempts + 1, due_at: leased.due_at, ..inserted };
        assert_eq!(leased, expected);
    }
}

/// A mail of a dropped unit is never delivered; one of a committed unit is.
pub(crate) async fn a_mail_of_a_dropped_unit_is_never_leased(store: Arc<dyn Store>) {
    dropped(&store, async |unit| {
        unit.outbox().insert(&mail(1, NOW)).await.unwrap();
        let leased = unit.outbox().lease(NOW, NOW + LEASE, 10).await.unwrap();
        assert_eq!(leased.len(), 1, "the unit itself sees its mail");
    })
    .await;
    insert(&store, &[mail(2, NOW)]).await;
    assert_eq!(lease(&store, NOW + Duration::hours(1), 10).await, [id(2)]);
    assert_eq!(stats(&store).await.waiting, 1);
}

/// The statistics count the mail that is waiting or being delivered, give the oldest of it, and count the dead letters.
pub(crate) async fn the_stats_tell_what_waits_and_what_is_dead(store: Arc<dyn Store>) {
    assert_eq!(stats(&store).await, OutboxStats::default());
    let mails: Vec<_> = (1..=4).map(|number| mail(number, NOW + Duration::seconds(number.into()))).collect();
    insert(&store, &mails).await;
    let oldest = |number: usize| Some(mails[number - 1].created_at);
    assert_eq!(stats(&store).await, OutboxStats { waiting: 4, oldest: oldest(1), dead: 0 });

    assert_eq!(lease(&store, NOW + Duration::seconds(2), 10).await, [id(1), id(2)]);
    assert_eq!(stats(&store).await, OutboxStats { waiting: 4, oldest: oldest(1), dead: 0 });

    committed(&store, async |unit| {
        assert!(unit.outbox().settle(id(1), 1).await.unwrap());
        assert!(unit.outbox().bury(id(2), 1, NOW, "550 no such mailbox").await.unwrap());
    })
    .await;
    assert_eq!(stats(&store).await, OutboxStats { waiting: 2, oldest: oldest(3), dead: 1 });
}
