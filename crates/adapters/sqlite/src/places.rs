//! Places in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    PlaceId,
    place::{Place, PlaceName},
};
use vestibule_ports::{
    Places, ReadPlaces, StoreError, UniqueKey,
    stored::{StoredPlace, micros, readable_all},
};

use crate::{
    columns::{columns, insert, select, update},
    store::SqliteStore,
    unit::SqliteUnit,
};

/// The most places of a list.
const LIST_LIMIT: u32 = 1000;

/// A row of `places`.
type PlaceRow = StoredPlace<i64>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_places {
    ($tail:literal, $($argument:expr),+) => {
        columns!(places select [PlaceRow, "SELECT id AS \"id: Uuid\"", " FROM places " $tail, $($argument),+])
    };
}

async fn of_id(connection: &mut SqliteConnection, id: PlaceId) -> sqlx::Result<Option<PlaceRow>> {
    let id = id.uuid();
    select_places!("WHERE id = ?", id).fetch_optional(connection).await
}

#[async_trait]
impl ReadPlaces for SqliteStore {
    async fn find(&self, id: PlaceId) -> Result<Option<Place>, StoreError> {
        let mut reader = self.reader().await?;
        let row = of_id(&mut reader, id).await.map_err(|error| reader.failed(error))?;
        row.map(Place::try_from).transpose()
    }

    /// Steps from each location to the next greater one, past all profiles that share it. The queue of the recursion never
    /// has more than one location, so they come in order.
    async fn missing(&self, not_since: OffsetDateTime, limit: u32) -> Result<Vec<PlaceName>, StoreError> {
        let (not_since, limit) = (micros(not_since), limit.min(LIST_LIMIT));
        let mut reader = self.reader().await?;
        let names = sqlx::query_scalar!(
            r#"WITH RECURSIVE locations (name) AS (
                SELECT min(location) FROM profiles WHERE location IS NOT NULL
                UNION ALL
                SELECT (SELECT min(location) FROM profiles WHERE location > locations.name)
                FROM locations WHERE locations.name IS NOT NULL
            )
            SELECT locations.name AS "name!: String"
            FROM locations LEFT JOIN places ON places.name = locations.name
            WHERE locations.name IS NOT NULL
                AND (places.name IS NULL OR (places.latitude IS NULL AND places.at < ?))
            LIMIT ?"#,
            not_since,
            limit
        )
        .fetch_all(&mut *reader)
        .await
        .map_err(|error| reader.failed(error))?;
        // An unreadable location is logged with its profile.
        Ok(names.iter().filter_map(|name| PlaceName::parse(name).ok()).collect())
    }

    async fn located(&self, after: Option<&PlaceName>, limit: u32) -> Result<Vec<Place>, StoreError> {
        let (after, limit) = (after.map_or("", PlaceName::as_str), limit.min(LIST_LIMIT));
        let mut reader = self.reader().await?;
        let rows = select_places!(
            "WHERE name > ? AND latitude IS NOT NULL AND EXISTS (SELECT 1 FROM profiles WHERE location = places.name)
            ORDER BY name LIMIT ?",
            after,
            limit
        )
        .fetch_all(&mut *reader)
        .await
        .map_err(|error| reader.failed(error))?;
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl Places for SqliteUnit {
    async fn find_for_update(&mut self, id: PlaceId) -> Result<Option<Place>, StoreError> {
        of_id(self.connection(), id).await.map_err(|error| self.failed(error))?.map(Place::try_from).transpose()
    }

    async fn keep(&mut self, place: &Place) -> Result<(), StoreError> {
        let row = PlaceRow::from(place);
        let statement = columns!(places insert [
            row (id),
            "INSERT INTO places (id",
            ") VALUES (?1",
            ") ON CONFLICT (name) DO UPDATE SET (formatted, latitude, longitude, at)
                = (excluded.formatted, excluded.latitude, excluded.longitude, max(at, excluded.at))
            WHERE latitude IS NULL"
        ]);
        statement.execute(self.connection()).await.map(drop).map_err(|error| self.failed(error))
    }

    /// The check for a taken name is part of the statement: no other unit writes before this one ends.
    async fn replace(&mut self, place: &Place) -> Result<(), StoreError> {
        let row = PlaceRow::from(place);
        let statement = columns!(places update [
            row (id),
            "UPDATE places SET ",
            "WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM places WHERE name = ?2 AND id <> ?1)"
        ]);
        let replaced = self.execute(statement).await?;
        if replaced == 1 {
            return Ok(());
        }
        match of_id(self.connection(), place.id).await.map_err(|error| self.failed(error))? {
            Some(_) => Err(StoreError::Conflict(UniqueKey::PlaceName)),
            None => Err(StoreError::Failed("there is no such place".into())),
        }
    }
}
