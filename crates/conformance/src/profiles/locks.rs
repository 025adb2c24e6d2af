//! Promises of concurrent changes of profiles.

use std::sync::Arc;

use vestibule_domain::profile::{Facet, ProfileFilter, ProfileState};
use vestibule_ports::{ProfileWindow, Store};

use super::{approved, assert_chained, assert_lists, history_of, insert_profiles, moderator, profile, reordered, tags};
use crate::support::{NOW, RACERS, committed, numbered, race};

/// Concurrent changes of one profile are all kept, and numbered without a gap.
pub(crate) async fn concurrent_changes_to_one_profile_are_all_kept(store: Arc<dyn Store>) {
    let id = numbered(1).into();
    insert_profiles(&store, &[approved(profile(1, |_| {})), approved(profile(2, |_| {}))]).await;
    race(RACERS, async |_| {
        committed(&store, async |unit| {
            let mut profile = unit.profiles().find_for_update(id).await.unwrap().unwrap();
            let order = profile.record().order + 1;
            let changes = reordered(&mut profile, order);
            unit.profiles().replace(&profile, &changes).await.unwrap();
        })
        .await;
    });
    let profile = store.read().profiles().find(id).await.unwrap().unwrap();
    let racers = RACERS as u64;
    assert_eq!((u64::try_from(profile.record().order).unwrap(), profile.record().changes), (racers, racers + 1));
    let history = history_of(&store, id).await;
    let numbers: Vec<_> = history.iter().map(|change| change.number).collect();
    assert_eq!(numbers, (2..=racers + 1).rev().collect::<Vec<_>>());
    assert_chained(&history, &profile);
    assert_lists(&store, &[profile, approved(super::profile(2, |_| {}))]).await;
}

/// Concurrent decisions about a profile each start from the result of the one before.
pub(crate) async fn concurrent_decisions_are_made_one_after_the_other(store: Arc<dyn Store>) {
    let id = numbered(1).into();
    insert_profiles(&store, &[profile(1, |_| {})]).await;
    let changed = race(RACERS, async |number| {
        committed(&store, async |unit| {
            let mut profile = unit.profiles().find_for_update(id).await.unwrap().unwrap();
            let changes = match number % 2 {
                0 => profile.approve(moderator(), NOW),
                _ => profile.reopen(moderator(), NOW).unwrap(),
            };
            if !changes.is_empty() {
                unit.profiles().replace(&profile, &changes).await.unwrap();
            }
            changes.len()
        })
        .await
    });
    let profile = store.read().profiles().find(id).await.unwrap().unwrap();
    let history = history_of(&store, id).await;
    assert_eq!(history.len(), changed.iter().sum::<usize>());
    for pair in history.windows(2) {
        assert_eq!(pair[0].old, pair[1].new);
    }
    assert_eq!(history.first().unwrap().new.0, [profile.state().as_str()]);
    assert_lists(&store, &[profile]).await;
}

/// Profiles that many units approve and change at once are all found.
pub(crate) async fn concurrent_changes_of_many_profiles_are_all_found(store: Arc<dyn Store>) {
    const EACH: u32 = 20;
    let racers = u32::try_from(RACERS).unwrap();
    let with_tags = |number: u32, word: &str| {
        profile(number, |new| drop(new.content.details.tags.insert(Facet::Position, tags(&[word, "both"]))))
    };
    race(RACERS, async |racer| {
        for turn in 0..EACH {
            let number = turn * racers + racer;
            let id = numbered(number).into();
            let word = ["odd", "even"][usize::from(turn % 2 == 0)];
            committed(&store, async |unit| unit.profiles().insert(&with_tags(number, word)).await.unwrap()).await;
            committed(&store, async |unit| {
                let mut profile = unit.profiles().find_for_update(id).await.unwrap().unwrap();
                let mut changes = profile.approve(moderator(), NOW);
                changes.extend(reordered(&mut profile, i32::try_from(turn % 3).unwrap()));
                unit.profiles().replace(&profile, &changes).await.unwrap();
            })
            .await;
        }
    });
    let all = (RACERS * EACH as usize) as u64;
    let window = ProfileWindow { skip: 0, limit: 1000 };
    let listed = store.read().profiles().list(ProfileState::Approved, window).await.unwrap();
    assert_eq!((listed.total, listed.profiles.len() as u64), (all, all));
    assert_lists(&store, &listed.profiles).await;
    for (word, share) in [("both", all), ("odd", all / 2), ("even", all / 2)] {
        let asked = [(Facet::Position, tags(&[word]).as_slice().to_vec())].into();
        let filter = ProfileFilter { tags: asked, ..ProfileFilter::default() };
        let found = store.read().profiles().search(&filter, window).await.unwrap();
        assert_eq!(found.len() as u64, share, "{word}");
        assert!(found.is_sorted_by_key(|found| (found.order, found.id)));
    }
}

/// A search that runs while a unit replaces a tag of every profile sees only old tags or only new ones.
pub(crate) async fn searches_never_see_half_a_unit(store: Arc<dyn Store>) {
    const MANY: u32 = 60;
    let words = ["before", "behind"];
    let with_tag = |number: u32, turn: usize| {
        approved(profile(number, |new| {
            new.content.details.tags.insert(Facet::Looking, tags(&[words[turn % 2]]));
            new.content.order = i32::try_from(if turn.is_multiple_of(2) { number } else { MANY - number }).unwrap();
        }))
    };
    insert_profiles(&store, &(0..MANY).map(|number| with_tag(number, 0)).collect::<Vec<_>>()).await;
    race(4, async |racer| {
        if racer == 0 {
            for turn in 1..12 {
                committed(&store, async |unit| {
                    for number in 0..MANY {
                        unit.profiles().find_for_update(numbered(number).into()).await.unwrap().unwrap();
                        unit.profiles().replace(&with_tag(number, turn), &[]).await.unwrap();
                    }
                })
                .await;
            }
        } else {
            for turn in 0..100 {
                let asked = [(Facet::Looking, tags(&[words[turn % 2]]).as_slice().to_vec())].into();
                let filter = ProfileFilter { tags: asked, ..ProfileFilter::default() };
                let window = ProfileWindow { skip: 0, limit: 1000 };
                let found = store.read().profiles().search(&filter, window).await.unwrap();
                assert!([0, MANY as usize].contains(&found.len()), "{}", found.len());
                assert!(found.iter().all(|found| filter.fits(&found.details)));
                assert!(found.is_sorted_by_key(|found| (found.order, found.id)));
            }
        }
    });
}
