//! The cache of places.

use serde_json::json;
use vestibule_application::places::Populated;
use vestibule_domain::{
    PlaceId,
    place::{FoundPlace, GeoPoint, Place, PlaceName},
};

use super::{AT, bad, good, refused, shapes};
use crate::{
    dialects::looking::{
        errors::Failure,
        requests::PlaceBody,
        responses::places::{Filled, UpdatedEntry},
    },
    shared::{
        describe::{Answer, Description},
        shape::{count, list, object, required, text},
    },
};

pub(crate) fn populate() -> Description {
    let summary = "Look up the locations of profiles that are missing, for some seconds; repeat it to go on. `HEAD` looks \
                   nothing up";
    Description::new("looking_populate_places", summary, of_populate())
}

pub(crate) fn populate_by_post() -> Description {
    let summary = "Look up the locations of profiles that are missing, for some seconds; repeat it to go on";
    Description::new("looking_populate_places_by_post", summary, of_populate())
}

fn of_populate() -> Vec<Answer> {
    let places = example().into_iter().collect();
    vec![
        good(
            "what is known; `X-Has-More` says whether to repeat it",
            Filled::new(&Populated { places, has_more: false }),
            object([
                required("message", text()),
                required("count", count()),
                required("results", list(shapes::place())),
            ]),
        ),
        bad("another field than `location`", &Failure::invalid("field")),
        bad("the request is a prefetch", &Failure::PREFETCH),
    ]
}

pub(crate) fn edit() -> Description {
    let shape = object([required("message", text()), required("geocache", shapes::place().or_null())]);
    let changed = example().map(|place| good("changed", UpdatedEntry::new(&place), shape));
    let mut answers: Vec<Answer> = changed.into_iter().collect();
    answers.extend([
        refused::<PlaceBody>("a value that is none", json!({ "key": "" })),
        refused::<PlaceBody>("no point on the earth", json!({ "loc": { "type": "Point", "coordinates": [0, 91] } })),
        bad("another place has the key", &Failure::PLACE_TAKEN),
        bad("no such place", &Failure::PLACE_NOT_FOUND),
        refused::<PlaceBody>("nothing to change", json!({})),
    ]);
    let body = json!({
        "key": "San Francisco, CA",
        "formatted": "San Francisco, California, United States",
        "loc": { "type": "Point", "coordinates": [-122.419_4, 37.774_9] },
    });
    Description::new("looking_update_place", "Change a place; no look-up changes it again", answers)
        .taking(body, shapes::new_place())
}

fn example() -> Option<Place> {
    let found = FoundPlace {
        formatted: PlaceName::parse("San Francisco, California, United States").ok()?,
        point: GeoPoint::new(37.774_9, -122.419_4).ok()?,
    };
    let id = PlaceId::from_hex("507f1f77bcf86cd799439011").ok()?;
    Some(Place::new(id, PlaceName::parse("San Francisco, CA").ok()?, Some(found), AT))
}
