//! Storage of looked-up places.

use async_trait::async_trait;
use time::OffsetDateTime;
use vestibule_domain::{
    PlaceId,
    place::{Place, PlaceName},
};

use crate::StoreError;

/// Places, read outside a unit of work.
#[async_trait]
pub trait ReadPlaces: Send + Sync {
    /// The place with this id.
    async fn find(&self, id: PlaceId) -> Result<Option<Place>, StoreError>;
    /// The locations of profiles that were never looked up, or whose last look-up found nothing and was before `not_since`.
    /// Each comes once, in the byte order of the names; at most `limit`, capped at 1000; 0 returns none.
    async fn missing(&self, not_since: OffsetDateTime, limit: u32) -> Result<Vec<PlaceName>, StoreError>;
    /// The found places of profiles' locations, in the byte order of their names, only those after a name if one is given;
    /// at most `limit`, capped at 1000; 0 returns none.
    async fn located(&self, after: Option<&PlaceName>, limit: u32) -> Result<Vec<Place>, StoreError>;
}

/// Places, inside a unit of work.
#[async_trait]
pub trait Places: Send {
    /// The place with this id, locked until the unit ends.
    async fn find_for_update(&mut self, id: PlaceId) -> Result<Option<Place>, StoreError>;
    /// Stores the result of a look-up in one atomic step, its time cut to whole microseconds. It adds a place, or updates
    /// one whose earlier look-up found nothing: the id stays, and the later of both times. A place that was found or
    /// written by hand is never replaced.
    async fn keep(&mut self, place: &Place) -> Result<(), StoreError>;
    /// Stores a new state of a locked place, its time cut to whole microseconds; `Conflict` if another place has the name,
    /// after which the unit is still usable.
    async fn replace(&mut self, place: &Place) -> Result<(), StoreError>;
}
