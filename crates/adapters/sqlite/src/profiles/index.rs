//! The search index of approved profiles, kept up to date by the units that change them, one at a time.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;
use uuid::Uuid;
use vestibule_domain::profile::{Age, Details};

use super::sets::{CHUNK, Chunk, NO_AGE, corrupt, place};

/// The most slots of a stretch of the list.
pub(super) const STRETCH: usize = 2048;

/// The index entry of an approved profile.
pub(super) struct Indexed {
    pub(super) slot: u32,
    pub(super) ord: i32,
    pub(super) id: Uuid,
    pub(super) age: u8,
    /// Facets and tags.
    pub(super) tags: BTreeSet<(&'static str, String)>,
}

impl Indexed {
    pub(super) fn new(slot: u32, ord: i32, id: Uuid, details: &Details) -> Self {
        let tags = details
            .tags
            .iter()
            .flat_map(|(facet, tags)| tags.as_slice().iter().map(move |tag| (facet.as_str(), tag.as_str().to_owned())));
        Self { slot, ord, id, age: details.age.map_or(NO_AGE, Age::years), tags: tags.collect() }
    }
}

/// Replaces a profile's old index entry by its present one, if it is approved. The row is already stored.
pub(super) async fn update(
    connection: &mut SqliteConnection,
    before: Option<&Indexed>,
    now: Option<&Indexed>,
) -> sqlx::Result<()> {
    let Some(slot) = before.or(now).map(|profile| profile.slot) else { return Ok(()) };
    let none = BTreeSet::new();
    let tags = |profile: Option<&Indexed>| profile.map_or(&none, |profile| &profile.tags).clone();
    let (had, has) = (tags(before), tags(now));
    put_tags(connection, slot, had.difference(&has).collect(), false).await?;
    put_tags(connection, slot, has.difference(&had).collect(), true).await?;
    let age = |profile: Option<&Indexed>| profile.map_or(NO_AGE, |profile| profile.age);
    if age(before) != age(now) || before.is_none() {
        put_age(connection, slot, age(now)).await?;
    }
    let order = |profile: Option<&Indexed>| profile.map(|profile| profile.ord);
    if order(before) != order(now) {
        if let Some(before) = before {
            leave_list(connection, before).await?;
        }
        if let Some(now) = now {
            enter_list(connection, now).await?;
        }
    }
    Ok(())
}

/// Adds a slot to the sets of tags, or removes it.
async fn put_tags(
    connection: &mut SqliteConnection,
    slot: u32,
    tags: Vec<&(&str, String)>,
    is_in: bool,
) -> sqlx::Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let (number, at) = place(slot);
    let asked = serde_json::json!(tags).to_string();
    let stored = sqlx::query!(
        r#"SELECT asked.key + 0 AS "number!: i64", slots AS "slots?"
        FROM json_each(?) AS asked LEFT JOIN profile_tags
            ON facet = asked.value ->> 0 AND tag = asked.value ->> 1 AND chunk = ?"#,
        asked,
        number
    )
    .fetch_all(&mut *connection)
    .await?;
    let (mut kept, mut emptied) = (Vec::new(), Vec::new());
    for row in stored {
        let (facet, tag) = usize::try_from(row.number).ok().and_then(|number| tags.get(number)).ok_or_else(corrupt)?;
        let mut chunk = Chunk::empty();
        chunk.add(&row.slots.unwrap_or_default())?;
        chunk.set(at, is_in);
        match chunk.stored() {
            slots if slots.is_empty() => emptied.push((facet, tag)),
            slots => kept.push((facet, tag, hex(&slots))),
        }
    }
    if !kept.is_empty() {
        let kept = serde_json::json!(kept).to_string();
        sqlx::query!(
            "INSERT INTO profile_tags (facet, tag, chunk, slots)
            SELECT value ->> 0, value ->> 1, ?, unhex(value ->> 2) FROM json_each(?) WHERE true
            ON CONFLICT (facet, tag, chunk) DO UPDATE SET slots = excluded.slots",
            number,
            kept
        )
        .execute(&mut *connection)
        .await?;
    }
    for (facet, tag) in emptied {
        sqlx::query!("DELETE FROM profile_tags WHERE facet = ? AND tag = ? AND chunk = ?", facet, tag, number)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    digits.map(char::from).collect()
}

/// Records the age of a slot. A chunk exists if any of its slots ever had an approved profile.
async fn put_age(connection: &mut SqliteConnection, slot: u32, age: u8) -> sqlx::Result<()> {
    let (number, at) = place(slot);
    let stored = sqlx::query_scalar!("SELECT ages FROM profile_ages WHERE chunk = ?", number)
        .fetch_optional(&mut *connection)
        .await?;
    let is_new = stored.is_none();
    let mut ages = stored.unwrap_or_else(|| vec![NO_AGE; CHUNK as usize]);
    let noted = ages.get_mut(at).ok_or_else(corrupt)?;
    if *noted == age && !is_new {
        return Ok(());
    }
    *noted = age;
    sqlx::query!(
        "INSERT INTO profile_ages (chunk, ages) VALUES (?, ?) ON CONFLICT (chunk) DO UPDATE SET ages = excluded.ages",
        number,
        ages
    )
    .execute(connection)
    .await
    .map(drop)
}

/// A stretch of the list of approved profiles.
pub(super) struct Stretch {
    pub(super) ord: i64,
    pub(super) id: Vec<u8>,
    pub(super) slots: Vec<u8>,
}

/// The stretch that a profile is in or belongs in.
async fn stretch_of(connection: &mut SqliteConnection, profile: &Indexed) -> sqlx::Result<Stretch> {
    let Indexed { ord, id, .. } = profile;
    sqlx::query_as!(
        Stretch,
        "SELECT ord, id, slots FROM profile_order WHERE (ord, id) <= (?, ?) ORDER BY ord DESC, id DESC LIMIT 1",
        ord,
        id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn store(connection: &mut SqliteConnection, stretch: &Stretch) -> sqlx::Result<()> {
    let Stretch { ord, id, slots } = stretch;
    sqlx::query!(
        "INSERT INTO profile_order (ord, id, slots) VALUES (?, ?, ?)
        ON CONFLICT (ord, id) DO UPDATE SET slots = excluded.slots",
        ord,
        id,
        slots
    )
    .execute(connection)
    .await
    .map(drop)
}

async fn leave_list(connection: &mut SqliteConnection, profile: &Indexed) -> sqlx::Result<()> {
    let mut stretch = stretch_of(connection, profile).await?;
    let slots = stretch.slots.as_chunks::<4>().0;
    let at = slots.iter().position(|slot| u32::from_le_bytes(*slot) == profile.slot).ok_or_else(corrupt)?;
    stretch.slots.drain(at * 4..at * 4 + 4);
    // The first stretch begins before every profile, and stays.
    if stretch.slots.is_empty() && !stretch.id.is_empty() {
        let Stretch { ord, id, .. } = stretch;
        return sqlx::query!("DELETE FROM profile_order WHERE ord = ? AND id = ?", ord, id)
            .execute(connection)
            .await
            .map(drop);
    }
    store(connection, &stretch).await
}

/// Inserts a profile behind those before it, whose number comes from the index of approved profiles.
async fn enter_list(connection: &mut SqliteConnection, profile: &Indexed) -> sqlx::Result<()> {
    let mut stretch = stretch_of(connection, profile).await?;
    let Indexed { slot, ord, id, .. } = profile;
    let before = sqlx::query_scalar!(
        r#"SELECT count(*) AS "before!: i64" FROM profiles
        WHERE state = 'approved' AND (ord, id) >= (?, ?) AND (ord, id) < (?, ?)"#,
        stretch.ord,
        stretch.id,
        ord,
        id
    )
    .fetch_one(&mut *connection)
    .await?;
    let at = usize::try_from(before).map_or(usize::MAX, |before| before.saturating_mul(4));
    if at > stretch.slots.len() {
        return Err(corrupt());
    }
    let is_full = stretch.slots.len() >= STRETCH * 4;
    if is_full && at == stretch.slots.len() {
        // A list that grows at its end leaves full stretches behind.
        let next = Stretch { ord: i64::from(*ord), id: id.as_bytes().to_vec(), slots: slot.to_le_bytes().to_vec() };
        return store(connection, &next).await;
    }
    stretch.slots.splice(at..at, slot.to_le_bytes());
    if is_full {
        split(connection, &mut stretch).await?;
    }
    store(connection, &stretch).await
}

/// Splits off the second half of a stretch.
async fn split(connection: &mut SqliteConnection, stretch: &mut Stretch) -> sqlx::Result<()> {
    let slots = stretch.slots.split_off(STRETCH / 2 * 4);
    let first = slots.first_chunk().map(|slot| i64::from(u32::from_le_bytes(*slot))).ok_or_else(corrupt)?;
    let first = sqlx::query!("SELECT ord, id FROM profiles WHERE slot = ?", first).fetch_one(&mut *connection).await?;
    store(connection, &Stretch { ord: first.ord, id: first.id, slots }).await
}
