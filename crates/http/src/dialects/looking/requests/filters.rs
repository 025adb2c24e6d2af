//! The segments of `/profiles/find/…` and `/profiles/list/…`: `limit`, `skip`, `min`, `max`, `pos`, `lkng`, `tribes`, `ethnos`.

use actix_web::HttpRequest;
use serde::Deserialize;
use vestibule_domain::profile::{Age, ProfileFilter, Tag};

use super::query::most;
use crate::{
    dialects::looking::{errors::Failure, words::profiles::FACETS},
    shared::{paged::Part, query::whole},
};

/// The segments as they are, without percent-encoding; those at the end may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Segments {
    limit: Option<String>,
    skip: Option<String>,
    min: Option<String>,
    max: Option<String>,
    pos: Option<String>,
    lkng: Option<String>,
    tribes: Option<String>,
    ethnos: Option<String>,
}

/// Which profiles are asked for; no filter where none can fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Find {
    pub(crate) filter: Option<ProfileFilter>,
    pub(crate) part: Part,
}

impl Find {
    /// Reads the segments that are there; what is not, and `null`, is unset.
    pub(crate) fn read(request: &HttpRequest, page_rows: u32) -> Result<Self, Failure> {
        Self::of(&request.match_info().load().map_err(|_| Failure::INVALID_FILTER)?, page_rows)
    }

    fn of(segments: &Segments, page_rows: u32) -> Result<Self, Failure> {
        let Segments { limit, skip, min, max, pos, lkng, tribes, ethnos } = segments;
        let number = |segment: &Option<String>| {
            value(segment.as_ref()).map(|text| whole(text).ok_or(Failure::INVALID_FILTER)).transpose()
        };
        let (limit, skip, min, max) = (number(limit)?, number(skip)?, number(min)?, number(max)?);
        let part = Part { skip: skip.unwrap_or_default(), limit: most(limit).min(page_rows) };
        // No age is above the highest.
        let max_age = max.and_then(|max| Age::new(max.min(Age::MAX.into())).ok());
        let mut filter = ProfileFilter { max_age, ..ProfileFilter::default() };
        let mut fits_some = true;
        if let Some(min) = min {
            filter.min_age = Age::new(min).ok();
            fits_some = filter.min_age.is_some();
        }
        for (segment, (_, facet)) in [pos, lkng, tribes, ethnos].into_iter().zip(FACETS) {
            let Some(text) = value(segment.as_ref()) else { continue };
            let asked: Vec<&str> = text.split('|').filter(|tag| !tag.is_empty()).collect();
            // What can be no tag is none of any profile.
            let tags: Vec<Tag> = asked.iter().filter_map(|tag| Tag::parse(*tag).ok()).collect();
            fits_some &= asked.is_empty() || !tags.is_empty();
            filter.tags.insert(facet, tags);
        }
        filter.tags.retain(|_, tags| !tags.is_empty());
        Ok(Self { filter: fits_some.then_some(filter), part })
    }
}

fn value(segment: Option<&String>) -> Option<&str> {
    segment.map(String::as_str).filter(|text| !text.is_empty() && *text != "null")
}

#[cfg(test)]
mod tests {
    use vestibule_domain::profile::Facet;

    use super::*;

    fn find(path: &str) -> Result<Find, Failure> {
        let mut given = path.split('/').map(str::to_owned);
        let mut next = || given.next();
        let segments = Segments {
            limit: next(),
            skip: next(),
            min: next(),
            max: next(),
            pos: next(),
            lkng: next(),
            tribes: next(),
            ethnos: next(),
        };
        Find::of(&segments, 1_000)
    }

    fn tags(tags: &[&str]) -> Vec<Tag> {
        tags.iter().map(|tag| Tag::parse(*tag).unwrap()).collect()
    }

    #[test]
    fn the_example_of_the_document_is_read() {
        let found = find("10/0/25/35/Top|Versatile/Dates|Friends/Geek/null").unwrap();
        let filter = found.filter.unwrap();
        assert_eq!((found.part.limit, found.part.skip), (10, 0));
        assert_eq!((filter.min_age, filter.max_age), (Age::new(25).ok(), Age::new(35).ok()));
        assert_eq!(filter.tags[&Facet::Position], tags(&["Top", "Versatile"]));
        assert_eq!(filter.tags[&Facet::Looking], tags(&["Dates", "Friends"]));
        assert_eq!(filter.tags[&Facet::Tribes], tags(&["Geek"]));
        assert_eq!(filter.tags.get(&Facet::Ethnicities), None);
    }

    #[test]
    fn what_is_missing_or_null_is_unset_and_the_most_is_a_thousand() {
        for path in ["", "null", "null/null/null/null/null/null/null/null", "0/0", "1001", "99999999999999999999/0"] {
            let found = find(path).unwrap();
            assert_eq!(found.filter, Some(ProfileFilter::default()), "{path}");
            assert_eq!((found.part.limit, found.part.skip), (1_000, 0), "{path}");
        }
        assert_eq!(find("null/7/null/null/|").unwrap().part.skip, 7);
        assert_eq!(find("null/7/null/null/|").unwrap().filter, Some(ProfileFilter::default()));
        assert_eq!(Find::of(&Segments::default(), 30).unwrap().part.limit, 30);
    }

    #[test]
    fn what_no_profile_can_have_finds_none() {
        let far = "x".repeat(51);
        for path in ["0/0/151", &format!("0/0/0/99/{far}"), "0/0/null/null/null/null/null/ |\u{7}"] {
            assert_eq!(find(path).unwrap().filter, None, "{path}");
        }
        let some = find(&format!("0/0/null/null/{far}|Top")).unwrap().filter.unwrap();
        assert_eq!(some.tags[&Facet::Position], tags(&["Top"]));
        assert_eq!(find("0/0/0/999").unwrap().filter.unwrap().max_age, Age::new(150).ok());
    }

    #[test]
    fn what_is_no_whole_number_is_no_filter() {
        for wrong in ["-1", "x", "1.5", "1e2", "+1", "NaN", "Null", " 1", "\u{661}"] {
            for path in [wrong.to_owned(), format!("0/{wrong}"), format!("0/0/{wrong}"), format!("0/0/0/{wrong}")] {
                assert_eq!(find(&path), Err(Failure::INVALID_FILTER), "{path}");
            }
        }
    }
}
