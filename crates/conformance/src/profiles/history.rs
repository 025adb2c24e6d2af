//! Promises of the changes of profiles.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    Actor, Profile,
    conversation::MessageText,
    picture::PictureFormat,
    profile::{ChangedPart, Facet, PartValue, ProfileChange, ProfileMessage},
};
use vestibule_ports::{Page, Store};

use super::{ODD, approved, full, history_of, insert_profiles, moderator, picture, profile, reordered, tags};
use crate::support::{MICROSECOND, NOW, committed, numbered};

/// Every field of a change comes back, for every part and actor, in the order of the numbers whatever the clocks say.
pub(crate) async fn every_field_of_a_change_comes_back(store: Arc<dyn Store>) {
    let mut profile = profile(1, |_| {});
    let stranger = super::profile(2, |_| {});
    insert_profiles(&store, &[profile.clone(), stranger.clone()]).await;
    let mut expected = Vec::new();
    let actors = [Actor::Anyone, Actor::Operator, Actor::Account(numbered(5).into()), Actor::Account(moderator())];
    let fuller = super::profile(1, full).content();
    let emptier = super::profile(1, |_| {}).content();
    let mut other = fuller.clone();
    other.details.tags.insert(Facet::Tribes, tags(&ODD));
    other.messages[1].text = MessageText::parse(ODD[0]).unwrap();
    other.messages[2].image = Some(picture(77, PictureFormat::Jpeg));
    other.messages.push(ProfileMessage { id: numbered(500).into(), ..fuller.messages[0].clone() });
    other.messages.remove(0);
    for (turn, content) in (0..).zip([fuller.clone(), other, emptier, fuller]) {
        let at = NOW + Duration::hours(i64::from(turn % 2)) + MICROSECOND * turn;
        let changes = profile.change(content, actors[usize::try_from(turn).unwrap()], at).unwrap();
        committed(&store, async |unit| unit.profiles().replace(&profile, &changes).await.unwrap()).await;
        expected.extend(changes);
    }
    let changes = profile.approve(moderator(), NOW - Duration::days(20_000));
    committed(&store, async |unit| unit.profiles().replace(&profile, &changes).await.unwrap()).await;
    expected.extend(changes);
    let parts = |is: fn(ChangedPart) -> bool| expected.iter().filter(|change| is(change.part)).count();
    assert!(parts(|part| matches!(part, ChangedPart::Tags(_))) > 12, "{expected:?}");
    assert!(parts(|part| matches!(part, ChangedPart::MessageImage(_))) > 12, "{expected:?}");
    expected.reverse();
    assert_eq!(history_of(&store, profile.id()).await, expected);
    assert_eq!(history_of(&store, stranger.id()).await, []);
    assert_eq!(history_of(&store, numbered(99).into()).await, []);
}

/// Pages of changes continue below a number, say exactly whether there is more, and have at most 1000 changes.
pub(crate) async fn pages_of_changes_go_on_below_a_number(store: Arc<dyn Store>) {
    let mut profile = approved(profile(1, |_| {}));
    insert_profiles(&store, std::slice::from_ref(&profile)).await;
    let changes: Vec<_> = (1..=1_010).flat_map(|order| reordered(&mut profile, order)).collect();
    committed(&store, async |unit| unit.profiles().replace(&profile, &changes).await.unwrap()).await;
    // The first change, to approved, was never stored.
    assert_eq!((changes.len(), changes[0].number, changes[1_009].number), (1_010, 2, 1_011));
    for (below, limit) in [
        (None, 1_000),
        (None, u32::MAX),
        (None, 1),
        (None, 0),
        (Some(u64::MAX), 10),
        (Some(1_011), 10),
        (Some(12), 9),
        (Some(12), 10),
        (Some(12), 11),
        (Some(3), 1),
        (Some(2), 1),
        (Some(1), 1),
        (Some(0), 1),
        (Some(1_003), 1_001),
    ] {
        let all = changes.iter().rev().filter(|change| below.is_none_or(|below| change.number < below));
        let mut expected: Vec<_> = all.cloned().collect();
        let most = limit.min(1_000) as usize;
        let has_more = expected.len() > most;
        expected.truncate(most);
        let page = store.read().profiles().history(profile.id(), below, limit).await.unwrap();
        assert_eq!(page, Page { items: expected, has_more }, "{below:?} {limit}");
    }
}

/// A profile's changes are removed with it, and no other's are.
pub(crate) async fn changes_go_with_their_profile(store: Arc<dyn Store>) {
    let mut profiles = [1, 2, 3].map(|number| profile(number, |_| {}));
    insert_profiles(&store, &profiles).await;
    let changes = profiles.each_mut().map(|profile| {
        let mut changes = reordered(profile, 5);
        changes.extend(reordered(profile, 6));
        changes
    });
    for (profile, changes) in profiles.iter().zip(&changes) {
        committed(&store, async |unit| unit.profiles().replace(profile, changes).await.unwrap()).await;
    }
    let [removed, stale, kept] = &profiles;
    committed(&store, async |unit| {
        unit.profiles().remove(removed.id()).await.unwrap();
        let gone = unit.profiles().remove_stale(NOW + MICROSECOND, 1).await.unwrap();
        assert_eq!(gone, std::slice::from_ref(stale));
    })
    .await;
    assert_eq!(history_of(&store, removed.id()).await, []);
    assert_eq!(history_of(&store, stale.id()).await, []);
    let of_kept: Vec<_> = changes[2].iter().rev().cloned().collect();
    assert_eq!(history_of(&store, kept.id()).await, of_kept);
    // A new profile with the same id begins without changes.
    insert_profiles(&store, &[profile(1, |_| {})]).await;
    assert_eq!(history_of(&store, removed.id()).await, []);
}

/// The new state of one change is the old state of the next: no change is missing between two.
pub(super) fn assert_chained(history: &[ProfileChange], now: &Profile) {
    let orders: Vec<_> = history.iter().filter(|change| change.part == ChangedPart::Order).collect();
    let mut next = PartValue(vec![now.record().order.to_string()]);
    for change in orders {
        assert_eq!(change.new, next);
        next = change.old.clone();
    }
}
