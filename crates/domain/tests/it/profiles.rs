//! Profiles: valid details, the profiles that a filter matches, and the transitions.

use std::collections::BTreeMap;

use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_domain::{
    AccountId, Actor, BlobId, BlobName, BlobOwner, FullName, Profile, ProfileContent, ProfileMessageId, ProfileRecord,
    conversation::MessageText,
    dossier::{Note, NoteMissing},
    id::Id96,
    picture::PictureFormat,
    place::PlaceName,
    profile::{
        About, Age, ChangedPart, Details, Facet, InvalidAbout, InvalidAge, InvalidTag, NewProfile, PartValue,
        ProfileChange, ProfileDecision, ProfileFilter, ProfileFlaw, ProfileMessage, ProfilePicture, ProfileRejection,
        ProfileState, StoredPicture, Tag, Tags, TooManyMessages, WrongProfileState,
    },
};

const NOW: OffsetDateTime = datetime!(2026-11-30 12:00 UTC);

fn id(number: u8) -> Id96 {
    Id96::new(NOW, [number; 6])
}

fn account(number: u8) -> AccountId {
    id(number).into()
}

fn profile(is_submitted: bool) -> Profile {
    let content = content(0, 0);
    let new = NewProfile { id: id(1).into(), content, is_submitted, author: None, created_at: NOW };
    Profile::new(new).unwrap()
}

fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

fn picture(number: u8) -> StoredPicture {
    StoredPicture { blob: BlobId::new([number; 16]), format: PictureFormat::Jpeg }
}

/// Two numbers determine a content; most of their digits determine a part each.
fn content(number: u32, messages: u32) -> ProfileContent {
    let digit = |at: u32| u8::try_from(number / 3_u32.pow(at) % 3).unwrap();
    let mut details = Details::named(FullName::parse(&format!("Name {}", digit(0))).unwrap());
    details.age = (digit(1) > 0).then(|| Age::new((20 + digit(1)).into()).unwrap());
    details.location = (digit(2) > 0).then(|| PlaceName::parse(&format!("Place {}", digit(2))).unwrap());
    details.about = (digit(3) > 0).then(|| About::parse(format!("About {}", digit(3))).unwrap());
    details.picture =
        (digit(4) > 0).then(|| ProfilePicture { detail: picture(digit(4)), thumb: picture(100 + digit(4)) });
    for (at, facet) in (5..).zip(Facet::ALL) {
        let words = ["a", "b", "c"].into_iter().take(digit(at).into()).map(tag);
        details.tags.insert(facet, Tags::new(words).unwrap());
    }
    let messages = (0..4).filter(|at| messages >> (3 * at) & 1 == 1).map(|at| ProfileMessage {
        id: id(u8::try_from(at).unwrap()).into(),
        text: MessageText::parse(format!("Text {}", messages >> (3 * at + 1) & 1)).unwrap(),
        is_own: at % 2 == 0,
        image: (messages >> (3 * at + 2) & 1 == 1).then(|| picture(200)),
        at: NOW + Duration::nanoseconds(1_999),
    });
    ProfileContent { order: i32::from(digit(9)) - 1, details, messages: messages.collect() }
}

#[derive(Debug, Clone)]
enum Step {
    Approve(u8),
    Reject(usize, bool, u8),
    Reopen(u8),
    SetSubmitted(bool, Option<u8>),
    Change(u32, u32, Option<u8>),
}

/// A step, after the clock has advanced by some nanoseconds; the next one may be read on a node that is behind.
fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let who = || prop::option::of(1..4_u8);
    let step = prop_oneof![
        1 => (1..4_u8).prop_map(Step::Approve),
        1 => (0..ProfileFlaw::ALL.len(), any::<bool>(), 1..3_u8)
            .prop_map(|(flaw, note, by)| Step::Reject(flaw, note, by)),
        1 => (1..4_u8).prop_map(Step::Reopen),
        1 => (any::<bool>(), who()).prop_map(|(submitted, by)| Step::SetSubmitted(submitted, by)),
        2 => (0..3_u32.pow(10), 0..1_u32 << 12, who())
            .prop_map(|(number, messages, by)| Step::Change(number, messages, by)),
    ];
    prop::collection::vec((step, -3_000_000_000..5_000_000_000_i64), 1..25)
}

fn actor(by: Option<u8>) -> Actor {
    by.map_or(Actor::Anyone, |by| Actor::Account(account(by)))
}

fn rejection(flaw: usize, note: bool) -> Result<ProfileRejection, NoteMissing> {
    ProfileRejection::new(ProfileFlaw::ALL[flaw], note.then(|| Note::parse("because").unwrap()))
}

/// The state that a step leads to; none where it must be refused.
fn expected_state(state: ProfileState, step: &Step) -> Option<ProfileState> {
    use ProfileState::{Approved, Draft, Rejected, Submitted};
    match (step, state) {
        (Step::Approve(_), _) => Some(Approved),
        (Step::Reject(..), Submitted | Rejected) => Some(Rejected),
        (Step::Reject(..), Draft | Approved) | (Step::Reopen(_), Draft) => None,
        (Step::Reopen(_), Submitted | Approved | Rejected) | (Step::SetSubmitted(true, _), Draft) => Some(Submitted),
        (Step::SetSubmitted(false, _), Submitted) => Some(Draft),
        (Step::SetSubmitted(..) | Step::Change(..), _) => Some(state),
    }
}

fn take(profile: &mut Profile, step: &Step, now: OffsetDateTime) -> Result<Vec<ProfileChange>, WrongProfileState> {
    match *step {
        Step::Approve(by) => Ok(profile.approve(account(by), now)),
        Step::Reject(flaw, note, by) => {
            let note = note || ProfileFlaw::ALL[flaw] == ProfileFlaw::Other;
            profile.reject(rejection(flaw, note).unwrap(), account(by), now)
        }
        Step::Reopen(by) => profile.reopen(account(by), now),
        Step::SetSubmitted(is_submitted, by) => Ok(profile.set_submitted(is_submitted, actor(by), now)),
        Step::Change(number, messages, by) => Ok(profile.change(content(number, messages), actor(by), now).unwrap()),
    }
}

fn by(step: &Step) -> Actor {
    match *step {
        Step::Approve(by) | Step::Reject(_, _, by) | Step::Reopen(by) => actor(Some(by)),
        Step::SetSubmitted(_, by) | Step::Change(_, _, by) => actor(by),
    }
}

/// What a part is, as a change tells it.
fn value(record: &ProfileRecord, part: ChangedPart) -> PartValue {
    let details = &record.details;
    let one = |value: Option<String>| PartValue(value.into_iter().collect());
    let message = |id: ProfileMessageId| record.messages.iter().find(|message| message.id == id);
    match part {
        ChangedPart::State => one(Some(record.state.as_str().to_owned())),
        ChangedPart::Order => one(Some(record.order.to_string())),
        ChangedPart::Name => one(Some(details.name.as_str().to_owned())),
        ChangedPart::Age => one(details.age.map(|age| age.years().to_string())),
        ChangedPart::Location => one(details.location.as_ref().map(|location| location.as_str().to_owned())),
        ChangedPart::About => one(details.about.as_ref().map(|about| about.as_str().to_owned())),
        ChangedPart::Picture => one(details.picture.map(|both| both.detail.blob.to_string())),
        ChangedPart::Tags(facet) => PartValue(details.tags(facet).iter().map(|tag| tag.as_str().to_owned()).collect()),
        ChangedPart::Message(id) => one(message(id).map(|message| message.text.as_str().to_owned())),
        ChangedPart::MessageImage(id) => {
            one(message(id).and_then(|message| message.image).map(|image| image.blob.to_string()))
        }
    }
}

fn parts() -> Vec<ChangedPart> {
    let mut parts = vec![
        ChangedPart::State,
        ChangedPart::Order,
        ChangedPart::Name,
        ChangedPart::Age,
        ChangedPart::Location,
        ChangedPart::About,
        ChangedPart::Picture,
    ];
    parts.extend(Facet::ALL.map(ChangedPart::Tags));
    let messages = (0..4).map(|at| ProfileMessageId::from(id(at)));
    parts.extend(messages.flat_map(|id| [ChangedPart::Message(id), ChangedPart::MessageImage(id)]));
    parts
}

/// The invariants of every step that was taken.
fn check_step(
    (before, after): (&ProfileRecord, &ProfileRecord),
    changes: &[ProfileChange],
    (by, now): (Actor, OffsetDateTime),
) {
    assert_eq!((before.id, before.author, before.created_at), (after.id, after.author, after.created_at));
    assert_eq!(before == after, before.updated_at == after.updated_at);
    assert!(before.updated_at <= after.updated_at);
    assert!(after == before || after.updated_at + Duration::MICROSECOND > now, "{} {now}", after.updated_at);
    assert_eq!(after.changes, before.changes + changes.len() as u64);
    for (number, change) in (before.changes + 1..).zip(changes) {
        assert_eq!((change.number, change.by), (number, by));
        assert!(change.at <= now && now < change.at + Duration::MICROSECOND);
        assert_eq!(change.at.nanosecond() % 1_000, 0);
    }
    for part in parts() {
        let (old, new) = (value(before, part), value(after, part));
        let of_part: Vec<_> = changes.iter().filter(|change| change.part == part).collect();
        if old == new {
            assert!(of_part.is_empty(), "{part:?}: {of_part:?}");
        } else {
            assert_eq!(of_part.len(), 1, "{part:?}");
            assert_eq!((&of_part[0].old, &of_part[0].new), (&old, &new));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever happens to a profile, in any order and with wrong clocks: its state follows the table, its changes are
    /// numbered without a gap and lead from its beginning to its present state, and the time of its last change only grows.
    #[test]
    fn a_profile_is_what_its_changes_made_of_it(is_submitted: bool, steps in steps()) {
        let mut profile = profile(is_submitted);
        let mut values: BTreeMap<_, _> =
            parts().into_iter().map(|part| (part, value(profile.record(), part))).collect();
        let (mut now, mut history) = (NOW, Vec::new());
        for (step, nanoseconds) in steps {
            now += Duration::nanoseconds(nanoseconds);
            let before = profile.clone();
            let Some(state) = expected_state(before.state(), &step) else {
                prop_assert_eq!(take(&mut profile, &step, now), Err(WrongProfileState(before.state())));
                prop_assert_eq!(&profile, &before);
                continue;
            };
            let changes = take(&mut profile, &step, now).unwrap();
            prop_assert_eq!(profile.state(), state);
            prop_assert_eq!(profile.is_public(), state == ProfileState::Approved);
            check_step((before.record(), profile.record()), &changes, (by(&step), now));
            check_decision(before.record(), profile.record(), &step, now);
            history.extend(changes);
            // Repeating the step changes nothing.
            let again = profile.clone();
            prop_assert_eq!(take(&mut profile, &step, now + Duration::hours(1)), Ok(Vec::new()));
            prop_assert_eq!(&profile, &again);
        }
        for (number, change) in (1..).zip(&history) {
            prop_assert_eq!(change.number, number);
            prop_assert_eq!(values.insert(change.part, change.new.clone()), Some(change.old.clone()));
        }
        for (part, reached) in values {
            prop_assert_eq!(reached, value(profile.record(), part));
        }
    }

    /// A filter fits exactly what has an age within its bounds, and any tag of each facet that is asked for.
    #[test]
    fn a_filter_fits_what_it_says(
        age in prop::option::of(0..5_u64),
        min_age in prop::option::of(0..5_u64),
        max_age in prop::option::of(0..5_u64),
        has in prop::collection::vec(0..8_u8, 4),
        asked in prop::collection::vec(prop::option::of(0..8_u8), 4),
    ) {
        let tags = |bits: u8| ["a", "A", "á"].into_iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, word)| tag(word));
        let mut details = Details::named(FullName::parse("Somebody").unwrap());
        details.age = age.map(|age| Age::new(age).unwrap());
        details.tags = Facet::ALL.into_iter().zip(&has).map(|(facet, bits)| (facet, Tags::new(tags(*bits)).unwrap())).collect();
        let bound = |age: Option<u64>| age.map(|age| Age::new(age).unwrap());
        let filter = ProfileFilter {
            min_age: bound(min_age),
            max_age: bound(max_age),
            tags: Facet::ALL.into_iter().zip(&asked).filter_map(|(facet, bits)| Some((facet, tags((*bits)?).collect()))).collect(),
        };
        let fits_age = match age {
            Some(age) => min_age.unwrap_or(0) <= age && age <= max_age.unwrap_or(9),
            None => min_age.is_none() && max_age.is_none(),
        };
        let fits_tags = has.iter().zip(&asked).all(|(has, asked)| matches!(asked, None | Some(0)) || asked.is_some_and(|asked| asked & has != 0));
        prop_assert_eq!(filter.fits(&details), fits_age && fits_tags);
        prop_assert_eq!(filter.asked().count(), asked.iter().flatten().filter(|bits| **bits != 0).count());
        prop_assert!(!filter.is_void() || !filter.fits(&details));
    }
}

/// A decision is noted with who made it and when, and is kept by every other step.
fn check_decision(before: &ProfileRecord, after: &ProfileRecord, step: &Step, now: OffsetDateTime) {
    let decided = |by: u8, rejection: Option<ProfileRejection>| {
        let at = now - Duration::nanoseconds((now.nanosecond() % 1_000).into());
        Some(ProfileDecision { by: account(by), at, rejection })
    };
    let expected = match *step {
        Step::Approve(by) if before.state != ProfileState::Approved => decided(by, None),
        Step::Reopen(by) if before.state != ProfileState::Submitted => decided(by, None),
        Step::Reject(flaw, note, by) => {
            let note = note || ProfileFlaw::ALL[flaw] == ProfileFlaw::Other;
            let rejection = rejection(flaw, note).unwrap();
            let is_same = before.state == ProfileState::Rejected
                && before.decision.as_ref().is_some_and(|decision| decision.rejection.as_ref() == Some(&rejection));
            if is_same { before.decision.clone() } else { decided(by, Some(rejection)) }
        }
        _ => before.decision.clone(),
    };
    assert_eq!(after.decision, expected);
}

#[test]
fn an_age_is_0_to_150_years() {
    for good in [0, 18, 150] {
        assert_eq!(u64::from(Age::new(good).unwrap().years()), good);
    }
    for bad in [151, 256, 274, u64::MAX] {
        assert_eq!(Age::new(bad), Err(InvalidAge));
    }
}

#[test]
fn a_profile_says_1_to_5000_characters_about_itself() {
    for good in ["a", " a\n", &"🦆".repeat(5_000)] {
        assert_eq!(About::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", " \n\t\u{a0}", "a\0", &"a".repeat(5_001)] {
        assert_eq!(About::parse(bad), Err(InvalidAbout), "{bad:?}");
    }
}

#[test]
fn a_tag_has_1_to_50_characters_and_no_bar() {
    for good in ["a", " a ", "Ö", &"🦆".repeat(50), "a,b;c"] {
        assert_eq!(tag(good).as_str(), good);
    }
    for bad in ["", "  ", "a|b", "a\nb", "\u{7f}", &"a".repeat(51)] {
        assert_eq!(Tag::parse(bad), Err(InvalidTag::Unfit), "{bad:?}");
    }
}

#[test]
fn a_facet_has_each_tag_once_and_at_most_20() {
    let words = |count: usize| (0..count).map(|number| tag(&format!("tag {number}")));
    let tags = Tags::new(words(20).chain(words(20))).unwrap();
    assert_eq!(tags.as_slice(), words(20).collect::<Vec<_>>());
    assert_eq!(Tags::new(words(21)), Err(InvalidTag::TooMany));
    let cases = Tags::new(["a", "A", "á", "a\u{301}", "a"].map(tag)).unwrap();
    assert_eq!(cases.as_slice(), ["a", "A", "á", "a\u{301}"].map(tag));
    assert!(cases.has_any(&[tag("x"), tag("á")]) && !cases.has_any(&[tag("Á")]) && !cases.has_any(&[]));
}

#[test]
fn every_word_of_a_profile_is_read_back() {
    for facet in Facet::ALL {
        assert_eq!(facet.as_str().parse(), Ok(facet));
    }
    for state in ProfileState::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
    for flaw in ProfileFlaw::ALL {
        assert_eq!(flaw.as_str().parse(), Ok(flaw));
    }
    for part in parts() {
        assert_eq!(ChangedPart::from_stored(part.as_str(), part.message()), Ok(part));
        let other = if part.message().is_some() { None } else { Some(id(9).into()) };
        assert!(ChangedPart::from_stored(part.as_str(), other).is_err(), "{part:?}");
    }
}

#[test]
fn only_a_refusal_for_another_reason_needs_a_note() {
    for (number, flaw) in ProfileFlaw::ALL.into_iter().enumerate() {
        assert!(rejection(number, true).is_ok());
        assert_eq!(rejection(number, false).is_err(), flaw == ProfileFlaw::Other);
    }
}

#[test]
fn a_profile_has_at_most_100_messages() {
    let message = content(0, 1).messages[0].clone();
    let with = |count: usize| ProfileContent { messages: vec![message.clone(); count], ..content(0, 0) };
    let make = |count| {
        let new = NewProfile {
            id: id(1).into(),
            content: with(count),
            is_submitted: true,
            author: Some(account(1)),
            created_at: NOW,
        };
        Profile::new(new)
    };
    assert_eq!(make(101), Err(TooManyMessages));
    let mut profile = make(100).unwrap();
    let before = profile.clone();
    assert_eq!(profile.change(with(101), Actor::Anyone, NOW), Err(TooManyMessages));
    assert_eq!(profile, before);
}

#[test]
fn what_is_kept_of_a_content_has_whole_microseconds_and_no_empty_facet() {
    let mut made = profile(true);
    made.change(content(0, 1), Actor::Anyone, NOW).unwrap();
    assert_eq!(made.record().messages[0].at, NOW + Duration::microseconds(1));
    assert!(made.record().details.tags.is_empty());
}

#[test]
fn a_profile_knows_its_pictures() {
    let mut made = profile(true);
    // The picture 1 with its thumb, and a message with an image.
    made.change(content(3_u32.pow(4), 0b101), Actor::Anyone, NOW).unwrap();
    let pictures = [picture(1), picture(101), picture(200)];
    let blobs: Vec<_> = made.blobs().collect();
    assert_eq!(blobs, pictures.map(|picture| BlobName::of_picture(made.id(), picture.blob)));
    assert!(blobs.iter().all(|blob| blob.owner == BlobOwner::Profile(made.id())));
    assert!(pictures.into_iter().all(|picture| made.has_picture(picture)));
    let of_another_format = StoredPicture { format: PictureFormat::Png, ..picture(1) };
    assert!(!made.has_picture(picture(2)) && !made.has_picture(of_another_format));
}
