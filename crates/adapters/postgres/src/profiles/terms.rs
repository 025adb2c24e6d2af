//! The terms under which an approved profile is indexed, and filters in the same terms.

use sha2::{Digest, Sha256};
use vestibule_domain::{
    Profile,
    place::PlaceName,
    profile::{Age, Details, Facet, ProfileFilter, Tag},
};

/// The term that every approved profile has.
pub(super) const EVERY: &str = "";

/// The bits that the row of every profile has, whatever its tags: one in each half.
const ALWAYS: [i64; 2] = [1 << 31, i64::MIN];

/// The index entry of a profile.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Indexed {
    /// Its terms; none unless it is approved.
    pub(super) terms: Vec<String>,
    /// The bits of its tags, by facet.
    pub(super) bits: [i64; 4],
    /// Its age; -1 if it has none.
    pub(super) age: i16,
}

impl Indexed {
    pub(super) fn of(profile: &Profile) -> Self {
        if !profile.is_public() {
            return Self::default();
        }
        let details: &Details = &profile.record().details;
        let mut terms = vec![EVERY.to_owned()];
        terms.extend(details.age.into_iter().flat_map(|age| [of_age(age.years()), of_decade(age.years() / 10)]));
        terms.extend(details.location.as_ref().map(of_place));
        terms.extend(Facet::ALL.into_iter().flat_map(|facet| of_tags(facet, details.tags(facet))));
        let bits = Facet::ALL.map(|facet| {
            let tags = bits(of_tags(facet, details.tags(facet)).into_iter());
            tags | ALWAYS[0] | ALWAYS[1]
        });
        Self { terms, bits, age: details.age.map_or(-1, |age| age.years().into()) }
    }
}

/// A filter in terms of the index.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The terms of everything requested: a match has at least one of each list.
    pub(super) lists: Vec<Vec<String>>,
    /// How many of the lists are tags, which come before the ages.
    pub(super) facets: usize,
    /// The bounds of the age; they include -1 if the age does not matter.
    pub(super) ages: (i16, i16),
    /// For each facet, terms of which a match has at least one.
    pub(super) any_of: [Vec<String>; 4],
    /// For each facet two masks: a profile with one of the terms has a bit of both.
    pub(super) masks: [[i64; 2]; 4],
}

impl Asked {
    pub(super) fn of(filter: &ProfileFilter) -> Self {
        let mut asked = Self {
            lists: Vec::new(),
            facets: 0,
            ages: (-1, Age::MAX.into()),
            any_of: Facet::ALL.map(|_| vec![EVERY.to_owned()]),
            masks: [ALWAYS; 4],
        };
        for (at, facet) in Facet::ALL.into_iter().enumerate() {
            let Some((_, tags)) = filter.asked().find(|(asked, _)| *asked == facet) else { continue };
            let mut terms = of_tags(facet, tags);
            terms.sort_unstable();
            terms.dedup();
            let bits = bits(terms.iter().cloned());
            asked.masks[at] = [bits & 0xFFFF_FFFF, bits & !0xFFFF_FFFF];
            asked.lists.push(terms.clone());
            asked.facets += 1;
            asked.any_of[at] = terms;
        }
        if filter.min_age.is_some() || filter.max_age.is_some() {
            let ages = (filter.min_age.map_or(0, Age::years), filter.max_age.map_or(Age::MAX, Age::years));
            asked.ages = (ages.0.into(), ages.1.into());
            asked.lists.push(of_ages(ages));
        }
        asked
    }
}

/// The term of a location.
pub(super) fn of_place(name: &PlaceName) -> String {
    format!("w:{}", name.as_str())
}

fn of_age(years: u8) -> String {
    format!("a:{years}")
}

fn of_decade(decade: u8) -> String {
    format!("d:{decade}")
}

/// The terms of a range of ages: whole decades, and single ages at both ends.
fn of_ages((first, last): (u8, u8)) -> Vec<String> {
    let (mut next, mut terms) = (first, Vec::new());
    while next <= last {
        let is_decade = next % 10 == 0 && (next + 9 <= last || last == Age::MAX);
        terms.push(if is_decade { of_decade(next / 10) } else { of_age(next) });
        next += if is_decade { 10 } else { 1 };
    }
    terms
}

fn of_tags(facet: Facet, tags: &[Tag]) -> Vec<String> {
    let prefix = match facet {
        Facet::Position => 'p',
        Facet::Looking => 'l',
        Facet::Tribes => 't',
        Facet::Ethnicities => 'e',
    };
    tags.iter().map(|tag| format!("{prefix}:{tag}")).collect()
}

/// For every term one of the first 31 bits, and one of the 31 from bit 32 on.
fn bits(terms: impl Iterator<Item = String>) -> i64 {
    terms.fold(0, |bits, term| {
        let digest = Sha256::digest(term);
        bits | 1 << (digest[0] % 31) | 1 << (32 + digest[1] % 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_a_bit_in_each_half_and_none_that_every_profile_has() {
        for number in 0..1_000 {
            let bits = bits([format!("p:{number}")].into_iter());
            assert_eq!(((bits & 0x7FFF_FFFF).count_ones(), (bits >> 32).count_ones()), (1, 1));
            assert_eq!(bits & (ALWAYS[0] | ALWAYS[1]), 0);
        }
    }

    #[test]
    fn the_bits_of_a_term_are_those_that_are_stored() {
        assert_eq!(bits(["p:bear".to_owned()].into_iter()), 1 << 22 | 1 << (32 + 21));
    }

    #[test]
    fn ages_are_those_of_the_terms_and_no_others() {
        for (first, last) in (0..=150).flat_map(|first| (first..=150).rev().step_by(7).map(move |last| (first, last))) {
            let terms = of_ages((first, last));
            let has = |age| terms.contains(&of_age(age)) || terms.contains(&of_decade(age / 10));
            assert!((0..=150).all(|age| has(age) == (first..=last).contains(&age)), "{first} {last}: {terms:?}");
            assert!(terms.len() <= 31, "{first} {last}: {terms:?}");
        }
    }

    #[test]
    fn a_filter_without_conditions_asks_for_what_every_profile_has() {
        let asked = Asked::of(&ProfileFilter::default());
        assert!(asked.lists.is_empty());
        assert_eq!((asked.ages, asked.masks), ((-1, 150), [ALWAYS; 4]));
        assert!(asked.any_of.iter().all(|terms| terms == &[EVERY]));
    }
}
