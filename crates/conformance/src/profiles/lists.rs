//! Promises of lists of profiles by state.

use std::sync::Arc;

use vestibule_domain::{
    Profile,
    profile::{ProfileFilter, ProfileFlaw, ProfileRejection, ProfileState},
};
use vestibule_ports::{CountedProfiles, ProfileWindow, Store};

use super::{approved, insert_profiles, moderator, profile, reordered};
use crate::support::{NOW, committed};

/// The profiles in a state are listed in their order, then by id, in every window, with their total.
pub(crate) async fn profiles_of_a_state_are_listed_in_their_order(store: Arc<dyn Store>) {
    let orders = [3, 0, -1, 0, 0, 7, i32::MAX, 0, i32::MIN, -1, 3, 0];
    let profiles: Vec<_> = (0..)
        .zip(orders.iter().cycle().take(48))
        .map(|(number, order)| in_some_state(profile(number * 37 % 48, |new| new.content.order = *order), number))
        .collect();
    insert_profiles(&store, &profiles).await;
    assert_lists(&store, &profiles).await;
}

/// Lists and their totals follow every change of state, order and removal.
pub(crate) async fn lists_of_profiles_follow_changes(store: Arc<dyn Store>) {
    let mut profiles: Vec<_> = (0..12).map(|number| in_some_state(profile(number, |_| {}), number)).collect();
    insert_profiles(&store, &profiles).await;
    for (turn, at) in (0..).zip((0..12).chain((0..12).rev())) {
        let profile = &mut profiles[at];
        let changes = match turn % 4 {
            0 => reordered(profile, 6 - turn),
            1 => profile.approve(moderator(), NOW),
            2 => profile.reopen(moderator(), NOW).unwrap_or_default(),
            _ => profile
                .reject(ProfileRejection::new(ProfileFlaw::Spam, None).unwrap(), moderator(), NOW)
                .unwrap_or_default(),
        };
        committed(&store, async |unit| unit.profiles().replace(profile, &changes).await.unwrap()).await;
        assert_lists(&store, &profiles).await;
    }
    while let Some(removed) = profiles.pop() {
        committed(&store, async |unit| unit.profiles().remove(removed.id()).await.unwrap()).await;
        assert_lists(&store, &profiles).await;
    }
}

/// A window of a list or a search has at most 1000 profiles, and the total counts them all.
pub(crate) async fn a_window_has_at_most_a_thousand_profiles(store: Arc<dyn Store>) {
    let profiles: Vec<_> = (0..1_010).map(|number| approved(profile(number, |_| {}))).collect();
    insert_profiles(&store, &profiles).await;
    let read = store.read().profiles();
    let window = ProfileWindow { skip: 5, limit: u32::MAX };
    let CountedProfiles { profiles: listed, total } = read.list(ProfileState::Approved, window).await.unwrap();
    assert_eq!((listed.len(), total), (1_000, 1_010));
    let found = read.search(&ProfileFilter::default(), window).await.unwrap();
    let ids: Vec<_> = profiles[5..1_005].iter().map(Profile::id).collect();
    assert_eq!(listed.iter().map(Profile::id).collect::<Vec<_>>(), ids);
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), ids);
}

/// Checks the lists of all states, in several windows.
pub(super) async fn assert_lists(store: &Arc<dyn Store>, profiles: &[Profile]) {
    for state in ProfileState::ALL {
        let mut all: Vec<_> = profiles.iter().filter(|profile| profile.state() == state).collect();
        all.sort_by_key(|profile| (profile.record().order, profile.id()));
        for (skip, limit) in [(0, 100), (0, 1), (1, 2), (3, 5), (100, 10), (u64::MAX, 1000), (2, 0)] {
            let listed = store.read().profiles().list(state, ProfileWindow { skip, limit }).await.unwrap();
            let skip = usize::try_from(skip).unwrap_or(usize::MAX);
            let expected = all.iter().skip(skip).take(limit as usize).copied().cloned().collect();
            assert_eq!(listed, CountedProfiles { profiles: expected, total: all.len() as u64 });
        }
    }
}

fn in_some_state(mut profile: Profile, number: u32) -> Profile {
    match number % 4 {
        0 => drop(profile.approve(moderator(), NOW)),
        1 => drop(profile.set_submitted(false, vestibule_domain::Actor::Anyone, NOW)),
        2 => {
            profile.reject(ProfileRejection::new(ProfileFlaw::Spam, None).unwrap(), moderator(), NOW).unwrap();
        }
        _ => {}
    }
    profile
}
