//! Changing a place by hand.

use vestibule_domain::{
    PlaceId,
    place::{FoundPlace, GeoPoint, Place, PlaceName},
};
use vestibule_ports::{StoreError, UniqueKey};

use super::{PlaceError, Places, check_may};
use crate::Caller;

/// What is to become of a place; what is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct EditPlace {
    /// What is looked up.
    pub name: Option<PlaceName>,
    /// Its full name.
    pub formatted: Option<PlaceName>,
    /// Where it is.
    pub point: Option<GeoPoint>,
}

impl Places {
    /// Changes a place; no look-up changes it again.
    pub async fn edit(&self, caller: &Caller, id: PlaceId, input: EditPlace) -> Result<Place, PlaceError> {
        check_may(caller)?;
        let mut unit = self.core.begin().await?;
        let mut place = unit.places().find_for_update(id).await?.ok_or(PlaceError::NotFound)?;
        // What was looked up in vain is shown to no client, and so has no id that one could know.
        let found = place.found.take().ok_or(PlaceError::NotFound)?;
        let found = FoundPlace {
            formatted: input.formatted.unwrap_or(found.formatted),
            point: input.point.unwrap_or(found.point),
        };
        let place = Place::new(id, input.name.unwrap_or(place.name), Some(found), self.core.now());
        match unit.places().replace(&place).await {
            Err(StoreError::Conflict(UniqueKey::PlaceName)) => return Err(PlaceError::NameTaken),
            replaced => replaced?,
        }
        unit.commit().await?;
        Ok(place)
    }
}
