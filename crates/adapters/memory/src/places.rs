//! Looked-up places, by id and by name.

use std::{ops::Bound, sync::Arc};

use async_trait::async_trait;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use time::OffsetDateTime;
use vestibule_domain::{
    PlaceId,
    account::to_microseconds,
    place::{Place, PlaceName},
};
use vestibule_ports::{Places, ReadPlaces, StoreError, UniqueKey, stored::StoredPlace};

use crate::{MemoryStore, store::MemoryUnit};

/// The most places of a list.
const LIST_LIMIT: u32 = 1000;

/// The places, and an index by name.
#[derive(Clone, Default)]
pub(crate) struct PlaceTable {
    by_id: HashTrieMapSync<PlaceId, Arc<Place>>,
    by_name: RedBlackTreeMapSync<PlaceName, PlaceId>,
}

impl PlaceTable {
    pub(crate) fn of_name(&self, name: &PlaceName) -> Option<&Place> {
        self.by_id.get(self.by_name.get(name)?).map(AsRef::as_ref)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = StoredPlace<i64>> {
        self.by_id.values().map(|place| place.as_ref().into())
    }

    fn put(&mut self, place: &Place) {
        if let Some(before) = self.by_id.get(&place.id) {
            self.by_name.remove_mut(&before.name);
        }
        self.by_name.insert_mut(place.name.clone(), place.id);
        self.by_id.insert_mut(place.id, Arc::new(Place { at: to_microseconds(place.at), ..place.clone() }));
    }
}

#[async_trait]
impl ReadPlaces for MemoryStore {
    async fn find(&self, id: PlaceId) -> Result<Option<Place>, StoreError> {
        Ok(self.snapshot()?.places.by_id.get(&id).map(|place| Place::clone(place)))
    }

    async fn missing(&self, not_since: OffsetDateTime, limit: u32) -> Result<Vec<PlaceName>, StoreError> {
        let (state, not_since) = (self.snapshot()?, to_microseconds(not_since));
        let is_missing = |name: &&PlaceName| {
            state.places.of_name(name).is_none_or(|place| place.found.is_none() && place.at < not_since)
        };
        let names = state.profiles.locations(Bound::Unbounded).filter(is_missing);
        Ok(names.take(limit.min(LIST_LIMIT) as usize).cloned().collect())
    }

    async fn located(&self, after: Option<&PlaceName>, limit: u32) -> Result<Vec<Place>, StoreError> {
        let state = self.snapshot()?;
        let names = state.profiles.locations(after.map_or(Bound::Unbounded, Bound::Excluded));
        let found = names.filter_map(|name| state.places.of_name(name)).filter(|place| place.found.is_some());
        Ok(found.take(limit.min(LIST_LIMIT) as usize).cloned().collect())
    }
}

#[async_trait]
impl Places for MemoryUnit {
    async fn find_for_update(&mut self, id: PlaceId) -> Result<Option<Place>, StoreError> {
        Ok(self.state.places.by_id.get(&id).map(|place| Place::clone(place)))
    }

    async fn keep(&mut self, place: &Place) -> Result<(), StoreError> {
        let table = &mut self.state.places;
        match table.of_name(&place.name) {
            None if table.by_id.contains_key(&place.id) => return Err(self.failed("a place has this id")),
            None => table.put(place),
            Some(before) if before.found.is_none() => {
                let kept = Place { id: before.id, at: before.at.max(place.at), ..place.clone() };
                table.put(&kept);
            }
            Some(_) => {}
        }
        Ok(())
    }

    async fn replace(&mut self, place: &Place) -> Result<(), StoreError> {
        let table = &mut self.state.places;
        if table.by_name.get(&place.name).is_some_and(|owner| *owner != place.id) {
            return Err(StoreError::Conflict(UniqueKey::PlaceName));
        }
        if !table.by_id.contains_key(&place.id) {
            return Err(self.failed("there is no such place"));
        }
        table.put(place);
        Ok(())
    }
}
