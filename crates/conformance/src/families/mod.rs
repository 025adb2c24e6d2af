//! Promises of refresh families: their fields and their end here, the cap and the rotation by family.

mod cap;
mod rotation;

use std::sync::Arc;

use time::{Duration, UtcOffset};
use vestibule_domain::{Account, AccountId, FamilyId, RefreshFamily, TokenSubject, TokenUse};
use vestibule_ports::{Advance, Store, UnitOfWork};

use crate::support::{
    MICROSECOND, NANOSECONDS, NOW, RACERS, an_account, committed, digest, dropped, family, purges_in_parts, race,
    some_accounts,
};

pub(crate) use self::{cap::*, rotation::*};

/// More families than any case gives one account.
const MANY: u32 = 5000;

/// Every field of a family comes back as it was stored, its times in whole microseconds, and its account with it.
pub(crate) async fn every_field_of_a_family_comes_back_with_its_account(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let offset = UtcOffset::from_hms(-3, 30, 0).unwrap();
    let used = |key, after| Some(TokenUse { key, at: NOW + after });
    let families = [
        family(account, 0),
        RefreshFamily { counter: 1, last_use: used(None, Duration::hours(1)), ..family(account, 1) },
        RefreshFamily { counter: 2_000_000_000, last_use: used(Some(digest(7)), MICROSECOND), ..family(other, 2) },
        RefreshFamily { last_use: used(Some(digest(8)), Duration::ZERO), ..family(account, 3) },
        RefreshFamily { counter: 3, subject: TokenSubject::new([0xFF; 16]), ..family(other, 4) },
    ];
    committed(&store, async |unit| {
        for family in &families {
            let uncut = RefreshFamily {
                last_use: family.last_use.map(|last| TokenUse { at: last.at + NANOSECONDS, ..last }),
                began_at: (family.began_at + NANOSECONDS).to_offset(offset),
                ..family.clone()
            };
            assert_eq!(unit.families().insert(&uncut, MANY).await.unwrap(), 0);
        }
    })
    .await;
    for family in families {
        let account = if family.account == account { &accounts[0] } else { &accounts[1] };
        assert_eq!(store.read().families().find(family.id).await.unwrap(), Some((family, account.clone())));
    }
}

/// A family is found whatever its age, and whatever its subject: what that means is not for the store to say.
pub(crate) async fn a_family_that_is_of_no_use_any_more_is_found(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let old = RefreshFamily { began_at: NOW - Duration::days(400), ..family(account.id(), 0) };
    let bound = RefreshFamily { subject: account.subject(), ..family(account.id(), 1) };
    committed(&store, async |unit| {
        unit.families().insert(&old, MANY).await.unwrap();
        unit.families().insert(&bound, MANY).await.unwrap();
    })
    .await;
    let read = store.read().families();
    for family in [old, bound] {
        assert_eq!(read.find(family.id).await.unwrap(), Some((family, account.clone())));
    }
    assert_eq!(read.find(family(account.id(), 2).id).await.unwrap(), None);
}

/// A family that was removed is not found, cannot be changed, and cannot be removed again; others stay.
pub(crate) async fn a_removed_family_is_gone(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let [gone, kept] = stored(&store, [bound(&account, 0), bound(&account, 1)]).await;
    committed(&store, async |unit| {
        let families = unit.families();
        assert!(families.remove(gone.id).await.unwrap());
        assert!(!families.remove(gone.id).await.unwrap());
        assert!(!families.rebind(gone.id, kept.subject).await.unwrap());
    })
    .await;
    assert_eq!(advance(&store, &gone, 0, TokenUse::new(None, NOW)).await, None);
    assert_eq!(found(&store, gone.id).await, None);
    assert_eq!(found(&store, kept.id).await, Some(kept));
}

/// Of many units that remove one family at the same moment one does it.
pub(crate) async fn of_many_removals_of_a_family_one_wins(store: Arc<dyn Store>) {
    let [family] = stored(&store, [family(an_account(&store).await, 0)]).await;
    let removed =
        race(RACERS, async |_| committed(&store, async |unit| unit.families().remove(family.id).await.unwrap()).await);
    assert_eq!(removed.iter().filter(|removed| **removed).count(), 1);
}

/// The families of an account are removed and counted, and those of others stay.
pub(crate) async fn the_families_of_one_account_are_removed(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [account, other] = [accounts[0].id(), accounts[1].id()];
    let [first, second, kept] = stored(&store, [family(account, 0), family(account, 1), family(other, 2)]).await;
    committed(&store, async |unit| {
        assert_eq!(unit.families().remove_of_account(account).await.unwrap(), 2);
        assert_eq!(unit.families().remove_of_account(account).await.unwrap(), 0);
    })
    .await;
    assert_eq!(found(&store, first.id).await, None);
    assert_eq!(found(&store, second.id).await, None);
    assert_eq!(found(&store, kept.id).await, Some(kept));
}

/// What a dropped unit added, ended or changed is as it was before.
pub(crate) async fn what_a_dropped_unit_did_to_families_is_undone(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let [first, second] = stored(&store, [0, 1].map(|number| family(account, number))).await;
    dropped(&store, async |unit| {
        let families = unit.families();
        assert!(families.rebind(first.id, second.subject).await.unwrap());
        assert!(families.remove(second.id).await.unwrap());
    })
    .await;
    dropped(&store, async |unit| assert_eq!(unit.families().insert(&family(account, 3), 1).await.unwrap(), 2)).await;
    for family in [first, second] {
        assert_eq!(found(&store, family.id).await, Some(family));
    }
    assert_eq!(found(&store, family(account, 3).id).await, None);
}

/// A purge removes exactly the families that began by the time, however lately they were used.
pub(crate) async fn a_purge_removes_exactly_the_families_that_began_by_a_time(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let began = |number, began_at| RefreshFamily { began_at, ..family(account, number) };
    let used = Some(TokenUse { key: None, at: NOW + Duration::days(1) });
    let [older, old, young] = stored(
        &store,
        [
            RefreshFamily { counter: 1, last_use: used, ..began(0, NOW - Duration::days(1)) },
            began(1, NOW),
            began(2, NOW + MICROSECOND),
        ],
    )
    .await;
    committed(&store, async |unit| {
        assert_eq!(unit.families().purge_begun(NOW - Duration::days(2)).await.unwrap(), 0);
        assert_eq!(unit.families().purge_begun(NOW).await.unwrap(), 2);
    })
    .await;
    assert_eq!(found(&store, older.id).await, None);
    assert_eq!(found(&store, old.id).await, None);
    assert_eq!(found(&store, young.id).await, Some(young));
}

/// One purge removes at most 1000 families.
pub(crate) async fn a_purge_removes_at_most_a_thousand_families(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    committed(&store, async |unit| {
        for number in 0..1001 {
            unit.families().insert(&family(account, number), MANY).await.unwrap();
        }
    })
    .await;
    purges_in_parts(&store, 1001, async |unit| unit.families().purge_begun(NOW).await.unwrap()).await;
}

/// A new family that has its account's subject.
fn bound(account: &Account, number: u32) -> RefreshFamily {
    RefreshFamily { subject: account.subject(), ..family(account.id(), number) }
}

/// Uses the token of a number; what was there before.
async fn advance(
    store: &Arc<dyn Store>,
    family: &RefreshFamily,
    counter: u32,
    this: TokenUse,
) -> Option<(RefreshFamily, Account)> {
    store.families().advance(&[Advance { family: family.id, counter, this }]).await.unwrap().remove(0)
}

/// Stores families and gives them back.
async fn stored<const N: usize>(store: &Arc<dyn Store>, families: [RefreshFamily; N]) -> [RefreshFamily; N] {
    committed(store, async |unit: &mut Box<dyn UnitOfWork>| {
        for family in &families {
            unit.families().insert(family, MANY).await.unwrap();
        }
    })
    .await;
    families
}

/// The family of an id as it is now.
async fn found(store: &Arc<dyn Store>, id: FamilyId) -> Option<RefreshFamily> {
    store.read().families().find(id).await.unwrap().map(|(family, _)| family)
}

/// Which of so many numbered families of an account are there.
async fn numbers_found(store: &Arc<dyn Store>, account: AccountId, count: u32) -> Vec<u32> {
    let mut numbers = Vec::new();
    for number in 0..count {
        if found(store, family(account, number).id).await.is_some() {
            numbers.push(number);
        }
    }
    numbers
}
