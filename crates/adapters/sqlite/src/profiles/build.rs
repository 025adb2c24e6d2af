//! The search index of many profiles that are written at once into an empty table: built in memory, a chunk of slots at a time. To
//! add them one by one would rewrite a set for each tag and an array for each age.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use super::{
    index::{Indexed, STRETCH, Stretch, store},
    sets::{CHUNK, Chunk, NO_AGE, place},
};

/// The chunk that is being built.
#[derive(Default)]
pub(crate) struct IndexBuild {
    number: u32,
    tags: BTreeMap<(&'static str, String), Chunk>,
    /// Empty as long as the chunk has no approved profile.
    ages: Vec<u8>,
}

impl IndexBuild {
    /// Adds an approved profile. Slots must ascend.
    pub(super) async fn add(&mut self, connection: &mut SqliteConnection, profile: &Indexed) -> sqlx::Result<()> {
        let (number, at) = place(profile.slot);
        if number != self.number {
            self.write(connection).await?;
            self.number = number;
        }
        for tag in &profile.tags {
            self.tags.entry(tag.clone()).or_insert_with(Chunk::empty).set(at, true);
        }
        self.ages.resize(CHUNK as usize, NO_AGE);
        if let Some(age) = self.ages.get_mut(at) {
            *age = profile.age;
        }
        Ok(())
    }

    /// Writes the last chunk, and the list of all approved profiles.
    pub(super) async fn finish(mut self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        self.write(connection).await?;
        write_list(connection).await
    }

    async fn write(&mut self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        if self.ages.is_empty() {
            return Ok(());
        }
        let (number, ages) = (self.number, std::mem::take(&mut self.ages));
        sqlx::query!("INSERT INTO profile_ages (chunk, ages) VALUES (?, ?)", number, ages)
            .execute(&mut *connection)
            .await?;
        for ((facet, tag), chunk) in std::mem::take(&mut self.tags) {
            let slots = chunk.stored();
            sqlx::query!(
                "INSERT INTO profile_tags (facet, tag, chunk, slots) VALUES (?, ?, ?, ?)",
                facet,
                tag,
                number,
                slots
            )
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }
}

/// Writes the order of the approved profiles, a full stretch at a time. The first stretch is there already, and is empty.
async fn write_list(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let most = u32::try_from(STRETCH).unwrap_or(u32::MAX);
    let (mut ord, mut id) = (i64::from(i32::MIN) - 1, Vec::new());
    loop {
        let is_first = id.is_empty();
        let rows = sqlx::query!(
            r#"SELECT slot AS "slot: u32", ord, id FROM profiles
            WHERE state = 'approved' AND (ord, id) > (?, ?) ORDER BY ord, id LIMIT ?"#,
            ord,
            id,
            most
        )
        .fetch_all(&mut *connection)
        .await?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let slots = rows.iter().flat_map(|row| row.slot.to_le_bytes()).collect();
        let begin = if is_first { (ord, Vec::new()) } else { (first.ord, first.id.clone()) };
        (ord, id) = (last.ord, last.id.clone());
        store(connection, &Stretch { ord: begin.0, id: begin.1, slots }).await?;
    }
}
