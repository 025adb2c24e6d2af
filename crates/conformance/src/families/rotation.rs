//! Promises of how families go on.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{RefreshFamily, TokenSubject, TokenUse};
use vestibule_ports::Store;

use super::{found, stored};
use crate::support::{NANOSECONDS, NOW, RACERS, an_account, committed, digest, family, race, some_accounts};

const SUBJECT: TokenSubject = TokenSubject::new([0xA5; 16]);

/// An advance stores the counter, the last use and the expiry, in whole microseconds; everything else stays as it is,
/// whatever it is told.
pub(crate) async fn an_advance_changes_only_counter_use_and_expiry(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [before, other] = stored(&store, [family(accounts[0].id(), 0), family(accounts[0].id(), 1)]).await;
    let mut expected = before;
    for (counter, key) in [(1, None), (2, Some(digest(9))), (3, Some(digest(10))), (4, None)] {
        let at = NOW + Duration::hours(counter.into());
        let next = RefreshFamily {
            account: accounts[1].id(),
            subject: SUBJECT,
            counter,
            last_use: Some(TokenUse { key, at: at + NANOSECONDS }),
            began_at: NOW + Duration::days(9),
            expires_at: at + Duration::days(7) + NANOSECONDS,
            ..expected.clone()
        };
        assert!(committed(&store, async |unit| unit.families().advance(&next).await.unwrap()).await);
        let last_use = Some(TokenUse { key, at });
        expected = RefreshFamily { counter, last_use, expires_at: at + Duration::days(7), ..expected };
        let there = store.read().families().find(expected.id).await.unwrap();
        assert_eq!(there, Some((expected.clone(), accounts[0].clone())));
    }
    assert_eq!(found(&store, other.id).await, Some(other));
}

/// An advance that was decided on an earlier or a later state changes nothing.
pub(crate) async fn an_advance_needs_the_counter_before(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let [new, used] = stored(&store, [family(account, 0), RefreshFamily { counter: 5, ..family(account, 1) }]).await;
    committed(&store, async |unit| {
        for (family, counters) in [(&new, vec![0, 2, 1000, u32::MAX]), (&used, vec![0, 4, 5, 7, u32::MAX])] {
            for counter in counters {
                let next = RefreshFamily { counter, ..used_at(family, NOW) };
                assert!(!unit.families().advance(&next).await.unwrap(), "from {} to {counter}", family.counter);
            }
        }
    })
    .await;
    for family in [new, used] {
        assert_eq!(found(&store, family.id).await, Some(family));
    }
}

/// Of many advances of one counter at the same moment one wins, and the family is as that one says.
pub(crate) async fn of_many_advances_of_one_counter_one_wins(store: Arc<dyn Store>) {
    let [mut family] = stored(&store, [family(an_account(&store).await, 0)]).await;
    for round in 0..5 {
        let next = |number: u32| used_at(&family, NOW + Duration::minutes(round) + Duration::seconds(number.into()));
        let won = race(RACERS, async |number| {
            committed(&store, async |unit| unit.families().advance(&next(number)).await.unwrap()).await
        });
        let winners: Vec<_> = (0..).zip(won).filter_map(|(number, won)| won.then_some(number)).collect();
        assert_eq!(winners.len(), 1, "round {round}: {winners:?}");
        family = next(winners[0]);
        assert_eq!(found(&store, family.id).await.as_ref(), Some(&family));
    }
}

/// A family that is rebound has the other subject; nothing else of it changes, nor any other family.
pub(crate) async fn a_rebound_family_has_another_subject_and_nothing_else(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let before = RefreshFamily { counter: 3, ..used_at(&family(account, 0), NOW + Duration::hours(1)) };
    let [before, other] = stored(&store, [before, family(account, 1)]).await;
    committed(&store, async |unit| {
        for _ in 0..2 {
            assert!(unit.families().rebind(before.id, SUBJECT).await.unwrap());
        }
    })
    .await;
    assert_eq!(found(&store, before.id).await, Some(RefreshFamily { subject: SUBJECT, ..before }));
    assert_eq!(found(&store, other.id).await, Some(other));
}

/// A unit that rebinds and one that advances what it read before that are not in each other's way: both are kept.
pub(crate) async fn a_rebind_and_an_advance_at_once_are_both_kept(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    for round in 0..12 {
        let [before] = stored(&store, [family(account, round)]).await;
        let next = used_at(&before, NOW + Duration::hours(1));
        let done = race(2, async |number| {
            committed(&store, async |unit| {
                if number == 0 {
                    unit.families().advance(&next).await.unwrap()
                } else {
                    unit.families().rebind(before.id, SUBJECT).await.unwrap()
                }
            })
            .await
        });
        assert_eq!(done, [true, true], "round {round}");
        assert_eq!(found(&store, before.id).await, Some(RefreshFamily { subject: SUBJECT, ..next }));
    }
}

/// The family as a use of its current token leaves it.
fn used_at(family: &RefreshFamily, at: time::OffsetDateTime) -> RefreshFamily {
    RefreshFamily {
        counter: family.counter + 1,
        last_use: Some(TokenUse { key: Some(digest(family.counter)), at }),
        expires_at: at + Duration::days(7),
        ..family.clone()
    }
}
