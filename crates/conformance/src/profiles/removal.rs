//! Promises of removals of profiles.

use std::{collections::BTreeSet, sync::Arc};

use time::Duration;
use vestibule_domain::{
    Profile, ProfileId,
    profile::{ProfileFilter, ProfileFlaw, ProfileRejection, ProfileState},
};
use vestibule_ports::{ProfileWindow, Store};

use super::{approved, assert_lists, assert_profiles, insert_profiles, moderator, profile};
use crate::support::{MICROSECOND, NOW, RACERS, committed, numbered, race};

/// A removed profile is gone everywhere, and its id is free.
pub(crate) async fn a_removed_profile_is_gone(store: Arc<dyn Store>) {
    let [one, other] = [1, 2].map(|number| approved(profile(number, super::full)));
    insert_profiles(&store, &[one.clone(), other.clone()]).await;
    committed(&store, async |unit| {
        assert!(unit.profiles().find_for_update(one.id()).await.unwrap().is_some());
        unit.profiles().remove(one.id()).await.unwrap();
        assert_eq!(unit.profiles().find_for_update(one.id()).await.unwrap(), None);
    })
    .await;
    assert_eq!(store.read().profiles().find(one.id()).await.unwrap(), None);
    assert_lists(&store, std::slice::from_ref(&other)).await;
    let window = ProfileWindow { skip: 0, limit: 10 };
    let found = store.read().profiles().search(&ProfileFilter::default(), window).await.unwrap();
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [other.id()]);
    insert_profiles(&store, std::slice::from_ref(&one)).await;
    assert_lists(&store, &[one.clone(), other.clone()]).await;
    assert_profiles(&store, &[one, other]).await;
}

/// Exactly the public submissions that are not approved and were made before a time are stale.
pub(crate) async fn stale_profiles_are_unapproved_submissions_of_the_public(store: Arc<dyn Store>) {
    let limit = NOW + Duration::days(30);
    let made = |number: u32, created_at| profile(number, |new| new.created_at = created_at);
    let old = |number| made(number, limit - MICROSECOND);
    let reject = |mut profile: Profile| {
        profile.reject(ProfileRejection::new(ProfileFlaw::Spam, None).unwrap(), moderator(), NOW).unwrap();
        profile
    };
    let mut reopened = approved(old(3));
    reopened.reopen(moderator(), NOW).unwrap();
    let draft = profile(4, |new| (new.is_submitted, new.created_at) = (false, NOW));
    let stale = vec![made(9, NOW - Duration::days(30_000)), draft, old(1), reject(old(2)), reopened];
    let kept = [
        made(11, limit),
        made(12, limit + MICROSECOND),
        approved(old(13)),
        reject(profile(14, |new| (new.author, new.created_at) = (Some(numbered(1).into()), NOW))),
        profile(15, |new| (new.author, new.is_submitted) = (Some(moderator()), false)),
    ];
    insert_profiles(&store, &kept).await;
    insert_profiles(&store, &stale.iter().rev().cloned().collect::<Vec<_>>()).await;
    let removed = committed(&store, async |unit| unit.profiles().remove_stale(limit, 1000).await.unwrap()).await;
    assert_eq!(removed, stale);
    assert_profiles(&store, &kept).await;
    assert_lists(&store, &kept).await;
    let removed = committed(&store, async |unit| unit.profiles().remove_stale(limit, 1000).await.unwrap()).await;
    assert_eq!(removed, []);
}

/// Stale profiles are removed oldest first, then by id, at most the requested number at once.
pub(crate) async fn the_oldest_stale_profiles_go_first(store: Arc<dyn Store>) {
    let days = [5, 1, 1, 4, 0, 1, 3];
    let profiles: Vec<_> = (0..)
        .zip(days)
        .map(|(number, days)| profile(number, |new| new.created_at = NOW - Duration::days(days)))
        .collect();
    insert_profiles(&store, &profiles).await;
    for (limit, numbers) in [(0, vec![]), (2, vec![0, 3]), (3, vec![6, 1, 2]), (9, vec![5]), (9, vec![])] {
        let removed = committed(&store, async |unit| unit.profiles().remove_stale(NOW, limit).await.unwrap()).await;
        let expected: Vec<_> = numbers.into_iter().map(|number: usize| profiles[number].clone()).collect();
        assert_eq!(removed, expected);
    }
    assert_lists(&store, &profiles[4..5]).await;
}

/// When many units remove stale profiles at once, each profile is returned to one.
pub(crate) async fn of_many_removals_of_stale_profiles_each_goes_once(store: Arc<dyn Store>) {
    let profiles: Vec<_> = (0..100).map(|number| profile(number, |_| {})).collect();
    insert_profiles(&store, &profiles).await;
    let later = NOW + Duration::hours(1);
    let mut removed: Vec<_> = race(RACERS, async |_| {
        committed(&store, async |unit| unit.profiles().remove_stale(later, 7).await.unwrap()).await
    })
    .into_iter()
    .flatten()
    .collect();
    let rest = committed(&store, async |unit| unit.profiles().remove_stale(later, 1000).await.unwrap()).await;
    removed.extend(rest);
    removed.sort_by_key(Profile::id);
    assert_eq!(removed, profiles);
    assert_lists(&store, &[]).await;
}

/// A profile that is approved while stale ones are removed is approved and stays, or is removed and not approved.
pub(crate) async fn an_approval_and_a_removal_at_once_have_one_winner(store: Arc<dyn Store>) {
    for round in 0..10 {
        let ids: Vec<ProfileId> = (0..12).map(|number| numbered(round * 12 + number).into()).collect();
        let profiles: Vec<_> = (0..12).map(|number| profile(round * 12 + number, |_| {})).collect();
        insert_profiles(&store, &profiles).await;
        let outcomes = race(RACERS, async |racer| {
            if racer % 4 == 0 {
                let later = NOW + Duration::hours(1);
                let gone = committed(&store, async |unit| unit.profiles().remove_stale(later, 4).await.unwrap()).await;
                assert!(gone.iter().all(|profile| !profile.is_public()));
                return (gone.iter().map(Profile::id).collect::<Vec<_>>(), Vec::new());
            }
            let id = ids[(racer / 4 * 3 + racer % 4 - 1) as usize];
            let is_approved = committed(&store, async |unit| {
                let Some(mut profile) = unit.profiles().find_for_update(id).await.unwrap() else { return false };
                let changes = profile.approve(moderator(), NOW);
                unit.profiles().replace(&profile, &changes).await.unwrap();
                true
            })
            .await;
            (Vec::new(), is_approved.then_some(id).into_iter().collect())
        });
        let (removed, approved): (Vec<_>, Vec<_>) = outcomes.into_iter().unzip();
        let (removed, approved) = (removed.concat(), approved.concat());
        let all: BTreeSet<_> = removed.iter().chain(&approved).copied().collect();
        assert_eq!((all.len(), removed.len() + approved.len()), (12, 12), "{removed:?} {approved:?}");
        for id in removed {
            assert_eq!(store.read().profiles().find(id).await.unwrap(), None);
        }
        for id in &approved {
            assert_eq!(store.read().profiles().find(*id).await.unwrap().unwrap().state(), ProfileState::Approved);
        }
    }
}
