//! Promises of profiles: their fields here; lists, searches, locks and removals in files of their own.

mod history;
mod lists;
mod locks;
mod near;
mod removal;
mod search;

use std::sync::Arc;

use time::{Duration, UtcOffset};
use vestibule_domain::{
    AccountId, Actor, BlobId, FullName, Profile, ProfileContent, ProfileId,
    conversation::MessageText,
    dossier::Note,
    picture::PictureFormat,
    place::PlaceName,
    profile::{
        About, Age, Details, Facet, NewProfile, ProfileChange, ProfileFlaw, ProfileMessage, ProfilePicture,
        ProfileRejection, StoredPicture, Tag, Tags,
    },
};
use vestibule_ports::Store;

pub(crate) use self::{history::*, lists::*, locks::*, near::*, removal::*, search::*};
use crate::support::{MICROSECOND, NANOSECONDS, NOW, committed, dropped, numbered};

/// Tricky texts.
const ODD: [&str; 4] = ["D'Arcy \"x\" ; -- % _ \\ 🦆", "{\"a\":[1]}", "e\u{301}", "00237"];

/// Every field of a profile comes back as it was stored, in each of its forms, by every way to find it.
pub(crate) async fn every_field_of_a_profile_comes_back(store: Arc<dyn Store>) {
    let profiles = every_form();
    insert_profiles(&store, &profiles).await;
    assert_profiles(&store, &profiles).await;
    let ids: Vec<_> = profiles.iter().map(Profile::id).chain([numbered(99).into(), profiles[0].id()]).collect();
    let mut found = store.read().profiles().find_many(&ids).await.unwrap();
    found.sort_by_key(Profile::id);
    assert_eq!(found, profiles);
    assert_eq!(store.read().profiles().find_many(&[]).await.unwrap(), []);
    assert_eq!(store.read().profiles().find(numbered(99).into()).await.unwrap(), None);
    committed(&store, async |unit| {
        assert_eq!(unit.profiles().find_for_update(numbered(99).into()).await.unwrap(), None);
    })
    .await;
}

/// A new state of a profile replaces every field of the earlier one, whatever both had.
pub(crate) async fn every_field_of_a_profile_is_replaced(store: Arc<dyn Store>) {
    let profiles = every_form();
    insert_profiles(&store, &profiles).await;
    for turn in 1..profiles.len() {
        let forms = profiles.iter().cycle().skip(turn);
        let turned: Vec<_> = profiles.iter().zip(forms).map(|(profile, form)| in_form_of(profile, form)).collect();
        committed(&store, async |unit| {
            for profile in &turned {
                assert!(unit.profiles().find_for_update(profile.id()).await.unwrap().is_some());
                unit.profiles().replace(profile, &[]).await.unwrap();
            }
        })
        .await;
        assert_profiles(&store, &turned).await;
        assert_lists(&store, &turned).await;
    }
}

/// A dropped unit leaves neither a new profile nor a change nor a removal.
pub(crate) async fn nothing_of_a_dropped_unit_with_profiles_stays(store: Arc<dyn Store>) {
    let [mut one, other] = [1, 2].map(|number| approved(profile(number, |_| {})));
    insert_profiles(&store, &[one.clone(), other.clone()]).await;
    let before = [one.clone(), other.clone()];
    dropped(&store, async |unit| {
        let changes = one.reopen(moderator(), NOW).unwrap();
        unit.profiles().replace(&one, &changes).await.unwrap();
        unit.profiles().remove(other.id()).await.unwrap();
        unit.profiles().insert(&approved(profile(3, |_| {}))).await.unwrap();
        assert_eq!(unit.profiles().remove_stale(NOW + Duration::days(1), 10).await.unwrap(), [one.clone()]);
    })
    .await;
    assert_profiles(&store, &before).await;
    assert_lists(&store, &before).await;
    assert!(history_of(&store, one.id()).await.is_empty());
}

/// Stores profiles, a few hundred per unit.
pub(crate) async fn insert_profiles(store: &Arc<dyn Store>, profiles: &[Profile]) {
    for some in profiles.chunks(500) {
        committed(store, async |unit| {
            for profile in some {
                unit.profiles().insert(profile).await.unwrap();
            }
        })
        .await;
    }
}

/// The public submission with this number, made at [`NOW`] and adjusted by the closure.
pub(crate) fn profile(number: u32, form: impl FnOnce(&mut NewProfile)) -> Profile {
    let details = Details::named(FullName::parse(&format!("Profile {number}")).unwrap());
    let content = ProfileContent { order: 0, details, messages: Vec::new() };
    let mut new =
        NewProfile { id: numbered(number).into(), content, is_submitted: true, author: None, created_at: NOW };
    form(&mut new);
    Profile::new(new).unwrap()
}

/// The same, at a location.
pub(crate) fn profile_at(number: u32, location: &str) -> Profile {
    profile(number, |new| new.content.details.location = Some(PlaceName::parse(location).unwrap()))
}

/// The same, approved.
pub(crate) fn approved(mut profile: Profile) -> Profile {
    profile.approve(moderator(), NOW);
    profile
}

fn moderator() -> AccountId {
    numbered(1_000_000).into()
}

fn tags(words: &[&str]) -> Tags {
    Tags::new(words.iter().map(|word| Tag::parse(*word).unwrap())).unwrap()
}

/// Gives the profile with this id another order; returns what changed.
pub(crate) fn reordered(profile: &mut Profile, order: i32) -> Vec<ProfileChange> {
    let content = ProfileContent { order, ..profile.content() };
    profile.change(content, Actor::Operator, NOW).unwrap()
}

fn in_form_of(profile: &Profile, form: &Profile) -> Profile {
    let mut record = form.record().clone();
    record.id = profile.id();
    Profile::restore(record)
}

fn every_form() -> Vec<Profile> {
    let offset = UtcOffset::from_hms(5, 30, 0).unwrap();
    let uncut = (NOW - Duration::days(30_000) + MICROSECOND + NANOSECONDS).to_offset(offset);
    let mut forms = vec![
        profile(0, |_| {}),
        profile(1, |new| {
            (new.is_submitted, new.author, new.created_at) = (false, Some(numbered(7).into()), uncut);
            new.content.order = i32::MIN;
            new.content.details.age = Some(Age::new(0).unwrap());
        }),
        profile(2, full),
        approved(profile(3, full)),
        profile(4, |new| new.content.details.about = Some(About::parse(" \n\t x ").unwrap())),
    ];
    for (number, flaw) in (10..).zip(ProfileFlaw::ALL) {
        let note = (number % 2 == 0 || flaw == ProfileFlaw::Other).then(|| Note::parse(ODD[0]).unwrap());
        let mut rejected = profile(number, |new| new.content.order = i32::MAX);
        let rejection = ProfileRejection::new(flaw, note).unwrap();
        rejected.reject(rejection, moderator(), uncut + Duration::days(20_000)).unwrap();
        forms.push(rejected);
    }
    for (number, facet) in (20..).zip(Facet::ALL) {
        forms.push(profile(number, |new| drop(new.content.details.tags.insert(facet, tags(&ODD)))));
    }
    let mut reopened = approved(profile(30, |_| {}));
    reopened.reopen(moderator(), NOW + MICROSECOND).unwrap();
    forms.push(reopened);
    forms
}

/// Fills in everything that a profile can have, mostly at maximum length.
fn full(new: &mut NewProfile) {
    let details = &mut new.content.details;
    details.name = FullName::parse(&"é".repeat(FullName::MAX_CHARS)).unwrap();
    details.age = Some(Age::new(Age::MAX.into()).unwrap());
    details.location = Some(PlaceName::parse(&"🦆".repeat(PlaceName::MAX_CHARS)).unwrap());
    details.about = Some(About::parse("🦆".repeat(About::MAX_CHARS)).unwrap());
    details.picture =
        Some(ProfilePicture { detail: picture(1, PictureFormat::Jpeg), thumb: picture(2, PictureFormat::Png) });
    for facet in Facet::ALL {
        let words = (0..20).map(|number| Tag::parse(format!("{}{number:02}", "🦆".repeat(48))).unwrap());
        details.tags.insert(facet, Tags::new(words).unwrap());
    }
    new.content.order = -1;
    new.content.messages = (0..Profile::MAX_MESSAGES)
        .map(|number| ProfileMessage {
            id: numbered(u32::try_from(number).unwrap()).into(),
            text: MessageText::parse(ODD[number % ODD.len()]).unwrap(),
            is_own: number % 2 == 0,
            image: (number % 3 == 0).then(|| picture(u8::try_from(number).unwrap(), PictureFormat::Png)),
            at: NOW - MICROSECOND * i32::try_from(number).unwrap(),
        })
        .collect();
    new.content.messages[0].text = MessageText::parse("🦆".repeat(MessageText::MAX_CHARS)).unwrap();
}

fn picture(number: u8, format: PictureFormat) -> StoredPicture {
    StoredPicture { blob: BlobId::new([number; 16]), format }
}

async fn assert_profiles(store: &Arc<dyn Store>, profiles: &[Profile]) {
    let mut unit = store.write().await.unwrap();
    for profile in profiles {
        assert_eq!(store.read().profiles().find(profile.id()).await.unwrap().as_ref(), Some(profile));
        assert_eq!(unit.profiles().find_for_update(profile.id()).await.unwrap().as_ref(), Some(profile));
    }
}

async fn history_of(store: &Arc<dyn Store>, id: ProfileId) -> Vec<ProfileChange> {
    let page = store.read().profiles().history(id, None, 1000).await.unwrap();
    assert!(!page.has_more);
    page.items
}
