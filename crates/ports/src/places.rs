//! Storage of places that were looked up.

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
    /// The place of an id.
    async fn find(&self, id: PlaceId) -> Result<Option<Place>, StoreError>;
    /// The locations of profiles that were never looked up, or in vain and not since a time; each once, in the order of their
    /// characters, at most 1000.
    async fn missing(&self, not_since: OffsetDateTime, limit: u32) -> Result<Vec<PlaceName>, StoreError>;
    /// The places of locations of profiles that were found, in the order of their names' characters, of those after a name; at
    /// most 1000.
    async fn located(&self, after: Option<&PlaceName>, limit: u32) -> Result<Vec<Place>, StoreError>;
}

/// Places, inside a unit of work.
#[async_trait]
pub trait Places: Send {
    /// The place of an id, locked until the unit ends.
    async fn find_for_update(&mut self, id: PlaceId) -> Result<Option<Place>, StoreError>;
    /// Keeps what a look-up found, in one atomic step: a new place, or what was found under a name that was looked up in vain
    /// before, whose id stays. What was found before or written by hand is never replaced.
    async fn keep(&mut self, place: &Place) -> Result<(), StoreError>;
    /// Stores another state of a place that is locked; `Conflict` if another place has the name, after which the unit is still
    /// usable.
    async fn replace(&mut self, place: &Place) -> Result<(), StoreError>;
}
