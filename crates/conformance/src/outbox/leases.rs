//! Promises of leases.

use std::{collections::HashSet, sync::Arc};

use time::Duration;
use vestibule_domain::{CLOCK_SKEW, mail::OutboxMail};
use vestibule_ports::Store;

use super::{LEASE, id, insert, lease, mail, stats};
use crate::support::{MICROSECOND, NOW, RACERS, committed, dropped, race, read_before};

/// Due mail is leased oldest due first, up to the limit, each once; mail not yet due waits.
pub(crate) async fn due_mail_is_leased_oldest_first(store: Arc<dyn Store>) {
    let due = [(1, 30), (2, 10), (3, 50), (4, 20), (5, 40)];
    let mails = due.map(|(number, ago)| mail(number, NOW - Duration::seconds(ago)));
    insert(&store, &mails).await;
    insert(&store, &[mail(6, NOW), mail(7, NOW + MICROSECOND)]).await;
    assert_eq!(lease(&store, NOW, 2).await, [id(3), id(5)]);
    assert_eq!(lease(&store, NOW, 3).await, [id(1), id(4), id(2)]);
    assert_eq!(lease(&store, NOW, 10).await, [id(6)]);
    assert_eq!(lease(&store, NOW, 10).await, []);
    assert_eq!(lease(&store, NOW + MICROSECOND, 10).await, [id(7)]);
}

/// From the moment of its expiry a mail is no longer leased.
pub(crate) async fn an_expired_mail_is_not_leased(store: Arc<dyn Store>) {
    let end = NOW + Duration::minutes(10);
    insert(&store, &[OutboxMail { expires_at: end, ..mail(1, NOW) }, mail(2, end)]).await;
    assert_eq!(lease(&store, end, 10).await, [id(2)]);
    assert_eq!(lease(&store, end - MICROSECOND, 10).await, [id(1)]);
}

/// When many units lease at once, no mail is leased twice and none is lost.
pub(crate) async fn many_leases_at_once_never_get_the_same_mail(store: Arc<dyn Store>) {
    let mails: Vec<_> = (0..40).map(|number| mail(number, NOW - Duration::seconds(number.into()))).collect();
    insert(&store, &mails).await;
    let mut leased: Vec<_> = race(RACERS, async |_| lease(&store, NOW, 3).await).into_iter().flatten().collect();
    leased.extend(lease(&store, NOW, 100).await);
    assert_eq!(leased.len(), mails.len());
    assert_eq!(leased.into_iter().collect::<HashSet<_>>(), mails.iter().map(|mail| mail.id).collect());
}

/// The same holds when the clocks were read earlier, out of order and on nodes seconds apart.
pub(crate) async fn leases_whose_clocks_were_read_out_of_order_never_get_the_same_mail(store: Arc<dyn Store>) {
    let mails: Vec<_> = (0..40).map(|number| mail(number, NOW - Duration::minutes(1))).collect();
    insert(&store, &mails).await;
    let leased = race(RACERS, async |racer| {
        let first = lease(&store, read_before(racer), 2).await;
        [first, lease(&store, read_before(racer + 1), 2).await].concat()
    });
    let mut leased: Vec<_> = leased.into_iter().flatten().collect();
    leased.extend(lease(&store, NOW, 100).await);
    assert_eq!(leased.len(), mails.len());
    assert_eq!(leased.into_iter().collect::<HashSet<_>>(), mails.iter().map(|mail| mail.id).collect());
}

/// Mail written, leased or put back by a clock that was ahead is recalled; times within the rules stay.
pub(crate) async fn mail_that_a_clock_ahead_has_put_off_is_recalled(store: Arc<dyn Store>) {
    let ahead = NOW + Duration::days(2);
    let farthest = NOW + OutboxMail::LONGEST_WAIT + CLOCK_SKEW;
    let late = |mail| OutboxMail { expires_at: ahead + Duration::days(1), ..mail };
    insert(&store, &[late(mail(1, ahead)), mail(2, farthest), late(mail(3, farthest + MICROSECOND))]).await;
    insert(&store, &[late(mail(4, NOW - Duration::hours(1)))]).await;
    let until = ahead + LEASE;
    committed(&store, async |unit| {
        assert_eq!(unit.outbox().lease(NOW, until, 10).await.unwrap().len(), 1);
        assert_eq!(unit.outbox().recall(NOW, LEASE).await.unwrap(), 3);
        assert_eq!(unit.outbox().recall(NOW, LEASE).await.unwrap(), 0);
    })
    .await;
    assert_eq!(lease(&store, NOW, 10).await, [id(1), id(3)]);
    let end = NOW + LEASE;
    assert_eq!(lease(&store, end - MICROSECOND, 10).await, []);
    assert!(lease(&store, end, 10).await.contains(&id(4)), "its lease was clipped, not ended");
}

/// A recall leaves a lease whose end a node's clock could have written within the tolerated skew.
pub(crate) async fn a_lease_by_a_clock_that_is_a_little_ahead_is_not_recalled(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    committed(&store, async |unit| {
        assert_eq!(unit.outbox().lease(NOW, NOW + LEASE + CLOCK_SKEW, 10).await.unwrap().len(), 1);
        assert_eq!(unit.outbox().recall(NOW, LEASE).await.unwrap(), 0);
    })
    .await;
    assert_eq!(lease(&store, NOW + LEASE, 10).await, []);
}

/// Mail whose lease has expired, and only then, is due again with one attempt more; the holder of the old lease can no
/// longer touch it.
pub(crate) async fn a_lease_that_ran_out_no_longer_counts(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    let end = NOW + LEASE;
    assert_eq!(lease(&store, NOW, 10).await, [id(1)]);
    assert_eq!(lease(&store, end - MICROSECOND, 10).await, []);
    let again = committed(&store, async |unit| unit.outbox().lease(end, end + LEASE, 10).await.unwrap()).await;
    assert_eq!(again.iter().map(|mail| (mail.id, mail.attempts)).collect::<Vec<_>>(), [(id(1), 2)]);
    committed(&store, async |unit| {
        assert!(!unit.outbox().settle(id(1), 1).await.unwrap());
        assert!(!unit.outbox().retry(id(1), 1, end, "421 later").await.unwrap());
        assert!(!unit.outbox().bury(id(1), 1, end, "550 never").await.unwrap());
        assert!(unit.outbox().settle(id(1), 2).await.unwrap());
    })
    .await;
    assert_eq!(stats(&store).await, vestibule_ports::OutboxStats::default());
}

/// Mail that was never leased cannot be settled, put back or given up.
pub(crate) async fn a_mail_without_a_lease_cannot_be_touched(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    committed(&store, async |unit| {
        for (number, attempts) in [(1, 0), (1, 1), (2, 1)] {
            assert!(!unit.outbox().settle(id(number), attempts).await.unwrap());
            assert!(!unit.outbox().retry(id(number), attempts, NOW, "421 later").await.unwrap());
            assert!(!unit.outbox().bury(id(number), attempts, NOW, "550 never").await.unwrap());
        }
    })
    .await;
    assert_eq!(lease(&store, NOW, 10).await, [id(1)]);
}

/// A settled mail is gone, and settled only once.
pub(crate) async fn a_settled_mail_is_gone(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    lease(&store, NOW, 10).await;
    let settled =
        race(RACERS, async |_| committed(&store, async |unit| unit.outbox().settle(id(1), 1).await.unwrap()).await);
    assert_eq!(settled.into_iter().filter(|settled| *settled).count(), 1);
    assert_eq!(lease(&store, NOW + Duration::hours(1), 10).await, []);
    assert_eq!(stats(&store).await.waiting, 0);
}

/// Mail that was put back is due at its new time and keeps its attempts; its lease has ended.
pub(crate) async fn a_mail_that_was_put_back_is_due_at_its_new_time(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    lease(&store, NOW, 10).await;
    let later = NOW + Duration::minutes(30);
    committed(&store, async |unit| {
        assert!(unit.outbox().retry(id(1), 1, later, "421 'too' \"busy\"").await.unwrap());
        assert!(!unit.outbox().retry(id(1), 1, NOW, "421 too busy").await.unwrap());
        assert!(!unit.outbox().settle(id(1), 1).await.unwrap());
        assert!(!unit.outbox().bury(id(1), 1, NOW, "550 never").await.unwrap());
    })
    .await;
    assert_eq!(lease(&store, later - MICROSECOND, 10).await, []);
    let leased = committed(&store, async |unit| unit.outbox().lease(later, later + LEASE, 10).await.unwrap()).await;
    assert_eq!(leased.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [2]);
}

/// A lease in a dropped unit does not count: the mail is due, and the attempt was not counted.
pub(crate) async fn a_lease_of_a_dropped_unit_was_none(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    dropped(&store, async |unit| {
        assert_eq!(unit.outbox().lease(NOW, NOW + LEASE, 10).await.unwrap().len(), 1);
    })
    .await;
    let leased = committed(&store, async |unit| unit.outbox().lease(NOW, NOW + LEASE, 10).await.unwrap()).await;
    assert_eq!(leased.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [1]);
}
