//! Searches for approved profiles by walking the lists of the index `profile_terms` in their order.
//!
//! The planner gets no choice: each statement walks lists up to a limit that it can read. Which lists, and how far, is
//! decided here from the results of the walks so far:
//!
//! 1. A glance at the first of all approved profiles. If many match, that is enough.
//! 2. The lists of every requested term, a stretch of each. Every match is in all of them, so once one list was walked up
//!    to a place, all matches up to there are known. The list that got farthest is the sparsest: it is walked on, in longer
//!    and longer stretches. A list that ends ends the search.
//! 3. If almost nothing in the sparsest list matches, as when two frequent tags hardly ever meet, there are few matches:
//!    they are collected by the inverted index, which has no order, and sorted.
//!
//! The bits only preselect candidates; these are checked, and the window is taken from the matches.

use uuid::Uuid;
use vestibule_domain::profile::ProfileFilter;
use vestibule_ports::{ProfileWindow, StoreError, stored::StoredProfileSummary};

use super::terms::Asked;
use crate::connections::{Connections, alone};

/// A place in the order of lists.
type Place = (i32, Uuid);

/// Before every place that a profile can have.
const BEGIN: Place = (i32::MIN, Uuid::nil());
/// How many rows of each list are walked first.
const FIRST_STRETCH: i32 = 500;
/// The most rows walked of a list at once; the statement has the same number.
const LONGEST_STRETCH: i32 = 8_000;
/// The fewest rows of each of many terms of a list.
const SHORTEST_STRETCH: i32 = 8;
/// A list is not walked on if less than one in this many rows matches.
const THINNEST: usize = 1_000;
/// Windows within this many profiles begin with a glance.
const GLANCED: u64 = 100;
/// How many more profiles are checked than are wanted, because the bits give false positives.
const SPARE: usize = 3;

/// Reads rows of `profile_terms` and whether they match by age and bits: what comes before and after that, and the further
/// arguments, from `$11` on.
macro_rules! fitting {
    ($query:ident [$($row:ident)?], $asked:ident, $head:literal, $tail:literal $(, $argument:expr)*) => {
        sqlx::$query!(
            $($row,)?
            $head + "age BETWEEN $1 AND $2 AND position_bits & $3 <> 0 AND position_bits & $4 <> 0 \
             AND looking_bits & $5 <> 0 AND looking_bits & $6 <> 0 AND tribes_bits & $7 <> 0 AND tribes_bits & $8 <> 0 \
             AND ethnicities_bits & $9 <> 0 AND ethnicities_bits & $10 <> 0" + $tail,
            $asked.ages.0, $asked.ages.1, $asked.masks[0][0], $asked.masks[0][1], $asked.masks[1][0], $asked.masks[1][1],
            $asked.masks[2][0], $asked.masks[2][1], $asked.masks[3][0], $asked.masks[3][1] $(, $argument)*
        )
    };
}
pub(super) use fitting;

/// The window of matches.
pub(super) async fn search(
    connections: &Connections,
    filter: &ProfileFilter,
    window: ProfileWindow,
) -> Result<Vec<StoredProfileSummary>, StoreError> {
    let window = ProfileWindow { limit: window.limit.min(ProfileWindow::MOST), ..window };
    if window.limit == 0 || filter.is_void() {
        return Ok(Vec::new());
    }
    let asked = Asked::of(filter);
    let search = Search { connections, asked: &asked, window };
    if asked.lists.is_empty() {
        return search.all().await;
    }
    if window.skip.saturating_add(window.limit.into()) <= GLANCED {
        let found = search.glance().await?;
        if found.len() == window.limit as usize {
            return Ok(found);
        }
    }
    search.walk().await
}

struct Search<'a> {
    connections: &'a Connections,
    asked: &'a Asked,
    window: ProfileWindow,
}

/// The result of walking one list, or the lists of one requested thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    /// The place up to which everything is known; none if that is the end.
    until: Option<Place>,
    candidates: Vec<Place>,
}

impl Seen {
    /// The knowledge from all lists of one requested thing: only as far as the list walked least.
    fn together(lists: impl Iterator<Item = Self>) -> Self {
        let both = |seen: Self, list: Self| Self {
            until: match (seen.until, list.until) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            candidates: [seen.candidates, list.candidates].concat(),
        };
        let mut seen = lists.fold(Self::default(), both);
        seen.candidates.retain(|place| seen.until.is_none_or(|until| *place <= until));
        seen.candidates.sort_unstable();
        seen.candidates.dedup();
        seen
    }

    /// The first of those that know most.
    fn farthest(seen: Vec<Self>) -> Option<(usize, Self)> {
        seen.into_iter().enumerate().reduce(|best, next| if next.1.is_farther(&best.1) { next } else { best })
    }

    /// Whether it knows more than another.
    fn is_farther(&self, other: &Self) -> bool {
        match (self.until, other.until) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(one), Some(other)) => one > other,
        }
    }
}

impl Search<'_> {
    fn limit(&self) -> i64 {
        self.window.limit.into()
    }

    fn skip(&self) -> i64 {
        i64::try_from(self.window.skip).unwrap_or(i64::MAX)
    }

    /// The window of all approved profiles.
    async fn all(&self) -> Result<Vec<StoredProfileSummary>, StoreError> {
        let (skip, limit) = (self.skip(), self.limit());
        alone!(
            self.connections,
            fetch_all,
            sqlx::query_as!(
                StoredProfileSummary,
                "SELECT p.id, p.ord, p.age, p.location, p.tags, p.details FROM (SELECT * FROM (SELECT ord, profile_id \
                 FROM profile_terms WHERE term = '' ORDER BY ord, profile_id OFFSET $1 LIMIT $2) w LIMIT 1000) w \
                 CROSS JOIN LATERAL (SELECT * FROM profiles WHERE id = w.profile_id OFFSET 0) p \
                 ORDER BY w.ord, w.profile_id",
                skip,
                limit,
            )
        )
    }

    /// The window of matches among the first profiles, as far as they are complete.
    async fn glance(&self) -> Result<Vec<StoredProfileSummary>, StoreError> {
        let (asked, skip, limit) = (self.asked, self.skip(), self.limit());
        alone!(
            self.connections,
            fetch_all,
            fitting!(
                query_as[StoredProfileSummary],
                asked,
                "SELECT p.id, p.ord, p.age, p.location, p.tags, p.details FROM (SELECT ord, profile_id FROM \
                 (SELECT * FROM profile_terms WHERE term = '' ORDER BY ord, profile_id LIMIT 500) first WHERE ",
                ") w CROSS JOIN LATERAL (SELECT * FROM profiles WHERE id = w.profile_id AND terms && $11::text[] \
                 AND terms && $12::text[] AND terms && $13::text[] AND terms && $14::text[] OFFSET 0) p \
                 ORDER BY w.ord, w.profile_id OFFSET $15 LIMIT $16",
                &asked.any_of[0],
                &asked.any_of[1],
                &asked.any_of[2],
                &asked.any_of[3],
                skip,
                limit
            )
        )
    }

    async fn walk(&self) -> Result<Vec<StoredProfileSummary>, StoreError> {
        let end = usize::try_from(self.window.skip.saturating_add(self.window.limit.into())).unwrap_or(usize::MAX);
        let mut wanted = end.saturating_add(SPARE);
        let (mut candidates, mut place) = (Vec::new(), BEGIN);
        let (mut at, mut stretch, mut walked) = (0, FIRST_STRETCH, 0);
        let mut lists = self.asked.lists.as_slice();
        loop {
            let seen = self.stretch(lists, place, stretch, wanted - candidates.len()).await?;
            let Some((farthest, best)) = Seen::farthest(seen) else { return Ok(Vec::new()) };
            at += farthest;
            candidates.extend_from_slice(&best.candidates);
            let Some(until) = best.until else { return self.fetch(&candidates).await };
            if candidates.len() >= wanted {
                let found = self.fetch(&candidates).await?;
                if found.len() == self.window.limit as usize {
                    return Ok(found);
                }
                wanted = candidates.len() + self.window.limit as usize - found.len() + SPARE;
            }
            walked += usize::try_from(stretch).unwrap_or(usize::MAX);
            if candidates.len() * THINNEST < walked {
                return self.gather(at).await;
            }
            (lists, place, stretch) = (&self.asked.lists[at..=at], until, (stretch * 2).min(LONGEST_STRETCH));
        }
    }

    /// Walks a number of rows of each list from a place, with a limit of candidates per term.
    async fn stretch(
        &self,
        lists: &[Vec<String>],
        behind: Place,
        stretch: i32,
        most: usize,
    ) -> Result<Vec<Seen>, StoreError> {
        let asked = self.asked;
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let (mut terms, mut lengths) = (Vec::new(), Vec::new());
        for list in lists {
            let share = i32::try_from(list.len()).unwrap_or(i32::MAX).max(1);
            lengths.extend(list.iter().map(|_| (stretch / share).max(SHORTEST_STRETCH)));
            terms.extend_from_slice(list);
        }
        let (terms, lengths) = (terms.as_slice(), lengths.as_slice());
        let rows = alone!(
            self.connections,
            fetch_all,
            fitting!(
                query[],
                asked,
                "SELECT walked.last_ord, walked.last_id, walked.ords, walked.ids FROM \
                 unnest($11::text[], $12::integer[]) WITH ORDINALITY AS list (term, length, number) \
                 CROSS JOIN LATERAL (SELECT (array_agg(ord))[length] AS last_ord, \
                 (array_agg(profile_id))[length] AS last_id, (array_agg(ord) FILTER (WHERE fits))[:$15] AS ords, \
                 (array_agg(profile_id) FILTER (WHERE fits))[:$15] AS ids FROM (SELECT ord, profile_id, (",
                ") AS fits FROM (SELECT * FROM profile_terms WHERE term = list.term AND (ord, profile_id) > ($13, $14) \
                 ORDER BY ord, profile_id LIMIT 8000) longest LIMIT length) stretch) walked ORDER BY list.number",
                terms,
                lengths,
                behind.0,
                behind.1,
                most
            )
        )?;
        let mut seen = rows.into_iter().map(|row| {
            let candidates: Vec<Place> =
                row.ords.unwrap_or_default().into_iter().zip(row.ids.unwrap_or_default()).collect();
            let is_cut = i32::try_from(candidates.len()).is_ok_and(|found| found >= most);
            let until = if is_cut { candidates.last().copied() } else { row.last_ord.zip(row.last_id) };
            Seen { until, candidates }
        });
        let of_list = |list: &Vec<String>| Seen::together(seen.by_ref().take(list.len()));
        Ok(lists.iter().map(of_list).collect())
    }

    /// The window of matches among candidates.
    async fn fetch(&self, candidates: &[Place]) -> Result<Vec<StoredProfileSummary>, StoreError> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = candidates.iter().map(|(_, id)| *id).collect();
        let (asked, ids, skip, limit) = (self.asked, ids.as_slice(), self.skip(), self.limit());
        // The terms come after the ids, so that the planner does not use their index.
        alone!(
            self.connections,
            fetch_all,
            sqlx::query_as!(
                StoredProfileSummary,
                "SELECT id, ord, age, location, tags, details FROM (SELECT * FROM profiles WHERE id = ANY($1) OFFSET 0) p \
                 WHERE coalesce(age, (-1)::smallint) BETWEEN $2 AND $3 AND terms && $4::text[] AND terms && $5::text[] \
                 AND terms && $6::text[] AND terms && $7::text[] ORDER BY ord, id OFFSET $8 LIMIT $9",
                ids,
                asked.ages.0,
                asked.ages.1,
                &asked.any_of[0],
                &asked.any_of[1],
                &asked.any_of[2],
                &asked.any_of[3],
                skip,
                limit
            )
        )
    }

    /// The window of matches by the inverted index of all terms. It uses the ages only if they are sparsest.
    async fn gather(&self, sparsest: usize) -> Result<Vec<StoredProfileSummary>, StoreError> {
        let (asked, skip, limit) = (self.asked, self.skip(), self.limit());
        // The tags of up to four facets; the sparsest again for a facet that is not requested.
        let list = |at| asked.lists.get(at).filter(|_| at < asked.facets).unwrap_or(&asked.lists[sparsest]).as_slice();
        let lists = [list(0), list(1), list(2), list(3), asked.lists[sparsest].as_slice()];
        // The planner takes hidden values for rare, so it never reads all profiles instead.
        alone!(
            self.connections,
            fetch_all,
            sqlx::query_as!(
                StoredProfileSummary,
                "SELECT id, ord, age, location, tags, details FROM profiles WHERE terms && (SELECT $1::text[]) \
                 AND terms && (SELECT $2::text[]) AND terms && (SELECT $3::text[]) AND terms && (SELECT $4::text[]) \
                 AND terms && (SELECT $5::text[]) AND coalesce(age, (-1)::smallint) BETWEEN $6 AND $7 \
                 ORDER BY ord, id OFFSET $8 LIMIT $9",
                lists[0],
                lists[1],
                lists[2],
                lists[3],
                lists[4],
                asked.ages.0,
                asked.ages.1,
                skip,
                limit
            )
        )
    }
}
