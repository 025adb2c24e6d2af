//! The queries of lists.

use crate::{
    dialects::looking::errors::Failure,
    shared::{
        paged::Part,
        query::{Pairs, whole},
    },
};

/// The most entries of a list, and how many there are without further word.
const MAX_LIMIT: u32 = 1_000;

/// Which part of a list to show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) skip: u64,
    pub(crate) limit: u32,
}

impl Paging {
    /// Reads `limit`, of which 0 is all, and `skip`; both are cut to what an answer may have.
    pub(crate) fn read(query: &str, page_rows: u32) -> Result<Self, Failure> {
        let pairs = Pairs::read(query);
        let number = |name| pairs.get(name).map(|text| whole(text).ok_or(Failure::INVALID_FILTER)).transpose();
        Ok(Self { skip: number("skip")?.unwrap_or_default(), limit: most(number("limit")?).min(page_rows) })
    }

    pub(crate) const fn part(&self) -> Part {
        Part { skip: self.skip, limit: self.limit }
    }
}

/// The most entries: 0 and nothing are as many as there can be.
pub(super) fn most(limit: Option<u64>) -> u32 {
    let limit = limit.filter(|limit| *limit > 0).and_then(|limit| u32::try_from(limit).ok());
    limit.unwrap_or(MAX_LIMIT).min(MAX_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_thousand_entries_unless_fewer_are_asked_for() {
        for (query, skip, limit) in [
            ("", 0, 1_000),
            ("limit=0", 0, 1_000),
            ("limit=1&skip=3", 3, 1),
            ("limit=5&limit=7&x=y", 0, 7),
            ("limit=1001", 0, 1_000),
            ("limit=99999999999999999999&skip=99999999999999999999", u64::MAX, 1_000),
        ] {
            assert_eq!(Paging::read(query, 1_000), Ok(Paging { skip, limit }), "{query}");
        }
        assert_eq!(Paging::read("limit=50", 30), Ok(Paging { skip: 0, limit: 30 }));
    }

    #[test]
    fn what_is_no_whole_number_is_no_filter() {
        for wrong in ["-1", "", "x", "1.5", "1e2", "%2B1", "%FF", "null"] {
            for name in ["limit", "skip"] {
                assert_eq!(Paging::read(&format!("{name}={wrong}"), 1_000), Err(Failure::INVALID_FILTER), "{wrong}");
            }
        }
    }
}
