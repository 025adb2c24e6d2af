//! Promises of dead letters.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::mail::OutboxMail;
use vestibule_ports::Store;

use super::{LEASE, id, insert, lease, mail, stats};
use crate::support::{MICROSECOND, NOW, committed, purges_in_parts};

/// A mail that was given up is a dead letter: it is never delivered and cannot be touched any more.
pub(crate) async fn a_buried_mail_is_never_leased_again(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    lease(&store, NOW, 10).await;
    committed(&store, async |unit| assert!(unit.outbox().bury(id(1), 1, NOW, "550 'never'").await.unwrap())).await;
    assert_eq!(lease(&store, NOW + Duration::hours(1), 10).await, []);
    committed(&store, async |unit| {
        assert!(!unit.outbox().bury(id(1), 1, NOW, "550 never").await.unwrap());
        assert!(!unit.outbox().settle(id(1), 1).await.unwrap());
        assert!(!unit.outbox().retry(id(1), 1, NOW, "421 later").await.unwrap());
        assert_eq!(unit.outbox().bury_expired(NOW + Duration::days(2)).await.unwrap(), 0);
    })
    .await;
    let stats = stats(&store).await;
    assert_eq!((stats.waiting, stats.dead), (0, 1));
}

/// Expired mail is given up unless it is leased.
pub(crate) async fn expired_mail_is_buried_unless_it_is_leased(store: Arc<dyn Store>) {
    let end = NOW + Duration::seconds(30);
    let expiring = |number, due_at| OutboxMail { expires_at: end, ..mail(number, due_at) };
    insert(&store, &[expiring(1, NOW), expiring(2, NOW + MICROSECOND), mail(3, NOW + MICROSECOND)]).await;
    insert(&store, &[OutboxMail { expires_at: end + MICROSECOND, ..mail(4, NOW + MICROSECOND) }]).await;
    assert_eq!(lease(&store, NOW, 10).await, [id(1)]);

    let bury = async |now| committed(&store, async |unit| unit.outbox().bury_expired(now).await.unwrap()).await;
    assert_eq!(bury(end - MICROSECOND).await, 0);
    assert_eq!(bury(end).await, 1, "the second mail, and not the first, which is leased");
    assert_eq!(bury(end + MICROSECOND).await, 1, "the fourth mail");
    assert_eq!(bury(NOW + LEASE - MICROSECOND).await, 0);
    assert_eq!(bury(NOW + LEASE).await, 1, "the first mail, whose lease has run out");
    assert_eq!(lease(&store, NOW + Duration::hours(1), 10).await, [id(3)]);
    let stats = stats(&store).await;
    assert_eq!((stats.waiting, stats.dead), (1, 3));
}

/// A purge removes exactly the dead letters given up before a time, and no waiting mail.
pub(crate) async fn a_purge_removes_exactly_the_old_dead_letters(store: Arc<dyn Store>) {
    let deaths = [NOW - Duration::days(1), NOW - MICROSECOND, NOW, NOW + Duration::days(1)];
    insert(&store, &(0..5).map(|number| mail(number, NOW - Duration::days(2))).collect::<Vec<_>>()).await;
    lease(&store, NOW - Duration::days(2), 10).await;
    committed(&store, async |unit| {
        for (number, died_at) in (0..).zip(deaths) {
            assert!(unit.outbox().bury(id(number), 1, died_at, "550 never").await.unwrap());
        }
    })
    .await;
    let purge = async |before| committed(&store, async |unit| unit.outbox().purge_dead(before).await.unwrap()).await;
    assert_eq!(purge(NOW - Duration::days(1)).await, 0);
    assert_eq!(purge(NOW).await, 2);
    assert_eq!(purge(NOW).await, 0);
    let stats = stats(&store).await;
    assert_eq!((stats.waiting, stats.dead), (1, 2));
}

/// One purge removes at most 1000 dead letters.
pub(crate) async fn a_purge_removes_at_most_a_thousand_dead_letters(store: Arc<dyn Store>) {
    insert(&store, &(0..1001).map(|number| mail(number, NOW)).collect::<Vec<_>>()).await;
    let later = NOW + Duration::days(2);
    assert_eq!(committed(&store, async |unit| unit.outbox().bury_expired(later).await.unwrap()).await, 1001);
    assert_eq!(stats(&store).await.dead, 1001);
    let before = later + MICROSECOND;
    purges_in_parts(&store, 1001, async |unit| unit.outbox().purge_dead(before).await.unwrap()).await;
    assert_eq!(stats(&store).await.dead, 0);
}
