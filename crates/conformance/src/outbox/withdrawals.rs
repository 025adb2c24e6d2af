//! Promises of withdrawals.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::MailId;
use vestibule_ports::{Store, UnitOfWork};

use super::{LEASE, id, insert, lease, mail, stats};
use crate::support::{NOW, RACERS, committed, dropped, race};

async fn withdraw(unit: &mut Box<dyn UnitOfWork>, id: MailId) -> bool {
    unit.outbox().withdraw(id).await.unwrap()
}

/// Mail that was never leased, due or not, can be withdrawn, even by the unit that added it; it is then gone, and other
/// mail stays.
pub(crate) async fn a_mail_that_was_never_leased_is_withdrawn(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW), mail(2, NOW + Duration::hours(1)), mail(3, NOW)]).await;
    committed(&store, async |unit| {
        unit.outbox().insert(&mail(4, NOW)).await.unwrap();
        for number in [1, 2, 4] {
            assert!(withdraw(unit, id(number)).await, "{number}");
        }
        for number in [1, 4, 5] {
            assert!(!withdraw(unit, id(number)).await, "{number}");
        }
    })
    .await;
    assert_eq!(stats(&store).await.waiting, 1);
    assert_eq!(lease(&store, NOW + Duration::hours(2), 10).await, [id(3)]);
    insert(&store, &[mail(1, NOW)]).await;
}

/// Mail that was ever leased is not withdrawn: neither during the lease, after its expiry, after being put back, nor after
/// being given up.
pub(crate) async fn a_mail_that_was_leased_or_given_up_is_not_withdrawn(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW), mail(2, NOW), mail(3, NOW), mail(4, NOW)]).await;
    assert_eq!(lease(&store, NOW, 3).await, [id(1), id(2), id(3)]);
    let over = mail(4, NOW).expires_at;
    committed(&store, async |unit| {
        assert!(!withdraw(unit, id(1)).await);
        assert!(unit.outbox().retry(id(2), 1, NOW + LEASE, "421 later").await.unwrap());
        assert!(unit.outbox().bury(id(3), 1, NOW, "550 never").await.unwrap());
        for number in 1..=3 {
            assert!(!withdraw(unit, id(number)).await, "{number}");
        }
    })
    .await;
    assert_eq!(lease(&store, NOW + LEASE, 10).await.len(), 3);
    insert(&store, &[mail(5, NOW + Duration::days(2))]).await;
    committed(&store, async |unit| {
        // The fifth expires without ever having been leased.
        assert_eq!(unit.outbox().bury_expired(over).await.unwrap(), 4);
        for number in 1..=5 {
            assert!(!withdraw(unit, id(number)).await, "{number}");
        }
    })
    .await;
    let stats = stats(&store).await;
    assert_eq!((stats.waiting, stats.dead), (0, 5));
}

/// When many units withdraw a mail at once, one does; a dropped unit withdraws nothing.
pub(crate) async fn a_mail_is_withdrawn_once_and_only_by_a_committed_unit(store: Arc<dyn Store>) {
    insert(&store, &[mail(1, NOW)]).await;
    dropped(&store, async |unit| assert!(withdraw(unit, id(1)).await)).await;
    assert_eq!(stats(&store).await.waiting, 1);
    let withdrawn = race(RACERS, async |_| committed(&store, async |unit| withdraw(unit, id(1)).await).await);
    assert_eq!(withdrawn.into_iter().filter(|withdrawn| *withdrawn).count(), 1);
    assert_eq!(stats(&store).await.waiting, 0);
}
