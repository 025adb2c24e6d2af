//! Places: points on the earth, and what texts such as `San Francisco, CA` stand for.

use time::OffsetDateTime;

use crate::{PlaceId, account::to_microseconds, text};

/// Why numbers are not a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a latitude is -90 to 90 degrees, a longitude -180 to 180")]
pub struct InvalidPoint;

/// A point on the earth, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeoPoint {
    latitude: f64,
    longitude: f64,
}

impl GeoPoint {
    /// The mean radius of the earth in km (IUGG).
    pub const EARTH_RADIUS_KM: f64 = 6_371.008_8;

    /// Takes a latitude of -90 to 90 and a longitude of -180 to 180 degrees.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, InvalidPoint> {
        let fits = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        if fits { Ok(Self { latitude, longitude }) } else { Err(InvalidPoint) }
    }

    /// Degrees north of the equator.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east of Greenwich.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// The distance along the surface of a sphere, in km (haversine formula).
    pub fn distance_km(self, other: Self) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let (across, along) = ((b - a) / 2.0, (other.longitude - self.longitude).to_radians() / 2.0);
        let haversine = across.sin().powi(2) + a.cos() * b.cos() * along.sin().powi(2);
        2.0 * Self::EARTH_RADIUS_KM * haversine.sqrt().min(1.0).asin()
    }
}

/// The points within a distance of a centre, in degrees: one range of latitudes, and one of longitudes, or two where it
/// crosses the 180° meridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// From south to north.
    pub latitudes: (f64, f64),
    /// From west to east; every longitude if a pole is inside.
    pub longitudes: (f64, f64),
    /// The part beyond the 180° meridian.
    pub beyond: Option<(f64, f64)>,
}

impl BoundingBox {
    /// The smallest box that contains a circle on the sphere, with a few millimetres of margin for rounding.
    pub fn around(center: GeoPoint, radius_km: f64) -> Self {
        /// In radians. Near a pole the longitudes depend on the angle far more than on their rounding.
        const ROOM: f64 = 1e-9;
        /// From here on distances are rounded too coarsely, so the box is the whole earth; little is left to exclude.
        const ALMOST_ALL: f64 = 3.0;
        let angle = (radius_km / GeoPoint::EARTH_RADIUS_KM).max(0.0) + ROOM;
        if angle >= ALMOST_ALL {
            return Self { latitudes: (-90.0, 90.0), longitudes: (-180.0, 180.0), beyond: None };
        }
        let (latitude, longitude) = (center.latitude, center.longitude);
        let (south, north) = (latitude - angle.to_degrees(), latitude + angle.to_degrees());
        let latitudes = (south.max(-90.0), north.min(90.0));
        if south <= -90.0 || north >= 90.0 {
            return Self { latitudes, longitudes: (-180.0, 180.0), beyond: None };
        }
        // The angle to the meridians that touch the circle; its sine is sin(angle) / cos(latitude). The arc sine is
        // imprecise near 90°, so the arc tangent is used: the cosine has the same divisor.
        let (up, down) = ((center.latitude.to_radians() + angle).cos(), (center.latitude.to_radians() - angle).cos());
        let aside = angle.sin().atan2((up * down).max(0.0).sqrt()).to_degrees() + ROOM.to_degrees();
        let (west, east) = (longitude - aside, longitude + aside);
        if west < -180.0 {
            Self { latitudes, longitudes: (-180.0, east), beyond: Some((west + 360.0, 180.0)) }
        } else if east > 180.0 {
            Self { latitudes, longitudes: (west, 180.0), beyond: Some((-180.0, east - 360.0)) }
        } else {
            Self { latitudes, longitudes: (west, east), beyond: None }
        }
    }

    /// Whether a point is inside.
    pub fn has(&self, point: GeoPoint) -> bool {
        let is_within = |value: f64, (from, to): (f64, f64)| from <= value && value <= to;
        is_within(point.latitude, self.latitudes)
            && (is_within(point.longitude, self.longitudes)
                || self.beyond.is_some_and(|beyond| is_within(point.longitude, beyond)))
    }
}

/// Why a text does not name a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a place has 1 to 200 characters, none of them a control character")]
pub struct InvalidPlaceName;

/// A place name such as `San Francisco, CA`: 1 to 200 characters, no control characters, no white space around it. Two
/// names are equal if their characters are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceName(String);

impl PlaceName {
    /// The most characters.
    pub const MAX_CHARS: usize = 200;

    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, InvalidPlaceName> {
        let text = text::trim_prose(text);
        let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidPlaceName) }
    }

    /// The name without the white space around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The result of looking up a name.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPlace {
    /// Its full name, such as `San Francisco, California, United States`.
    pub formatted: PlaceName,
    /// Where it is.
    pub point: GeoPoint,
}

/// A looked-up name, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub id: PlaceId,
    /// The name that was looked up; it is unique.
    pub name: PlaceName,
    /// The result, or a place written by hand; none if nothing was found.
    pub found: Option<FoundPlace>,
    /// When it was looked up or written, in whole microseconds.
    pub at: OffsetDateTime,
}

impl Place {
    /// A name that was looked up.
    pub fn new(id: PlaceId, name: PlaceName, found: Option<FoundPlace>, now: OffsetDateTime) -> Self {
        Self { id, name, found, at: to_microseconds(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(latitude: f64, longitude: f64) -> GeoPoint {
        GeoPoint::new(latitude, longitude).unwrap()
    }

    #[test]
    fn a_point_lies_on_the_earth() {
        for (latitude, longitude) in [(0.0, 0.0), (90.0, 180.0), (-90.0, -180.0)] {
            assert!(GeoPoint::new(latitude, longitude).is_ok());
        }
        for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert_eq!(GeoPoint::new(latitude, longitude), Err(InvalidPoint));
        }
    }

    #[test]
    fn distances_are_those_of_a_sphere() {
        let half = std::f64::consts::PI * GeoPoint::EARTH_RADIUS_KM;
        for (from, to, km) in [
            (point(0.0, 179.5), point(0.0, -179.5), half / 180.0),
            (point(89.5, 0.0), point(89.5, 180.0), half / 180.0),
            (point(90.0, 12.0), point(90.0, -100.0), 0.0),
            (point(90.0, 0.0), point(-90.0, 0.0), half),
            (point(10.0, 20.0), point(-10.0, -160.0), half),
        ] {
            assert!((from.distance_km(to) - km).abs() < 1e-3, "{from:?} {to:?}: {}", from.distance_km(to));
        }
    }

    #[test]
    fn the_name_of_a_place_has_1_to_200_characters() {
        assert_eq!(PlaceName::parse(" München ").unwrap().as_str(), "München");
        for bad in ["", " ", "a\nb", &"x".repeat(201)] {
            assert_eq!(PlaceName::parse(bad), Err(InvalidPlaceName), "{bad:?}");
        }
    }
}
