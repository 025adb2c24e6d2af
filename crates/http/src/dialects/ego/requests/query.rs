//! The query of the list of users.

use crate::{
    dialects::ego::errors::{Failure, FieldFault},
    shared::query::{Pairs, whole},
};

/// Which part of the list to show; both are at least 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) page: u64,
    pub(crate) limit: u32,
}

/// The page and how much is on it, without further word.
const DEFAULT: Paging = Paging { page: 1, limit: 10 };
/// The most users on a page.
const MAX_LIMIT: u32 = 100;

impl Paging {
    /// Reads `page` and `limit`, which is cut to what a page may have here.
    pub(crate) fn read(query: &str, page_rows: u32) -> Result<Self, Failure> {
        let pairs = Pairs::read(query);
        let given = |name| pairs.get(name).map(number);
        let (page, limit) = (given("page"), given("limit"));
        let wrong = [("page", page), ("limit", limit)].into_iter().filter(|(_, given)| *given == Some(None));
        let faults: Vec<FieldFault> = wrong.map(|(name, _)| FieldFault::Invalid(name)).collect();
        if !faults.is_empty() {
            return Err(Failure::of_fields(faults));
        }
        let limit = limit.flatten().map_or(DEFAULT.limit, |limit| u32::try_from(limit).unwrap_or(MAX_LIMIT));
        Ok(Self { page: page.flatten().unwrap_or(DEFAULT.page), limit: limit.min(MAX_LIMIT).min(page_rows) })
    }

    /// How many users come before the page.
    pub(crate) fn skip(&self) -> u64 {
        (self.page - 1).saturating_mul(self.limit.into())
    }
}

/// A whole number from 1 on; one beyond all bounds is the largest that there is.
fn number(text: &str) -> Option<u64> {
    whole(text).filter(|number| *number >= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_a_limit_are_whole_numbers_from_one_on() {
        for (text, page, limit) in [
            ("", 1, 10),
            ("page=2", 2, 10),
            ("limit=1&x=y", 1, 1),
            ("page=1&page=3&limit=100", 3, 100),
            ("limit=101", 1, 100),
            ("page=99999999999999999999&limit=99999999999999999999", u64::MAX, 100),
        ] {
            assert_eq!(Paging::read(text, 1_000), Ok(Paging { page, limit }), "{text}");
        }
    }

    #[test]
    fn a_page_has_no_more_than_any_answer_may_have() {
        assert_eq!(Paging::read("limit=50", 30), Ok(Paging { page: 1, limit: 30 }));
        assert_eq!(Paging::read("limit=20&page=2", 30), Ok(Paging { page: 2, limit: 20 }));
    }

    #[test]
    fn every_wrong_one_is_told() {
        for wrong in ["0", "-1", "", "x", "1.5", "1e2", "%2B1", "%FF"] {
            let page = Paging::read(&format!("page={wrong}"), 1_000).unwrap_err();
            assert_eq!(page, Failure::of_fields(vec![FieldFault::Invalid("page")]), "{wrong}");
            let both = Paging::read(&format!("limit={wrong}&page={wrong}"), 1_000).unwrap_err();
            let faults = vec![FieldFault::Invalid("page"), FieldFault::Invalid("limit")];
            assert_eq!(both, Failure::of_fields(faults), "{wrong}");
        }
    }
}
