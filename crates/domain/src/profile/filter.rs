//! Which profiles a search finds.

use std::collections::BTreeMap;

use super::{Age, Details, Facet, Tag};

/// What profiles must have to be found: an age within the bounds, and of each facet that is asked for any of the tags.
///
/// This is the reference: a store finds the same by its indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileFilter {
    /// The lowest age; a profile without an age has none.
    pub min_age: Option<Age>,
    /// The highest age; a profile without an age has none.
    pub max_age: Option<Age>,
    /// The tags that are asked for. A facet that is not there, or without tags, asks for nothing.
    pub tags: BTreeMap<Facet, Vec<Tag>>,
}

impl ProfileFilter {
    /// Whether what a profile tells fits.
    pub fn fits(&self, details: &Details) -> bool {
        self.fits_age(details.age)
            && self.asked().all(|(facet, tags)| details.tags(facet).iter().any(|tag| tags.contains(tag)))
    }

    /// The facets that are asked for, with their tags.
    pub fn asked(&self) -> impl Iterator<Item = (Facet, &[Tag])> {
        let asked = self.tags.iter().map(|(facet, tags)| (*facet, tags.as_slice()));
        asked.filter(|(_, tags)| !tags.is_empty())
    }

    /// Whether no profile can fit.
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
