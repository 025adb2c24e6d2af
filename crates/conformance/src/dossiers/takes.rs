//! Promises of takes from the queue.

use std::{collections::BTreeSet, sync::Arc};

use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    AccountId, CLOCK_SKEW, Dossier,
    dossier::{Field, Hold, HoldBounds, ReviewState, Verdict},
};
use vestibule_ports::Store;

use super::{
    replace_all,
    reviews::{LEASE, accepted, edit, first_accepted, held, rejected, resubmitted, reviewer, submitted},
};
use crate::support::{MICROSECOND, NOW, RACERS, an_account, committed, dropped, race, read_before, some_accounts};

/// Takes the next dossier for a reviewer, in its own unit.
async fn take(store: &Arc<dyn Store>, by: AccountId, now: OffsetDateTime) -> Option<Dossier> {
    committed(store, async |unit| unit.dossiers().take_next(by, now, now + LEASE).await.unwrap()).await
}

/// The account whose dossier is taken.
async fn taken(store: &Arc<dyn Store>, by: AccountId, now: OffsetDateTime) -> Option<AccountId> {
    take(store, by, now).await.map(|dossier| dossier.account)
}

/// Gives a verdict in its own unit; false if the dossier is no longer held.
async fn judge(store: &Arc<dyn Store>, id: AccountId, (by, field): (AccountId, Field)) -> bool {
    committed(store, async |unit| {
        let mut dossier = unit.dossiers().find(id).await.unwrap().unwrap();
        let is_given = dossier.set_verdicts(by, NOW, [(field, Some(Verdict::Accepted))].into()).is_ok();
        unit.dossiers().replace(&dossier).await.unwrap();
        is_given
    })
    .await
}

/// Changes the city in its own unit.
async fn edit_as_owner(store: &Arc<dyn Store>, id: AccountId) {
    committed(store, async |unit| {
        unit.accounts().find_for_update(id).await.unwrap().unwrap();
        let mut dossier = unit.dossiers().find(id).await.unwrap().unwrap();
        edit(&mut dossier, "Lyon");
        unit.dossiers().replace(&dossier).await.unwrap();
    })
    .await;
}

async fn some_ids(store: &Arc<dyn Store>, count: u32) -> Vec<AccountId> {
    some_accounts(store, count).await.iter().map(vestibule_domain::Account::id).collect()
}

/// The oldest submission is taken first, then that of the older account; it comes back held, as the domain says, and is
/// stored like that.
pub(crate) async fn the_oldest_submission_is_taken_first(store: Arc<dyn Store>) {
    let ids = some_ids(&store, 5).await;
    let ago = [20, 30, 10, 30, 0].map(|ago| NOW - Duration::seconds(ago));
    let dossiers: Vec<_> = ids.iter().zip(ago).map(|(id, at)| submitted(*id, at)).collect();
    replace_all(&store, &dossiers).await;
    for place in [1, 3, 0, 2, 4] {
        let mut expected = dossiers[place].clone();
        expected.hold(reviewer(1), NOW, NOW + LEASE).unwrap();
        let found = take(&store, reviewer(1), NOW).await;
        assert_eq!(found.as_ref(), Some(&expected));
        assert_eq!(store.read().dossiers().find(ids[place]).await.unwrap(), found);
    }
    assert_eq!(take(&store, reviewer(1), NOW).await, None);
}

/// A dossier is not taken while unsubmitted, decided or held, nor by its owner or its first acceptor; other reviewers may
/// take the last two.
pub(crate) async fn what_a_reviewer_must_not_hold_is_not_taken(store: Arc<dyn Store>) {
    let ids = some_ids(&store, 8).await;
    let (own, by) = (ids[5], reviewer(1));
    let dossiers = [
        super::full(ids[0]),
        accepted(ids[1], by),
        rejected(ids[2], by),
        held(ids[3], reviewer(2)),
        first_accepted(ids[4], own),
        submitted(own, NOW + MICROSECOND),
        held(ids[6], own),
        resubmitted(ids[7], own),
    ];
    replace_all(&store, &dossiers).await;
    assert_eq!(taken(&store, own, NOW).await, Some(ids[7]));
    assert_eq!(taken(&store, own, NOW).await, None);
    assert_eq!(taken(&store, by, NOW).await, Some(ids[4]));
    assert_eq!(taken(&store, by, NOW).await, Some(own));
    assert_eq!(taken(&store, by, NOW).await, None);
}

/// An expired hold protects until it is over on every node's clock, and then no longer.
pub(crate) async fn a_hold_that_ran_out_is_taken(store: Arc<dyn Store>) {
    let id = an_account(&store).await;
    replace_all(&store, &[held(id, reviewer(1))]).await;
    let over = NOW + LEASE + CLOCK_SKEW;
    for by in [reviewer(1), reviewer(2)] {
        assert_eq!(taken(&store, by, over - MICROSECOND).await, None);
    }
    let dossier = take(&store, reviewer(2), over).await.unwrap();
    assert_eq!(dossier.review.record().hold, Some(Hold { by: reviewer(2), until: over + LEASE }));
    assert_eq!(taken(&store, reviewer(1), over).await, None);
    // A reviewer whose hold ran out gets the dossier again like any other.
    assert_eq!(taken(&store, reviewer(2), over + LEASE + CLOCK_SKEW).await, Some(id));
}

/// A hold that ends later than any rule and clock skew allow was written by a wrong clock and protects nothing.
pub(crate) async fn a_hold_by_a_clock_that_was_far_ahead_is_taken(store: Arc<dyn Store>) {
    let id = an_account(&store).await;
    replace_all(&store, &[held(id, reviewer(1))]).await;
    assert_eq!(taken(&store, reviewer(2), NOW + LEASE - HoldBounds::LONGEST - CLOCK_SKEW).await, None);
    let behind = NOW + LEASE - HoldBounds::LONGEST - CLOCK_SKEW - MICROSECOND;
    let dossier = take(&store, reviewer(2), behind).await.unwrap();
    assert_eq!(dossier.review.record().hold, Some(Hold { by: reviewer(2), until: behind + LEASE }));
}

/// When many reviewers take at once, each gets a different dossier as long as there are any, and none is left over.
pub(crate) async fn many_takes_at_once_get_a_dossier_each_until_none_is_left(store: Arc<dyn Store>) {
    const FEWER: usize = 5;
    let count = RACERS + FEWER;
    let ids = some_ids(&store, u32::try_from(count).unwrap()).await;
    let dossiers: Vec<_> = ids.iter().map(|id| submitted(*id, NOW)).collect();
    replace_all(&store, &dossiers).await;
    let first = race(RACERS, async |racer| taken(&store, reviewer(racer), NOW).await);
    assert!(first.iter().all(Option::is_some), "there were enough: {first:?}");
    let second = race(RACERS, async |racer| taken(&store, reviewer(racer), NOW).await);
    assert_eq!(second.iter().flatten().count(), FEWER);
    let all: BTreeSet<_> = first.into_iter().chain(second).flatten().collect();
    assert_eq!(all.len(), count, "none was taken twice");
}

/// The same holds when the clocks were read earlier, out of order and on nodes seconds apart, and for expired holds.
pub(crate) async fn takes_whose_clocks_were_read_out_of_order_never_get_the_same_dossier(store: Arc<dyn Store>) {
    let ids = some_ids(&store, 20).await;
    let waiting = ids.iter().take(10).map(|id| submitted(*id, NOW));
    let over: Vec<_> = waiting.chain(ids[10..].iter().map(|id| held(*id, reviewer(99)))).collect();
    replace_all(&store, &over).await;
    let later = LEASE + CLOCK_SKEW + Duration::seconds(10);
    let found = race(RACERS, async |racer| {
        let mut found = Vec::new();
        for turn in 0..3 {
            found.extend(taken(&store, reviewer(racer), read_before(racer + turn) + later).await);
        }
        found
    });
    let found = found.concat();
    assert_eq!(found.len(), ids.len());
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), ids.into_iter().collect());
}

/// When an owner edits while a reviewer takes and judges in one unit, neither is lost: an edited dossier is a draft with
/// its new value, any other is held by the only reviewer who got it.
pub(crate) async fn takes_and_edits_at_once_are_both_kept(store: Arc<dyn Store>) {
    let ids = some_ids(&store, u32::try_from(RACERS).unwrap()).await;
    let dossiers: Vec<_> = ids.iter().map(|id| submitted(*id, NOW)).collect();
    replace_all(&store, &dossiers).await;
    let results = race(RACERS, async |racer| {
        if racer % 2 == 0 {
            edit_as_owner(&store, ids[usize::try_from(racer).unwrap()]).await;
            return None;
        }
        committed(&store, async |unit| {
            let mut dossier = unit.dossiers().take_next(reviewer(racer), NOW, NOW + LEASE).await.unwrap()?;
            let good = dossier.values.iter().map(|(field, _)| (field, Some(Verdict::Accepted))).collect();
            dossier.set_verdicts(reviewer(racer), NOW, good).unwrap();
            unit.dossiers().replace(&dossier).await.unwrap();
            Some((dossier.account, dossier))
        })
        .await
    });
    let taken: Vec<_> = results.into_iter().flatten().collect();
    assert_eq!(taken.len(), RACERS / 2, "half of the dossiers were never edited");
    for (place, id) in ids.iter().enumerate() {
        let found = store.read().dossiers().find(*id).await.unwrap().unwrap();
        let by: Vec<_> = taken.iter().filter(|(account, _)| account == id).collect();
        if place % 2 == 0 {
            let mut expected = submitted(*id, NOW);
            edit(&mut expected, "Lyon");
            assert_eq!(found, expected, "taken {} times", by.len());
            assert_eq!(found.review.state(), ReviewState::Draft);
        } else if let [(_, dossier)] = by.as_slice() {
            assert_eq!(&found, dossier);
        } else {
            assert_eq!((found, by.len()), (submitted(*id, NOW), 0));
        }
    }
}

/// When an owner edits while a reviewer gives verdicts, neither is lost: verdicts from before the edit stand, except on
/// edited fields, and none is given afterwards.
pub(crate) async fn verdicts_and_edits_at_once_are_both_kept(store: Arc<dyn Store>) {
    let ids = some_ids(&store, u32::try_from(RACERS / 2).unwrap()).await;
    let by = reviewer(1);
    let dossiers: Vec<_> = ids
        .iter()
        .map(|id| {
            let mut dossier = super::full(*id);
            dossier.submit(&[], NOW).unwrap();
            dossier.hold(by, NOW, NOW + LEASE).unwrap();
            dossier
        })
        .collect();
    replace_all(&store, &dossiers).await;
    let fields = [Field::City, Field::Zip, Field::Area, Field::Country, Field::Street];
    let given = race(RACERS, async |racer| {
        let id = ids[usize::try_from(racer / 2).unwrap()];
        let mut given = BTreeSet::new();
        for (turn, field) in fields.into_iter().enumerate() {
            if racer % 2 == 1 {
                given.extend(judge(&store, id, (by, field)).await.then_some(field));
            } else if turn == 1 {
                edit_as_owner(&store, id).await;
            } else {
                store.read().dossiers().find(id).await.unwrap();
            }
        }
        given
    });
    for (id, given) in ids.iter().zip(given.chunks_exact(2)) {
        let mut expected = given[1].clone();
        expected.remove(&Field::City);
        let found = store.read().dossiers().find(*id).await.unwrap().unwrap();
        assert_eq!(found.values.line(Field::City), Some(&super::detail("Lyon")));
        assert_eq!(found.review.state(), ReviewState::Draft);
        assert_eq!(found.review.record().verdicts.keys().copied().collect::<BTreeSet<_>>(), expected);
    }
}

/// A take in a dropped unit does not count: the next unit takes the dossier.
pub(crate) async fn a_take_of_a_dropped_unit_was_none(store: Arc<dyn Store>) {
    let id = an_account(&store).await;
    let before = submitted(id, NOW);
    replace_all(&store, std::slice::from_ref(&before)).await;
    dropped(&store, async |unit| {
        assert!(unit.dossiers().take_next(reviewer(1), NOW, NOW + LEASE).await.unwrap().is_some());
        assert_eq!(unit.dossiers().take_next(reviewer(2), NOW, NOW + LEASE).await.unwrap(), None);
    })
    .await;
    assert_eq!(store.read().dossiers().find(id).await.unwrap(), Some(before));
    assert_eq!(taken(&store, reviewer(2), NOW).await, Some(id));
}
