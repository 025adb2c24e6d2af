//! Promises of profile searches, against a plain model that looks at every profile.

use std::{collections::BTreeMap, sync::Arc};

use vestibule_domain::{
    Actor, Profile,
    profile::{Age, Facet, ProfileFilter, Tag, Tags},
};
use vestibule_ports::{ProfileSummary, ProfileWindow, RandomnessExt, Store};
use vestibule_testkit::SeededRandomness;

use super::{approved, full, insert_profiles, moderator, profile, tags};
use crate::support::{NOW, committed};

/// Tags that differ only in case, accents, form or blanks, and some tricky ones; the first are frequent, the last rare.
const WORDS: [&str; 18] = [
    "e",
    "E",
    "é",
    "e\u{301}",
    "É",
    "🦆",
    "🦆🦆",
    "ss",
    "ß",
    "a b",
    " a b",
    "a_b",
    "a%b",
    "'",
    "\"",
    "\\",
    "{a,\"b\"}",
    "\u{fffd}",
];

/// A random generator with the same sequence in every run.
pub(super) struct Dice(SeededRandomness);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededRandomness::new(seed))
    }

    pub(super) fn below(&self, bound: usize) -> usize {
        usize::try_from(u32::from_be_bytes(self.0.bytes())).unwrap() % bound
    }

    pub(super) fn one<T: Copy>(&self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// A number below a bound; small ones are more frequent.
    fn skewed(&self, bound: usize) -> usize {
        self.below(self.below(bound) + 1)
    }

    fn tag(&self) -> Tag {
        Tag::parse(WORDS[self.skewed(WORDS.len())]).unwrap()
    }

    pub(super) fn order(&self) -> i32 {
        self.one(&[0, 0, 0, 0, 1, 2, -1, i32::MIN, i32::MAX])
    }

    fn tags(&self) -> BTreeMap<Facet, Tags> {
        let of_facet = |facet| (facet, Tags::new((0..self.below(4)).map(|_| self.tag())).unwrap());
        Facet::ALL.map(of_facet).into()
    }

    fn age(&self) -> Option<Age> {
        (self.below(8) > 0).then(|| Age::new(18 + self.skewed(60) as u64).unwrap())
    }

    pub(super) fn profile(&self, number: u32) -> Profile {
        let made = profile(number, |new| {
            new.content.order = self.order();
            new.content.details.age = self.age();
            new.content.details.tags = self.tags();
        });
        if self.below(5) > 0 { approved(made) } else { made }
    }

    pub(super) fn filter(&self) -> ProfileFilter {
        let age = || (self.below(3) == 0).then(|| Age::new(self.one(&[0, 18, 20, 25, 30, 40, 77, 78, 150])).unwrap());
        let asked = (0..self.below(5)).map(|_| {
            let some = (0..self.one(&[0, 1, 1, 1, 2, 3, 20])).map(|_| self.tag());
            let unknown = (self.below(20) == 0).then(|| Tag::parse("x".repeat(50)).unwrap());
            (self.one(&Facet::ALL), some.chain(unknown).collect())
        });
        ProfileFilter { min_age: age(), max_age: age(), tags: asked.collect() }
    }

    pub(super) fn window(&self) -> ProfileWindow {
        let skip = self.one(&[0, 0, 0, 1, 10, 100, 1_000, 5_000, u64::MAX]);
        ProfileWindow { skip, limit: self.one(&[0, 1, 2, 20, 100, 1_000, u32::MAX]) }
    }
}

/// A search finds what a plain model finds, in its order and in every window, among thousands of profiles, even after many
/// have been changed, added and removed.
pub(crate) async fn a_search_finds_what_a_plain_model_finds(store: Arc<dyn Store>) {
    let dice = Dice::new(1);
    let mut profiles: Vec<_> = (0..2_200).map(|number| dice.profile(number * 7 % 2_200)).collect();
    insert_profiles(&store, &profiles).await;
    check(&store, &profiles, &dice, 300).await;
    for round in 0..3 {
        committed(&store, async |unit| {
            for _ in 0..150 {
                let at = dice.below(profiles.len());
                let profile = &mut profiles[at];
                unit.profiles().find_for_update(profile.id()).await.unwrap().unwrap();
                if dice.below(6) == 0 {
                    unit.profiles().remove(profile.id()).await.unwrap();
                    profiles.swap_remove(at);
                    continue;
                }
                let changes = change_at_random(&dice, profile);
                unit.profiles().replace(profile, &changes).await.unwrap();
            }
        })
        .await;
        let more: Vec<_> = (0..50).map(|number| dice.profile(10_000 + round * 50 + number)).collect();
        insert_profiles(&store, &more).await;
        profiles.extend(more);
        check(&store, &profiles, &dice, 60).await;
    }
}

/// Two tags are equal only if their characters are, including case, accents and form.
pub(crate) async fn tags_are_compared_by_their_characters(store: Arc<dyn Store>) {
    let profiles: Vec<_> = (0..)
        .zip(WORDS)
        .map(|(number, word)| {
            approved(profile(number, |new| drop(new.content.details.tags.insert(Facet::Tribes, tags(&[word])))))
        })
        .collect();
    insert_profiles(&store, &profiles).await;
    let window = ProfileWindow { skip: 0, limit: 100 };
    for (profile, word) in profiles.iter().zip(WORDS) {
        for facet in Facet::ALL {
            let asked = [(facet, tags(&[word]).as_slice().to_vec())].into();
            let filter = ProfileFilter { tags: asked, ..ProfileFilter::default() };
            let found = store.read().profiles().search(&filter, window).await.unwrap();
            let expected: Vec<_> = (facet == Facet::Tribes).then(|| profile.record().into()).into_iter().collect();
            assert_eq!(found, expected, "{word:?}");
        }
    }
}

/// A profile without an age is found only if no age is requested; the age bounds are inclusive.
pub(crate) async fn ages_are_found_within_their_bounds(store: Arc<dyn Store>) {
    let ages = [None, Some(0), Some(17), Some(18), Some(99), Some(150)];
    let profiles: Vec<_> = (0..)
        .zip(ages)
        .map(|(number, age)| {
            approved(profile(number, |new| new.content.details.age = age.map(|age| Age::new(age).unwrap())))
        })
        .collect();
    insert_profiles(&store, &profiles).await;
    for min_age in ages {
        for max_age in ages {
            let bound = |age: Option<u64>| age.map(|age| Age::new(age).unwrap());
            let filter = ProfileFilter { min_age: bound(min_age), max_age: bound(max_age), ..ProfileFilter::default() };
            assert_found(&store, &profiles, &filter, ProfileWindow { skip: 0, limit: 10 }).await;
        }
    }
}

/// A search gives every field of a profile's details, and only approved profiles.
pub(crate) async fn a_search_gives_all_that_an_approved_profile_tells(store: Arc<dyn Store>) {
    let mut profile = profile(1, full);
    insert_profiles(&store, std::slice::from_ref(&profile)).await;
    let window = ProfileWindow { skip: 0, limit: 10 };
    let asked = Facet::ALL.map(|facet| (facet, vec![profile.record().details.tags(facet)[19].clone()])).into();
    let filters = [ProfileFilter::default(), ProfileFilter { tags: asked, ..ProfileFilter::default() }];
    for turn in 0..4 {
        for filter in &filters {
            let found = store.read().profiles().search(filter, window).await.unwrap();
            let expected: Vec<_> = profile.is_public().then(|| profile.record().into()).into_iter().collect();
            assert_eq!(found, expected);
        }
        let changes = match turn % 2 {
            0 => profile.approve(moderator(), NOW),
            _ => profile.reopen(moderator(), NOW).unwrap(),
        };
        committed(&store, async |unit| unit.profiles().replace(&profile, &changes).await.unwrap()).await;
    }
}

fn change_at_random(dice: &Dice, profile: &mut Profile) -> Vec<vestibule_domain::profile::ProfileChange> {
    let mut content = profile.content();
    match dice.below(5) {
        0 => content.order = dice.order(),
        1 => content.details.tags = dice.tags(),
        2 => content.details.age = dice.age(),
        3 => content = dice.profile(0).content(),
        _ => {}
    }
    let mut changes = profile.change(content, Actor::Operator, NOW).unwrap();
    changes.extend(match dice.below(4) {
        0 => profile.approve(moderator(), NOW),
        1 => profile.reopen(moderator(), NOW).unwrap_or_default(),
        _ => Vec::new(),
    });
    changes
}

async fn check(store: &Arc<dyn Store>, profiles: &[Profile], dice: &Dice, filters: usize) {
    let mut successes = 0;
    for _ in 0..filters {
        successes += usize::from(assert_found(store, profiles, &dice.filter(), dice.window()).await > 0);
    }
    assert!(successes > filters / 4, "of {filters} searches {successes} found something");
}

/// Checks the results of a search; returns their number.
async fn assert_found(
    store: &Arc<dyn Store>,
    profiles: &[Profile],
    filter: &ProfileFilter,
    window: ProfileWindow,
) -> usize {
    let fits = |profile: &&Profile| profile.is_public() && filter.fits(&profile.record().details);
    let mut all: Vec<_> = profiles.iter().filter(fits).collect();
    all.sort_by_key(|profile| (profile.record().order, profile.id()));
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let expected = all.iter().skip(skip).take(window.limit.min(ProfileWindow::MOST) as usize);
    let expected: Vec<ProfileSummary> = expected.map(|profile| profile.record().into()).collect();
    let found = store.read().profiles().search(filter, window).await.unwrap();
    assert_eq!(found, expected, "{filter:?} {window:?}");
    found.len()
}
