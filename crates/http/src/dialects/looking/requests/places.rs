//! The body of a place.

use serde_json::Value;
use vestibule_application::places::EditPlace;
use vestibule_domain::{
    PasswordRules,
    place::{GeoPoint, PlaceName},
};

use super::{Field, Fields, Request};
use crate::dialects::looking::errors::Failure;

/// `PUT /geocache/{id}`.
#[derive(Debug)]
pub(crate) struct PlaceBody(pub(crate) EditPlace);

impl Request for PlaceBody {
    /// Nothing to change is refused; no part of a place can be taken away.
    fn read(fields: &Fields, _: PasswordRules) -> Result<Self, Failure> {
        let name = |name: &str| match fields.get(name) {
            Field::Absent => Ok(None),
            field => {
                let text = field.text().ok().flatten().and_then(|text| PlaceName::parse(text).ok());
                text.map(Some).ok_or_else(|| Failure::invalid(name))
            }
        };
        let point = match fields.get("loc") {
            Field::Absent => None,
            Field::Null => return Err(Failure::INVALID_LOCATION),
            Field::Of(loc) => Some(point(loc).ok_or(Failure::INVALID_LOCATION)?),
        };
        let input = EditPlace { name: name("key")?, formatted: name("formatted")?, point };
        let is_empty = input.name.is_none() && input.formatted.is_none() && input.point.is_none();
        if is_empty { Err(Failure::NO_DATA) } else { Ok(Self(input)) }
    }
}

/// A point of `GeoJSON` (RFC 7946): longitude first, and perhaps an altitude, which counts for nothing.
fn point(loc: &Value) -> Option<GeoPoint> {
    let coordinates = loc.get("coordinates")?.as_array()?;
    let (longitude, latitude) = match coordinates.as_slice() {
        [longitude, latitude] | [longitude, latitude, Value::Number(_)] => (longitude.as_f64()?, latitude.as_f64()?),
        _ => return None,
    };
    if loc.get("type")?.as_str()? != "Point" {
        return None;
    }
    GeoPoint::new(latitude, longitude).ok()
}
