//! The queries of lists.

use std::ops::RangeInclusive;

use crate::{
    dialects::rococoins::errors::Failure,
    shared::query::{Pairs, whole},
};

/// The most users of a list, and how many there are without further word.
pub(in crate::dialects::rococoins) const MAX_LIMIT: u32 = 200;

/// The most entries of a part of a chat, and how many there are without further word.
pub(in crate::dialects::rococoins) const MAX_ENTRIES: u32 = 500;
const ENTRIES: u32 = 100;

/// Which part of the list of users to show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) skip: u64,
    pub(crate) limit: u32,
}

impl Paging {
    /// Reads `limit` and `skip`, which are cut to what an answer may have.
    pub(crate) fn read(query: &str, page_rows: u32) -> Result<Self, Failure> {
        let pairs = Pairs::read(query);
        let limit = number(&pairs, "limit", 1..=MAX_LIMIT.into())?.and_then(|limit| u32::try_from(limit).ok());
        let skip = number(&pairs, "skip", 0..=u64::MAX)?;
        Ok(Self { skip: skip.unwrap_or_default(), limit: limit.unwrap_or(MAX_LIMIT).min(page_rows) })
    }
}

/// Which part of a chat to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChatPaging {
    pub(crate) after: Option<u64>,
    pub(crate) before: Option<u64>,
    pub(crate) limit: u32,
}

impl ChatPaging {
    /// Reads `after`, `before` and `limit`, which is cut to what an answer may have.
    pub(crate) fn read(query: &str, page_rows: u32) -> Result<Self, Failure> {
        let pairs = Pairs::read(query);
        let (after, before) = (number(&pairs, "after", 0..=u64::MAX)?, number(&pairs, "before", 0..=u64::MAX)?);
        let limit = number(&pairs, "limit", 1..=MAX_ENTRIES.into())?.and_then(|limit| u32::try_from(limit).ok());
        Ok(Self { after, before, limit: limit.unwrap_or(ENTRIES).min(page_rows) })
    }
}

/// A whole number within bounds.
fn number(pairs: &Pairs, name: &str, bounds: RangeInclusive<u64>) -> Result<Option<u64>, Failure> {
    let Some(text) = pairs.get(name) else { return Ok(None) };
    let number = whole(text).filter(|number| bounds.contains(number));
    number.map(Some).ok_or_else(|| Failure::invalid(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_200_users_unless_fewer_are_asked_for() {
        for (query, skip, limit) in [
            ("", 0, 200),
            ("limit=1&skip=3", 3, 1),
            ("limit=5&limit=200", 0, 200),
            ("skip=99999999999999999999", u64::MAX, 200),
        ] {
            assert_eq!(Paging::read(query, 1_000), Ok(Paging { skip, limit }), "{query}");
        }
        assert_eq!(Paging::read("", 30), Ok(Paging { skip: 0, limit: 30 }));
    }

    #[test]
    fn a_part_of_a_chat_lies_after_one_number_and_before_another() {
        let part = |after, before, limit| Ok(ChatPaging { after, before, limit });
        assert_eq!(ChatPaging::read("", 1_000), part(None, None, 100));
        assert_eq!(ChatPaging::read("after=0&before=7&limit=500", 1_000), part(Some(0), Some(7), 500));
        assert_eq!(ChatPaging::read("limit=500", 30), part(None, None, 30));
        for (query, name) in
            [("after=-1", "after"), ("before=x", "before"), ("limit=0", "limit"), ("limit=501", "limit")]
        {
            assert_eq!(ChatPaging::read(query, 1_000), Err(Failure::invalid(name)), "{query}");
        }
    }

    #[test]
    fn what_is_no_number_within_bounds_is_refused() {
        for wrong in ["0", "201", "-1", "", "x", "1.5", "1e2", "%2B1", "%FF", "99999999999999999999"] {
            assert_eq!(Paging::read(&format!("limit={wrong}"), 1_000), Err(Failure::invalid("limit")), "{wrong}");
        }
        for wrong in ["-1", "", "x"] {
            assert_eq!(Paging::read(&format!("skip={wrong}"), 1_000), Err(Failure::invalid("skip")), "{wrong}");
        }
    }
}
