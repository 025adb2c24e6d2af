//! Searches for approved profiles: the sets of all requested terms are combined, and the matches are met on a walk along
//! the list. The cost does not depend on how often tags occur together or where in the list they are.

use std::collections::HashMap;

use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;
use vestibule_domain::profile::{Age, ProfileFilter};
use vestibule_ports::{ProfileWindow, stored::StoredProfileSummary};

use super::sets::{SlotSet, corrupt};

/// Up to this many profiles, it is cheaper to sort them than to meet them on a walk.
const FEW: usize = 128;
/// The most stretches of the list that are read at once.
const STRETCHES: u32 = 32;

/// A window of the matching profiles, in their order.
pub(super) async fn search(
    connection: &mut SqliteConnection,
    filter: &ProfileFilter,
    window: ProfileWindow,
) -> sqlx::Result<Vec<StoredProfileSummary>> {
    let mut snapshot = connection.begin().await?;
    let fitting = fitting(&mut snapshot, filter).await?;
    let slots = match &fitting {
        Some(fitting) if fitting.count() <= FEW => sorted(&mut snapshot, fitting, window).await?,
        fitting => walked(&mut snapshot, fitting.as_ref(), window).await?,
    };
    let mut found = summaries(&mut snapshot, &slots).await?;
    snapshot.commit().await?;
    Ok(slots.into_iter().filter_map(|slot| found.remove(&slot)).collect())
}

/// The slots of the matching approved profiles; none if all match.
pub(super) async fn fitting(
    connection: &mut SqliteConnection,
    filter: &ProfileFilter,
) -> sqlx::Result<Option<SlotSet>> {
    if filter.is_void() {
        return Ok(Some(SlotSet::default()));
    }
    let mut fitting = tagged(connection, filter).await?;
    if filter.min_age.is_none() && filter.max_age.is_none() {
        return Ok(fitting);
    }
    let ages = filter.min_age.map_or(0, Age::years)..=filter.max_age.map_or(Age::MAX, Age::years);
    let chunks = match &fitting {
        None => sqlx::query!(r#"SELECT chunk AS "chunk: u32", ages FROM profile_ages"#)
            .fetch_all(connection)
            .await?
            .into_iter()
            .map(|row| (row.chunk, row.ages))
            .collect::<Vec<_>>(),
        Some(fitting) => {
            let numbers = format!("{:?}", fitting.chunks().collect::<Vec<_>>());
            sqlx::query!(
                r#"SELECT chunk AS "chunk: u32", ages FROM profile_ages
                WHERE chunk IN (SELECT value FROM json_each(?))"#,
                numbers
            )
            .fetch_all(connection)
            .await?
            .into_iter()
            .map(|row| (row.chunk, row.ages))
            .collect()
        }
    };
    let is_all = fitting.is_none();
    let set = fitting.get_or_insert_default();
    for (chunk, stored) in chunks {
        if is_all {
            set.add_all(chunk);
        }
        set.retain_ages(chunk, &stored, &ages)?;
    }
    Ok(fitting)
}

/// Those with any tag of each requested facet; none if no facet is requested.
async fn tagged(connection: &mut SqliteConnection, filter: &ProfileFilter) -> sqlx::Result<Option<SlotSet>> {
    let facets: Vec<_> = filter.asked().collect();
    if facets.is_empty() {
        return Ok(None);
    }
    let asked: Vec<_> = (0..)
        .zip(&facets)
        .flat_map(|(number, (facet, tags)): (u32, _)| {
            tags.iter().map(move |tag| (facet.as_str(), tag.as_str(), number))
        })
        .collect();
    let asked = serde_json::json!(asked).to_string();
    let rows = sqlx::query!(
        r#"SELECT asked.value ->> 2 AS "facet!: u32", chunk AS "chunk!: u32", slots AS "slots!"
        FROM json_each(?) AS asked CROSS JOIN profile_tags
            ON facet = asked.value ->> 0 AND tag = asked.value ->> 1"#,
        asked
    )
    .fetch_all(connection)
    .await?;
    let mut sets: Vec<_> = facets.iter().map(|_| SlotSet::default()).collect();
    for row in rows {
        sets.get_mut(row.facet as usize).ok_or_else(corrupt)?.add(row.chunk, &row.slots)?;
    }
    Ok(sets.into_iter().reduce(|mut all, set| {
        all.intersect(&set);
        all
    }))
}

/// A window of few profiles, which are sorted.
async fn sorted(connection: &mut SqliteConnection, fitting: &SlotSet, window: ProfileWindow) -> sqlx::Result<Vec<u32>> {
    let slots = as_list(fitting.slots());
    let (limit, skip) = (window.limit.min(ProfileWindow::MOST), i64::try_from(window.skip).unwrap_or(i64::MAX));
    sqlx::query_scalar!(
        r#"SELECT slot AS "slot: u32" FROM profiles WHERE slot IN (SELECT value FROM json_each(?))
        ORDER BY ord, id LIMIT ? OFFSET ?"#,
        slots,
        limit,
        skip
    )
    .fetch_all(connection)
    .await
}

/// A window of profiles met on a walk along the list; of all profiles without a set.
async fn walked(
    connection: &mut SqliteConnection,
    fitting: Option<&SlotSet>,
    window: ProfileWindow,
) -> sqlx::Result<Vec<u32>> {
    let most = window.limit.min(ProfileWindow::MOST) as usize;
    let (mut skip, mut found, mut at_once) = (window.skip, Vec::new(), 1);
    let (mut ord, mut id) = (i64::MIN, Vec::new());
    while found.len() < most {
        let stretches = sqlx::query!(
            "SELECT ord, id, slots FROM profile_order WHERE (ord, id) > (?, ?) ORDER BY ord, id LIMIT ?",
            ord,
            id,
            at_once
        )
        .fetch_all(&mut *connection)
        .await?;
        for stretch in &stretches {
            let slots = stretch.slots.as_chunks::<4>().0;
            if fitting.is_none() && slots.len() as u64 <= skip {
                skip -= slots.len() as u64;
                continue;
            }
            let slots = slots.iter().map(|slot| u32::from_le_bytes(*slot));
            for slot in slots.filter(|slot| fitting.is_none_or(|fitting| fitting.has(*slot))) {
                if skip > 0 {
                    skip -= 1;
                } else if found.len() < most {
                    found.push(slot);
                } else {
                    break;
                }
            }
        }
        let Some(last) = stretches.into_iter().next_back() else { break };
        (ord, id, at_once) = (last.ord, last.id, (at_once * 2).min(STRETCHES));
    }
    Ok(found)
}

/// The search results by slot.
pub(super) async fn summaries(
    connection: &mut SqliteConnection,
    slots: &[u32],
) -> sqlx::Result<HashMap<u32, StoredProfileSummary>> {
    if slots.is_empty() {
        return Ok(HashMap::new());
    }
    let slots = as_list(slots.iter().copied());
    let rows = sqlx::query!(
        r#"SELECT slot AS "slot: u32", id AS "id: Uuid", ord AS "ord: i32", age AS "age: i16", location, tags, details
        FROM profiles WHERE slot IN (SELECT value FROM json_each(?))"#,
        slots
    )
    .fetch_all(connection)
    .await?;
    let summaries = rows.into_iter().map(|row| {
        let summary = StoredProfileSummary {
            id: row.id,
            ord: row.ord,
            age: row.age,
            location: row.location,
            tags: row.tags,
            details: row.details,
        };
        (row.slot, summary)
    });
    Ok(summaries.collect())
}

/// Numbers as an argument of `json_each`.
pub(super) fn as_list(numbers: impl Iterator<Item = u32>) -> String {
    numbers.collect::<serde_json::Value>().to_string()
}
