//! Which profiles a search finds.

use std::collections::BTreeMap;

use super::{Age, Details, Facet, Tag};

/// The profiles to find: an age within the bounds, and for each requested facet any of its tags.
///
/// This is the reference: a store finds the same through its indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileFilter {
    /// The lowest age; a profile without an age does not match.
    pub min_age: Option<Age>,
    /// The highest age; a profile without an age does not match.
    pub max_age: Option<Age>,
    /// The requested tags. A facet that is missing or empty requests nothing.
    pub tags: BTreeMap<Facet, Vec<Tag>>,
}

impl ProfileFilter {
    /// Whether a profile with these details matches.
    pub fn fits(&self, details: &Details) -> bool {
        self.fits_age(details.age)
            && self.asked().all(|(facet, tags)| details.tags(facet).iter().any(|tag| tags.contains(tag)))
    }

    /// The requested facets, with their tags.
    pub fn asked(&self) -> impl Iterator<Item = (Facet, &[Tag])> {
        let asked = self.tags.iter().map(|(facet, tags)| (*facet, tags.as_slice()));
        asked.filter(|(_, tags)| !tags.is_empty())
    }

    /// Whether no profile can match.
    pub fn is_void(&self) -> bool {
        self.min_age.zip(self.max_age).is_some_and(|(min, max)| min > max)
    }

    fn fits_age(&self, age: Option<Age>) -> bool {
        match age {
            Some(age) => self.min_age.is_none_or(|min| min <= age) && self.max_age.is_none_or(|max| age <= max),
            None => self.min_age.is_none() && self.max_age.is_none(),
        }
    }
}
