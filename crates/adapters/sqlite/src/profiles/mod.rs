//! Profiles in SQLite.

mod build;
mod index;
mod near;
mod search;
mod sets;

use async_trait::async_trait;
use sqlx::{Connection, SqliteConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    Profile, ProfileId,
    profile::{ProfileChange, ProfileFilter, ProfileState},
};
use vestibule_ports::{
    Around, CountedProfiles, NearProfile, Page, ProfileSummary, ProfileWindow, Profiles, ReadProfiles, StoreError,
    stored::{StoredProfile, StoredProfileChange, StoredProfileSummary, micros, readable, readable_all, readable_page},
};

pub(crate) use self::build::IndexBuild;
use self::index::Indexed;
use crate::{
    columns::{as_json, columns, insert, select, update},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// The most changes of a page.
const PAGE_LIMIT: u32 = 1000;

/// A row of `profiles`.
type ProfileRow = StoredProfile<i64>;
/// A row of `profile_changes`.
type ChangeRow = StoredProfileChange<i64>;

/// Reads whole rows: what comes before and after the columns.
macro_rules! profiles {
    ($head:literal, $tail:literal $(, $argument:expr)*) => {
        columns!(profiles select [ProfileRow, $head " id AS \"id: Uuid\"", $tail $(, $argument)*])
    };
}

async fn of_id(connection: &mut SqliteConnection, id: ProfileId) -> sqlx::Result<Option<ProfileRow>> {
    let id = id.uuid();
    profiles!("SELECT", " FROM profiles WHERE id = ?", id).fetch_optional(connection).await
}

/// The profiles of a window of a state, and their total.
async fn listed(
    connection: &mut SqliteConnection,
    state: ProfileState,
    window: ProfileWindow,
) -> sqlx::Result<(Vec<ProfileRow>, i64)> {
    let state = state.as_str();
    let (limit, skip) = (window.limit.min(ProfileWindow::MOST), i64::try_from(window.skip).unwrap_or(i64::MAX));
    let mut snapshot = connection.begin().await?;
    let total = sqlx::query_scalar!("SELECT profiles FROM profile_tally WHERE state = ?", state)
        .fetch_optional(&mut *snapshot)
        .await?;
    let rows =
        profiles!("SELECT", " FROM profiles WHERE state = ? ORDER BY ord, id LIMIT ? OFFSET ?", state, limit, skip)
            .fetch_all(&mut *snapshot)
            .await?;
    snapshot.commit().await?;
    Ok((rows, total.unwrap_or_default()))
}

#[async_trait]
impl ReadProfiles for SqliteStore {
    async fn find(&self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        let mut reader = self.reader().await?;
        let row = of_id(&mut reader, id).await.map_err(|error| reader.failed(error))?;
        row.map(Profile::try_from).transpose()
    }

    async fn find_many(&self, ids: &[ProfileId]) -> Result<Vec<Profile>, StoreError> {
        let ids = as_json(ids.iter().map(|id| id.uuid()));
        let mut reader = self.reader().await?;
        let rows = profiles!("SELECT", " FROM profiles WHERE id IN (SELECT unhex(value) FROM json_each(?))", ids)
            .fetch_all(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }

    async fn list(&self, state: ProfileState, window: ProfileWindow) -> Result<CountedProfiles, StoreError> {
        let mut reader = self.reader().await?;
        let (rows, total) = listed(&mut reader, state, window).await.map_err(|error| reader.failed(error))?;
        Ok(CountedProfiles { profiles: readable_all(rows), total: u64::try_from(total).unwrap_or_default() })
    }

    async fn search(&self, filter: &ProfileFilter, window: ProfileWindow) -> Result<Vec<ProfileSummary>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = search::search(&mut reader, filter, window).await.map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }

    async fn near(
        &self,
        around: Around,
        filter: &ProfileFilter,
        window: ProfileWindow,
    ) -> Result<Vec<NearProfile>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = near::near(&mut reader, around, filter, window).await.map_err(|error| reader.failed(error))?;
        let near = |(row, distance_km)| Some(NearProfile { profile: readable(row)?, distance_km });
        Ok(rows.into_iter().filter_map(near).collect())
    }

    async fn history(&self, id: ProfileId, below: Option<u64>, limit: u32) -> Result<Page<ProfileChange>, StoreError> {
        let (id, limit) = (id.uuid(), limit.min(PAGE_LIMIT));
        let (mut below, more) = (below.map_or(i64::MAX, |below| i64::try_from(below).unwrap_or(i64::MAX)), limit + 1);
        let mut reader = self.reader().await?;
        loop {
            let rows = columns!(profile_changes select [
                ChangeRow,
                "SELECT profile_id AS \"profile_id: Uuid\", number AS \"number!\"",
                " FROM profile_changes WHERE profile_id = ? AND number < ? ORDER BY number DESC LIMIT ?",
                id,
                below,
                more
            ])
            .fetch_all(&mut *reader)
            .await
            .map_err(|error| reader.failed(error))?;
            if let Some(page) = readable_page(rows, limit, &mut below, |row: &ChangeRow| row.number) {
                return Ok(page);
            }
        }
    }
}

impl SqliteUnit {
    /// A profile's index entry, if it is approved; `None` without a profile.
    async fn indexed(&mut self, id: ProfileId) -> Result<Option<Option<Indexed>>, StoreError> {
        let id = id.uuid();
        let row = sqlx::query!(
            r#"SELECT slot AS "slot: u32", state, ord AS "ord: i32", age AS "age: i16", location, tags, details
            FROM profiles WHERE id = ?"#,
            id
        )
        .fetch_optional(self.connection())
        .await
        .map_err(|error| self.failed(error))?;
        let Some(row) = row else { return Ok(None) };
        if row.state != ProfileState::Approved.as_str() {
            return Ok(Some(None));
        }
        let (age, location, tags, details) = (row.age, row.location, row.tags, row.details);
        let summary = StoredProfileSummary { id, ord: row.ord, age, location, tags, details };
        let details = ProfileSummary::try_from(summary)?.details;
        Ok(Some(Some(Indexed::new(row.slot, row.ord, id, &details))))
    }

    /// Writes a row as it is, and adds it to the index that is being built.
    pub(crate) async fn restore_profile(&mut self, row: ProfileRow, index: &mut IndexBuild) -> Result<(), StoreError> {
        let profile = Profile::try_from(row.clone())?;
        let slot = self.insert_row(&row).await?;
        if profile.is_public() {
            let indexed = Indexed::new(slot, row.ord, row.id, &profile.record().details);
            index.add(self.connection(), &indexed).await.map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    /// Writes what is left of an index that was built.
    pub(crate) async fn finish_index(&mut self, index: IndexBuild) -> Result<(), StoreError> {
        index.finish(self.connection()).await.map_err(|error| self.failed(error))
    }

    /// Writes a row and returns its slot.
    async fn insert_row(&mut self, row: &ProfileRow) -> Result<u32, StoreError> {
        let statement = columns!(profiles insert [
            row (id),
            "INSERT INTO profiles (id",
            ") VALUES (?1",
            ") RETURNING slot AS \"slot: u32\""
        ]);
        Ok(statement.fetch_one(self.connection()).await.map_err(|error| self.failed(error))?.slot)
    }

    async fn reindex(&mut self, before: Option<&Indexed>, now: &Profile, slot: u32) -> Result<(), StoreError> {
        let record = now.record();
        let known = Indexed::new(slot, record.order, record.id.uuid(), &record.details);
        let known = now.is_public().then_some(&known);
        index::update(self.connection(), before, known).await.map_err(|error| self.failed(error))
    }
}

#[async_trait]
impl Profiles for SqliteUnit {
    async fn find_for_update(&mut self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        of_id(self.connection(), id).await.map_err(|error| self.failed(error))?.map(Profile::try_from).transpose()
    }

    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError> {
        let slot = self.insert_row(&profile.into()).await?;
        self.reindex(None, profile, slot).await
    }

    async fn replace(&mut self, profile: &Profile, changes: &[ProfileChange]) -> Result<(), StoreError> {
        let missing = || StoreError::Failed("there is no such profile".into());
        let before = self.indexed(profile.id()).await?.ok_or_else(missing)?;
        let row = ProfileRow::from(profile);
        let statement = columns!(profiles update [
            row (id),
            "UPDATE profiles SET ",
            "WHERE id = ?1 RETURNING slot AS \"slot: u32\""
        ]);
        let slot = statement.fetch_one(self.connection()).await.map_err(|error| self.failed(error))?.slot;
        for change in changes {
            let row = ChangeRow::from((profile.id(), change));
            let statement = columns!(profile_changes insert [
                row (profile_id, number),
                "INSERT INTO profile_changes (profile_id, number",
                ") VALUES (?1, ?2",
                ")"
            ]);
            self.execute(statement).await?;
        }
        self.reindex(before.as_ref(), profile, slot).await
    }

    async fn remove(&mut self, id: ProfileId) -> Result<(), StoreError> {
        let before = self.indexed(id).await?.flatten();
        let id = id.uuid();
        let statement = sqlx::query!("DELETE FROM profiles WHERE id = ?", id);
        self.execute(statement).await?;
        index::update(self.connection(), before.as_ref(), None).await.map_err(|error| self.failed(error))
    }

    async fn remove_stale(&mut self, made_before: OffsetDateTime, limit: u32) -> Result<Vec<Profile>, StoreError> {
        let made_before = micros(made_before);
        // They are not approved, so the index does not have them.
        let statement = profiles!(
            "DELETE FROM profiles WHERE slot IN (
                SELECT slot FROM profiles WHERE author IS NULL AND state <> 'approved' AND created_at < ?
                ORDER BY created_at, id LIMIT ?
            ) RETURNING",
            "",
            made_before,
            limit
        );
        let rows = statement.fetch_all(self.connection()).await.map_err(|error| self.failed(error))?;
        let mut removed: Vec<Profile> = readable_all(rows);
        removed.sort_by_key(|profile| (profile.record().created_at, profile.id()));
        Ok(removed)
    }
}
