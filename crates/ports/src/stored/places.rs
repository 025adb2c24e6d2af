//! Rows of places.

use uuid::Uuid;
use vestibule_domain::{
    PlaceId,
    place::{FoundPlace, GeoPoint, Place, PlaceName},
};

use super::{StoredTime, time, valid};
use crate::StoreError;

rows! {
    /// A row of a place; the columns of the result are all set or all null.
    pub struct StoredPlace<T> {
        pub id: Uuid,
        pub name: String,
        pub formatted: Option<String>,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub at: T,
    }
}

impl<T: StoredTime> TryFrom<StoredPlace<T>> for Place {
    type Error = StoreError;

    fn try_from(row: StoredPlace<T>) -> Result<Self, StoreError> {
        let what = "point of a place";
        let found = match (row.formatted, row.latitude, row.longitude) {
            (None, None, None) => None,
            (Some(formatted), Some(latitude), Some(longitude)) => Some(FoundPlace {
                formatted: valid(PlaceName::parse(&formatted), "full name of a place")?,
                point: valid(GeoPoint::new(latitude, longitude), what)?,
            }),
            _ => return Err(StoreError::Corrupt { what }),
        };
        Ok(Self {
            id: valid(PlaceId::from_uuid(row.id), "id of a place")?,
            name: valid(PlaceName::parse(&row.name), "name of a place")?,
            found,
            at: time(row.at, "time of a place")?,
        })
    }
}

impl<T: StoredTime> From<&Place> for StoredPlace<T> {
    fn from(place: &Place) -> Self {
        let Place { id, name, found, at } = place;
        let point = found.as_ref().map(|found| found.point);
        Self {
            id: id.uuid(),
            name: name.as_str().to_owned(),
            formatted: found.as_ref().map(|found| found.formatted.as_str().to_owned()),
            latitude: point.map(GeoPoint::latitude),
            longitude: point.map(GeoPoint::longitude),
            at: T::of(*at),
        }
    }
}
