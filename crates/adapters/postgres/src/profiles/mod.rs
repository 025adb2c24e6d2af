//! Profiles: their rows here, searches by terms and places in files of their own.

mod near;
mod restore;
mod search;
mod terms;

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    Profile, ProfileId,
    profile::{ProfileChange, ProfileFilter, ProfileState},
};
use vestibule_ports::{
    Around, CountedProfiles, NearProfile, Page, ProfileSummary, ProfileWindow, Profiles, ReadProfiles, StoreError,
    stored::{StoredProfile, StoredProfileChange, readable_all, readable_page},
};

use self::terms::Indexed;
use crate::{
    columns::{columns, select},
    connections::alone,
    store::{PostgresStore, count},
    unit::PostgresUnit,
};

/// The most changes of a page.
const MAX_PAGE: u32 = 1000;

/// A row of `profiles`.
type ProfileRow = StoredProfile<OffsetDateTime>;

/// A row of `profile_changes`.
type ChangeRow = StoredProfileChange<OffsetDateTime>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_profiles {
    ($($tail:literal)+ $(, $argument:expr)*) => {
        columns!(profiles select [ProfileRow, "SELECT id", " FROM profiles " $($tail)+ $(, $argument)*])
    };
}

/// Writes a row with its terms.
macro_rules! insert_profile {
    ([$row:ident, $terms:expr] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query!(
            "INSERT INTO profiles (id, terms" $(+ ", " + $name)* + ") VALUES ($1, $2" $(+ ", " + $place)* + ")",
            $row.id, $terms $(, $row.$field)*
        )
    };
}

/// Updates every column of a row except its key.
macro_rules! update_profile {
    ([$row:ident, $terms:expr] $($field:ident $mark:tt $name:literal $place:literal)*) => {
        sqlx::query!(
            "UPDATE profiles SET (terms" $(+ ", " + $name)* + ") = ($2" $(+ ", " + $place)* + ") WHERE id = $1",
            $row.id, $terms $(, $row.$field)*
        )
    };
}

#[async_trait]
impl ReadProfiles for PostgresStore {
    async fn find(&self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        let row = alone!(self.connections, fetch_optional, select_profiles!("WHERE id = $1", id.uuid()))?;
        row.map(Profile::try_from).transpose()
    }

    async fn find_many(&self, ids: &[ProfileId]) -> Result<Vec<Profile>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let ids = ids.as_slice();
        let rows = alone!(self.connections, fetch_all, select_profiles!("WHERE id = ANY($1)", ids))?;
        Ok(readable_all(rows))
    }

    async fn list(&self, state: ProfileState, window: ProfileWindow) -> Result<CountedProfiles, StoreError> {
        let (state, limit) = (state.as_str(), i64::from(window.limit.min(ProfileWindow::MOST)));
        let skip = i64::try_from(window.skip).unwrap_or(i64::MAX);
        let total = count(alone!(
            self.connections,
            fetch_one,
            sqlx::query_scalar!(
                r#"SELECT coalesce(sum(number), 0)::bigint AS "total!" FROM profile_counts WHERE state = $1"#,
                state,
            )
        )?);
        if limit == 0 || window.skip >= total {
            return Ok(CountedProfiles { profiles: Vec::new(), total });
        }
        // Skipped rows are read from the index alone. The second limit tells the planner how few rows are left.
        let rows = alone!(
            self.connections,
            fetch_all,
            select_profiles!(
                "p JOIN (SELECT listed FROM (SELECT id AS listed FROM profiles WHERE state = $1 \
                 ORDER BY state, ord, id OFFSET $2 LIMIT $3) w LIMIT 1000) l ON p.id = l.listed ORDER BY ord, id",
                state,
                skip,
                limit
            )
        )?;
        Ok(CountedProfiles { profiles: readable_all(rows), total })
    }

    async fn search(&self, filter: &ProfileFilter, window: ProfileWindow) -> Result<Vec<ProfileSummary>, StoreError> {
        Ok(readable_all(search::search(&self.connections, filter, window).await?))
    }

    async fn near(
        &self,
        around: Around,
        filter: &ProfileFilter,
        window: ProfileWindow,
    ) -> Result<Vec<NearProfile>, StoreError> {
        near::near(&self.connections, around, filter, window).await
    }

    async fn history(&self, id: ProfileId, below: Option<u64>, limit: u32) -> Result<Page<ProfileChange>, StoreError> {
        let (id, limit) = (id.uuid(), limit.min(MAX_PAGE));
        let mut below = below.map_or(i64::MAX, |below| i64::try_from(below).unwrap_or(i64::MAX));
        let one_more = i64::from(limit) + 1;
        loop {
            let rows = alone!(
                self.connections,
                fetch_all,
                sqlx::query_as!(
                    ChangeRow,
                    "SELECT profile_id, number, part, message_id, old_value, new_value, actor, actor_id, at \
                 FROM profile_changes WHERE profile_id = $1 AND number < $2 \
                 ORDER BY profile_id DESC, number DESC LIMIT $3",
                    id,
                    below,
                    one_more,
                )
            )?;
            if let Some(page) = readable_page(rows, limit, &mut below, |row: &ChangeRow| row.number) {
                return Ok(page);
            }
        }
    }
}

#[async_trait]
impl Profiles for PostgresUnit {
    async fn find_for_update(&mut self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        let outcome =
            select_profiles!("WHERE id = $1 FOR UPDATE", id.uuid()).fetch_optional(&mut *self.transaction).await;
        self.checked(outcome)?.map(Profile::try_from).transpose()
    }

    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError> {
        let (row, indexed) = (ProfileRow::from(profile), Indexed::of(profile));
        self.execute(columns!(profiles insert_profile [row, &indexed.terms])).await?;
        self.index(&row, &indexed).await?;
        self.tally(&row.state, 1).await
    }

    async fn replace(&mut self, profile: &Profile, changes: &[ProfileChange]) -> Result<(), StoreError> {
        let (row, indexed) = (ProfileRow::from(profile), Indexed::of(profile));
        let outcome = sqlx::query!("SELECT state, ord, terms FROM profiles WHERE id = $1", row.id)
            .fetch_optional(&mut *self.transaction)
            .await;
        let Some(before) = self.checked(outcome)? else {
            return Err(StoreError::Failed("there is no such profile".into()));
        };
        let is_indexed_anew = (before.ord, &before.terms) != (row.ord, &indexed.terms);
        if is_indexed_anew {
            self.unindex(row.id).await?;
        }
        self.execute(columns!(profiles update_profile [row, &indexed.terms])).await?;
        if is_indexed_anew {
            self.index(&row, &indexed).await?;
        }
        if before.state != row.state {
            self.tally(&before.state, -1).await?;
            self.tally(&row.state, 1).await?;
        }
        self.add_changes(profile.id(), changes).await
    }

    async fn remove(&mut self, id: ProfileId) -> Result<(), StoreError> {
        self.unindex(id.uuid()).await?;
        let outcome = sqlx::query_scalar!("DELETE FROM profiles WHERE id = $1 RETURNING state", id.uuid())
            .fetch_optional(&mut *self.transaction)
            .await;
        match self.checked(outcome)? {
            Some(state) => self.tally(&state, -1).await,
            None => Ok(()),
        }
    }

    async fn remove_stale(&mut self, made_before: OffsetDateTime, limit: u32) -> Result<Vec<Profile>, StoreError> {
        // Rows that another unit has locked are left for the next call; one that was approved meanwhile is seen as such and
        // stays. An unapproved profile has no terms.
        let outcome = columns!(profiles select [
            ProfileRow,
            "WITH stale AS MATERIALIZED (SELECT id AS stale_id FROM profiles \
             WHERE author IS NULL AND state <> 'approved' AND created_at < $1 \
             ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) \
             DELETE FROM profiles USING stale WHERE id = stale_id RETURNING id",
            "",
            made_before,
            i64::from(limit)
        ])
        .fetch_all(&mut *self.transaction)
        .await;
        let mut rows = self.checked(outcome)?;
        rows.sort_by_key(|row| (row.created_at, row.id));
        for state in ProfileState::ALL.map(ProfileState::as_str) {
            let removed = rows.iter().filter(|row| row.state == state).count();
            if removed > 0 {
                self.tally(state, -i64::try_from(removed).unwrap_or(i64::MAX)).await?;
            }
        }
        Ok(readable_all(rows))
    }
}

impl PostgresUnit {
    /// Adds a profile's terms, so that searches find it.
    async fn index(&mut self, row: &ProfileRow, indexed: &Indexed) -> Result<(), StoreError> {
        if indexed.terms.is_empty() {
            return Ok(());
        }
        let [position, looking, tribes, ethnicities] = indexed.bits;
        let statement = sqlx::query!(
            "INSERT INTO profile_terms (term, ord, profile_id, age, position_bits, looking_bits, tribes_bits, \
             ethnicities_bits) SELECT term, $2, $3, $4, $5, $6, $7, $8 FROM unnest($1::text[]) term",
            &indexed.terms,
            row.ord,
            row.id,
            indexed.age,
            position,
            looking,
            tribes,
            ethnicities,
        );
        self.execute(statement).await.map(drop)
    }

    /// Removes a profile's terms, so that searches do not find it.
    async fn unindex(&mut self, id: Uuid) -> Result<(), StoreError> {
        let statement = sqlx::query!(
            "DELETE FROM profile_terms t USING (SELECT unnest(terms) AS term, ord FROM profiles WHERE id = $1) old \
             WHERE t.term = old.term AND t.ord = old.ord AND t.profile_id = $1",
            id,
        );
        self.execute(statement).await.map(drop)
    }

    /// Adds to the number of profiles in a state without waiting for another unit: in a row that no unit has locked, or in
    /// a new row. Two units pick the same new slot with a chance of one in two billion.
    async fn tally(&mut self, state: &str, more: i64) -> Result<(), StoreError> {
        let statement = sqlx::query!(
            "INSERT INTO profile_counts AS counted (state, slot, number) VALUES ($1, coalesce( \
             (SELECT slot FROM profile_counts WHERE state = $1 LIMIT 1 FOR UPDATE SKIP LOCKED), \
             floor(random() * 2147483647)::integer), $2) \
             ON CONFLICT (state, slot) DO UPDATE SET number = counted.number + excluded.number",
            state,
            more,
        );
        self.execute(statement).await.map(drop)
    }

    async fn add_changes(&mut self, id: ProfileId, changes: &[ProfileChange]) -> Result<(), StoreError> {
        for change in changes {
            let row = ChangeRow::from((id, change));
            let statement = sqlx::query!(
                "INSERT INTO profile_changes (profile_id, number, part, message_id, old_value, new_value, actor, \
                 actor_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                row.profile_id,
                row.number,
                row.part,
                row.message_id,
                row.old_value,
                row.new_value,
                row.actor,
                row.actor_id,
                row.at,
            );
            self.execute(statement).await?;
        }
        Ok(())
    }
}
