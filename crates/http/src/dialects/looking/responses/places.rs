//! Places of the cache.

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use serde::Serialize;
use vestibule_application::places::Populated;
use vestibule_domain::place::{FoundPlace, Place};

use crate::dialects::looking::responses;

/// Whether another call would look up more.
const HAS_MORE: HeaderName = HeaderName::from_static("x-has-more");

/// What is known of the locations of profiles.
#[derive(Serialize)]
pub(crate) struct Filled {
    message: &'static str,
    count: usize,
    results: Vec<Entry>,
}

/// A place that was changed.
#[derive(Serialize)]
pub(crate) struct UpdatedEntry {
    message: &'static str,
    geocache: Option<Entry>,
}

/// A name, and what it stands for.
#[derive(Serialize)]
struct Entry {
    #[serde(rename = "_id")]
    id: String,
    key: String,
    formatted: String,
    loc: Point,
}

/// A point of `GeoJSON` (RFC 7946): longitude first.
#[derive(Serialize)]
struct Point {
    #[serde(rename = "type")]
    kind: &'static str,
    coordinates: [f64; 2],
}

impl Entry {
    /// None for a name that stands for nothing.
    fn new(place: &Place) -> Option<Self> {
        let FoundPlace { formatted, point } = place.found.as_ref()?;
        Some(Self {
            id: place.id.hex(),
            key: place.name.as_str().to_owned(),
            formatted: formatted.as_str().to_owned(),
            loc: Point { kind: "Point", coordinates: [point.longitude(), point.latitude()] },
        })
    }
}

impl Filled {
    pub(crate) fn new(populated: &Populated) -> Self {
        let results: Vec<Entry> = populated.places.iter().filter_map(Entry::new).collect();
        Self { message: "Geocache populated", count: results.len(), results }
    }
}

/// The answer, with word of whether to repeat the request.
pub(crate) fn filled(populated: &Populated) -> HttpResponse {
    let mut response = responses::ok(Filled::new(populated));
    if populated.has_more {
        response.headers_mut().insert(HAS_MORE, HeaderValue::from_static("true"));
    }
    response
}

impl UpdatedEntry {
    pub(crate) fn new(place: &Place) -> Self {
        Self { message: "Geocache updated", geocache: Entry::new(place) }
    }
}
