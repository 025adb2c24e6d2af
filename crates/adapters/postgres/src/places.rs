//! Looked-up places.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    PlaceId,
    place::{Place, PlaceName},
};
use vestibule_ports::{
    Places, ReadPlaces, StoreError,
    stored::{StoredPlace, readable_all},
};

use crate::{
    columns::{columns, insert, select, update},
    connections::alone,
    store::PostgresStore,
    unit::PostgresUnit,
};

/// The most places of a list.
const MAX_LIST: u32 = 1000;

/// A row of `places`.
type PlaceRow = StoredPlace<OffsetDateTime>;

/// `SELECT` of whole rows; the argument follows the name of the table.
macro_rules! select_places {
    ($tail:literal $(, $argument:expr)*) => {
        columns!(places select [PlaceRow, "SELECT id", " FROM places " $tail $(, $argument)*])
    };
}

#[async_trait]
impl ReadPlaces for PostgresStore {
    async fn find(&self, id: PlaceId) -> Result<Option<Place>, StoreError> {
        let row = alone!(self.connections, fetch_optional, select_places!("WHERE id = $1", id.uuid()))?;
        row.map(Place::try_from).transpose()
    }

    async fn missing(&self, not_since: OffsetDateTime, limit: u32) -> Result<Vec<PlaceName>, StoreError> {
        let limit = i64::from(limit.min(MAX_LIST));
        // From each location the index leads to the next one, however many profiles share it. The recursion ends with the
        // limit.
        let names = alone!(
            self.connections,
            fetch_all,
            sqlx::query_scalar!(
                r#"WITH RECURSIVE names (name) AS (
                    (SELECT location FROM profiles WHERE location IS NOT NULL ORDER BY location LIMIT 1)
                    UNION ALL
                    SELECT next.location FROM names CROSS JOIN LATERAL
                        (SELECT location FROM profiles WHERE location > names.name ORDER BY location LIMIT 1) next
                )
                SELECT names.name AS "name!" FROM names WHERE NOT EXISTS
                    (SELECT FROM places WHERE places.name = names.name AND (formatted IS NOT NULL OR at >= $1) OFFSET 0)
                LIMIT $2"#,
                not_since,
                limit,
            )
        )?;
        // An unreadable location is logged with its profile.
        Ok(names.iter().filter_map(|name| PlaceName::parse(name).ok()).collect())
    }

    async fn located(&self, after: Option<&PlaceName>, limit: u32) -> Result<Vec<Place>, StoreError> {
        // No name is empty, so the empty text stands for the beginning.
        let (after, limit) = (after.map_or("", PlaceName::as_str), i64::from(limit.min(MAX_LIST)));
        let rows = alone!(
            self.connections,
            fetch_all,
            select_places!(
                "CROSS JOIN LATERAL (SELECT FROM profiles WHERE location = places.name LIMIT 1) there \
                 WHERE name > $1 AND formatted IS NOT NULL ORDER BY name LIMIT $2",
                after,
                limit
            )
        )?;
        Ok(readable_all(rows))
    }
}

#[async_trait]
impl Places for PostgresUnit {
    async fn find_for_update(&mut self, id: PlaceId) -> Result<Option<Place>, StoreError> {
        let outcome =
            select_places!("WHERE id = $1 FOR UPDATE", id.uuid()).fetch_optional(&mut *self.transaction).await;
        self.checked(outcome)?.map(Place::try_from).transpose()
    }

    async fn keep(&mut self, place: &Place) -> Result<(), StoreError> {
        let row = PlaceRow::from(place);
        let statement = columns!(places insert [
            row (id),
            "INSERT INTO places AS kept (id",
            ") VALUES ($1",
            ") ON CONFLICT (name) DO UPDATE SET formatted = excluded.formatted, latitude = excluded.latitude, \
             longitude = excluded.longitude, at = greatest(kept.at, excluded.at) WHERE kept.formatted IS NULL"
        ]);
        self.execute(statement).await.map(drop)
    }

    async fn replace(&mut self, place: &Place) -> Result<(), StoreError> {
        let row = PlaceRow::from(place);
        let statement = columns!(places update [row (id), "UPDATE places SET ", "WHERE id = $1"]);
        match self.execute_or_undo(statement).await? {
            0 => Err(StoreError::Failed("there is no such place".into())),
            _ => Ok(()),
        }
    }
}
