//! Promises of places.

use std::sync::Arc;

use time::{Duration, UtcOffset};
use vestibule_domain::{
    PlaceId, Profile,
    place::{FoundPlace, GeoPoint, Place, PlaceName},
};
use vestibule_ports::{Store, StoreError, UniqueKey};

use crate::{
    profiles::{insert_profiles, profile, profile_at},
    support::{MICROSECOND, NANOSECONDS, NOW, RACERS, committed, dropped, numbered, race, read_before},
};

/// Names whose character order matches no language, and some that differ only in case, accents or form.
const NAMES: [&str; 9] =
    ["A\u{301}", "E", "Zürich", "e", "e\u{301}", "zürich", "É", "é", "🦆 Town, \"x\" ; -- % _ \\ '|"];

/// Every field of a place comes back as it was kept or replaced, its time in whole microseconds.
pub(crate) async fn every_field_of_a_place_comes_back(store: Arc<dyn Store>) {
    let points = [(0.0, 0.0), (90.0, 180.0), (-90.0, -180.0), (37.774_929_5, -122.419_415_5), (-0.1, 1e-300)];
    let mut places = vec![vain(0, "nowhere"), at(1, &"é".repeat(PlaceName::MAX_CHARS), 1.0, 2.0)];
    for (number, (latitude, longitude)) in (2..).zip(points) {
        places.push(at(number, &format!("place {number}"), latitude, longitude));
    }
    let offset = UtcOffset::from_hms(5, 30, 0).unwrap();
    for place in &places {
        keep(&store, &Place { at: (place.at + NANOSECONDS).to_offset(offset), ..place.clone() }).await;
    }
    assert_places(&store, &places).await;
    for (place, name) in places.iter_mut().zip(NAMES) {
        *place = if place.found.is_some() { vain_of(place.id, name) } else { at_of(place.id, name, -12.5, 170.25) };
        place.at = NOW - Duration::days(30_000) - MICROSECOND;
        let uncut = Place { at: (place.at + NANOSECONDS).to_offset(offset), ..place.clone() };
        committed(&store, async |unit| unit.places().replace(&uncut).await.unwrap()).await;
    }
    assert_places(&store, &places).await;
    assert_eq!(store.read().places().find(numbered(99).into()).await.unwrap(), None);
    committed(&store, async |unit| {
        assert_eq!(unit.places().find_for_update(numbered(99).into()).await.unwrap(), None);
    })
    .await;
}

/// A look-up that found nothing is updated under its id, with the later of both times, until one finds something; a found
/// place stays, whatever later look-ups with wrong clocks say.
pub(crate) async fn a_place_that_was_found_is_kept(store: Arc<dyn Store>) {
    let first = vain(1, "Duckburg");
    keep(&store, &first).await;
    for (number, seconds, later) in [(2, 60, 60), (3, -60, 60), (4, 61, 61)] {
        keep(&store, &Place { at: NOW + Duration::seconds(seconds), ..vain(number, "Duckburg") }).await;
        assert_places(&store, &[Place { at: NOW + Duration::seconds(later), ..first.clone() }]).await;
    }
    let found = Place { at: NOW + Duration::minutes(2), ..at(5, "Duckburg", 40.5, -124.25) };
    keep(&store, &found).await;
    let kept = Place { id: first.id, ..found };
    assert_places(&store, std::slice::from_ref(&kept)).await;
    for other in [at(6, "Duckburg", 1.0, 1.0), vain(7, "Duckburg"), at_of(first.id, "Duckburg", 2.0, 2.0)] {
        keep(&store, &Place { at: NOW + Duration::hours(1), ..other }).await;
        assert_places(&store, std::slice::from_ref(&kept)).await;
    }
    for number in 2..8 {
        assert_eq!(store.read().places().find(numbered(number).into()).await.unwrap(), None);
    }
}

/// A place written by hand is never replaced either.
pub(crate) async fn a_place_that_was_written_is_kept(store: Arc<dyn Store>) {
    keep(&store, &vain(1, "Duckburg")).await;
    let written = at(1, "Duckburg", 3.0, 4.0);
    committed(&store, async |unit| {
        assert_eq!(unit.places().find_for_update(written.id).await.unwrap(), Some(vain(1, "Duckburg")));
        unit.places().replace(&written).await.unwrap();
    })
    .await;
    keep(&store, &at(2, "Duckburg", 5.0, 6.0)).await;
    assert_places(&store, &[written]).await;
}

/// Names are equal if their characters are, and sort by them, regardless of language and case.
pub(crate) async fn names_of_places_are_compared_by_their_characters(store: Arc<dyn Store>) {
    let places: Vec<_> = (0..).zip(NAMES).map(|(number, name)| at(number, name, f64::from(number), 0.0)).collect();
    let profiles: Vec<_> = (0..).zip(NAMES).map(|(number, name)| profile_at(number, name)).collect();
    insert_profiles(&store, &profiles).await;
    let names: Vec<_> = NAMES.map(place_name).into();
    assert_eq!(store.read().places().missing(NOW, 100).await.unwrap(), names);
    for place in places.iter().rev() {
        keep(&store, place).await;
    }
    assert_eq!(store.read().places().located(None, 100).await.unwrap(), places);
    assert_eq!(store.read().places().missing(NOW, 100).await.unwrap(), []);
}

/// When many units look up one name at once, one result is kept: the one that found something, if only one did.
pub(crate) async fn of_many_keepers_of_one_name_one_wins(store: Arc<dyn Store>) {
    for (round, finders) in [(0, 1), (1, RACERS), (2, 3)] {
        let name = format!("place {round}");
        insert_profiles(&store, &[profile_at(round, &name)]).await;
        let (finders, first) = (u32::try_from(finders).unwrap(), 100 * (round + 1));
        race(RACERS, async |number| {
            let place = if number < finders {
                at(first + number, &name, f64::from(number), 1.0)
            } else {
                vain(first + number, &name)
            };
            keep(&store, &Place { at: read_before(number), ..place }).await;
        });
        let located = store.read().places().located(None, 100).await.unwrap();
        let place = located.iter().find(|place| place.name.as_str() == name).unwrap();
        let point = place.found.as_ref().unwrap().point;
        assert!((0..finders).any(|number| point.latitude().total_cmp(&f64::from(number)).is_eq()), "{place:?}");
        let ids = (0..).take(RACERS).map(|number| PlaceId::from(numbered(first + number)));
        let mut kept = Vec::new();
        for id in ids {
            kept.extend(store.read().places().find(id).await.unwrap());
        }
        assert_eq!(kept, std::slice::from_ref(place));
    }
}

/// A name that another place has conflicts, and the unit goes on; a name that was given up is free.
pub(crate) async fn a_taken_name_of_a_place_conflicts_and_the_unit_goes_on(store: Arc<dyn Store>) {
    let [one, other] = [at(1, "one", 1.0, 1.0), vain(2, "other")];
    keep(&store, &one).await;
    keep(&store, &other).await;
    committed(&store, async |unit| {
        let both = [one.id, other.id];
        for id in both {
            assert!(unit.places().find_for_update(id).await.unwrap().is_some());
        }
        let taken = unit.places().replace(&at_of(other.id, "one", 2.0, 2.0)).await;
        assert!(matches!(taken, Err(StoreError::Conflict(UniqueKey::PlaceName))), "{taken:?}");
        assert_eq!(unit.places().find_for_update(other.id).await.unwrap(), Some(other.clone()));
        unit.places().replace(&at_of(one.id, "one", 3.0, 3.0)).await.unwrap();
        unit.places().replace(&at_of(one.id, "One", 3.0, 3.0)).await.unwrap();
        unit.places().replace(&at_of(other.id, "one", 4.0, 4.0)).await.unwrap();
    })
    .await;
    assert_places(&store, &[at_of(one.id, "One", 3.0, 3.0), at_of(other.id, "one", 4.0, 4.0)]).await;
}

/// When many places take one name at once, one gets it.
pub(crate) async fn of_many_places_that_take_one_name_one_wins(store: Arc<dyn Store>) {
    for number in (0..).take(RACERS) {
        keep(&store, &vain(number, &format!("place {number}"))).await;
    }
    let taken = race(RACERS, async |number| {
        let renamed = at(number, "wanted", 1.0, 1.0);
        committed(&store, async |unit| {
            unit.places().find_for_update(renamed.id).await.unwrap().unwrap();
            let replaced = unit.places().replace(&renamed).await;
            assert!(matches!(replaced, Ok(()) | Err(StoreError::Conflict(UniqueKey::PlaceName))), "{replaced:?}");
            replaced.is_ok()
        })
        .await
    });
    assert_eq!(taken.iter().filter(|won| **won).count(), 1, "{taken:?}");
    for (number, won) in (0..).zip(taken) {
        let name = if won { "wanted".to_owned() } else { format!("place {number}") };
        let place = store.read().places().find(numbered(number).into()).await.unwrap().unwrap();
        assert_eq!(place.name.as_str(), name);
    }
}

/// Concurrent changes of one place are all kept, because each waits for the unit that holds it; a dropped one does not
/// count.
pub(crate) async fn concurrent_changes_to_one_place_are_all_kept(store: Arc<dyn Store>) {
    keep(&store, &at(1, "somewhere", 0.0, 0.0)).await;
    let further = |place: &Place| {
        let point = place.found.as_ref().unwrap().point;
        at_of(place.id, "somewhere", point.latitude() + 1.0, 0.0)
    };
    race(RACERS, async |_| {
        committed(&store, async |unit| {
            let place = unit.places().find_for_update(numbered(1).into()).await.unwrap().unwrap();
            unit.places().replace(&further(&place)).await.unwrap();
        })
        .await;
    });
    dropped(&store, async |unit| {
        unit.places().replace(&vain(1, "elsewhere")).await.unwrap();
        unit.places().keep(&vain(2, "nowhere")).await.unwrap();
    })
    .await;
    let expected = at(1, "somewhere", f64::from(u32::try_from(RACERS).unwrap()), 0.0);
    assert_places(&store, &[expected]).await;
    assert_eq!(store.read().places().find(numbered(2).into()).await.unwrap(), None);
}

/// Profiles' locations, in any state, are missing, each once, until they are looked up, and again if that found nothing and
/// was before a time. They appear and vanish with their profiles.
pub(crate) async fn missing_places_are_those_that_were_not_looked_up(store: Arc<dyn Store>) {
    let missing = async |not_since| {
        let names = store.read().places().missing(not_since, 100).await.unwrap();
        names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(missing(NOW).await, [""; 0]);
    let mut profiles: Vec<_> =
        (0..).zip(["c", "a", "b", "a", "d", "b"]).map(|(number, name)| profile_at(number, name)).collect();
    profiles.push(profile(6, |_| {}));
    profiles[0].approve(numbered(1).into(), NOW);
    insert_profiles(&store, &profiles).await;
    assert_eq!(missing(NOW).await, ["a", "b", "c", "d"]);
    keep(&store, &at(1, "b", 1.0, 1.0)).await;
    keep(&store, &vain(2, "a")).await;
    keep(&store, &vain(3, "unused")).await;
    assert_eq!(missing(NOW).await, ["c", "d"]);
    assert_eq!(missing(NOW + MICROSECOND).await, ["a", "c", "d"]);
    assert_eq!(missing(NOW + Duration::days(365)).await, ["a", "c", "d"]);
    for (limit, count) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3)] {
        let names = store.read().places().missing(NOW + MICROSECOND, limit).await.unwrap();
        assert_eq!(names, ["a", "c", "d"].map(place_name)[..count]);
    }
    move_to(&store, &mut profiles[0], Some("e")).await;
    move_to(&store, &mut profiles[1], None).await;
    committed(&store, async |unit| unit.profiles().remove(profiles[4].id()).await.unwrap()).await;
    assert_eq!(missing(NOW + MICROSECOND).await, ["a", "e"]);
    move_to(&store, &mut profiles[3], Some("b")).await;
    assert_eq!(missing(NOW + MICROSECOND).await, ["e"]);
}

/// The found places of profiles' locations are listed in the order of their names, after a name.
pub(crate) async fn located_places_are_those_that_were_found(store: Arc<dyn Store>) {
    let located = async |after: Option<&str>, limit| {
        let places = store.read().places().located(after.map(place_name).as_ref(), limit).await.unwrap();
        places.iter().map(|place| place.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(located(None, 10).await, [""; 0]);
    let mut profiles: Vec<_> =
        (0..).zip(["c", "a", "b", "a", "d", "e", "e"]).map(|(number, name)| profile_at(number, name)).collect();
    insert_profiles(&store, &profiles).await;
    assert_eq!(located(None, 10).await, [""; 0]);
    for (number, name) in (0..).zip(["e", "d", "b", "a", "unused"]) {
        keep(&store, &at(number, name, 1.0, 1.0)).await;
    }
    keep(&store, &vain(9, "c")).await;
    for (after, limit, expected) in [
        (None, 10, vec!["a", "b", "d", "e"]),
        (None, 2, vec!["a", "b"]),
        (None, 0, vec![]),
        (Some("b"), 10, vec!["d", "e"]),
        (Some("b\u{301}"), 1, vec!["d"]),
        (Some("B"), 1, vec!["a"]),
        (Some("e"), 1, vec![]),
    ] {
        assert_eq!(located(after, limit).await, expected, "{after:?} {limit}");
    }
    move_to(&store, &mut profiles[2], None).await;
    move_to(&store, &mut profiles[5], Some("unused")).await;
    assert_eq!(located(None, 10).await, ["a", "d", "e", "unused"]);
    committed(&store, async |unit| {
        unit.places().replace(&vain(3, "a")).await.unwrap();
        unit.profiles().remove(profiles[6].id()).await.unwrap();
    })
    .await;
    assert_eq!(located(None, 10).await, ["d", "unused"]);
}

/// A list of missing or located places has at most 1000.
pub(crate) async fn a_list_has_at_most_a_thousand_places(store: Arc<dyn Store>) {
    let name = |number: u32| format!("place {number:04}");
    let profiles: Vec<_> = (0..1_010).map(|number| profile_at(number, &name(number))).collect();
    insert_profiles(&store, &profiles).await;
    let missing = store.read().places().missing(NOW, u32::MAX).await.unwrap();
    assert_eq!((missing.len(), missing[999].as_str()), (1_000, "place 0999"));
    committed(&store, async |unit| {
        for number in 0..1_010 {
            unit.places().keep(&at(number, &name(number), 1.0, 1.0)).await.unwrap();
        }
    })
    .await;
    let located = store.read().places().located(None, u32::MAX).await.unwrap();
    assert_eq!((located.len(), located[999].name.as_str()), (1_000, "place 0999"));
    let rest = store.read().places().located(Some(&located[999].name), u32::MAX).await.unwrap();
    assert_eq!(rest.len(), 10);
}

/// Keeps a place in its own unit.
pub(crate) async fn keep(store: &Arc<dyn Store>, place: &Place) {
    committed(store, async |unit| unit.places().keep(place).await.unwrap()).await;
}

/// The place with this number, found at [`NOW`].
pub(crate) fn at(number: u32, name: &str, latitude: f64, longitude: f64) -> Place {
    at_of(numbered(number).into(), name, latitude, longitude)
}

fn at_of(id: PlaceId, name: &str, latitude: f64, longitude: f64) -> Place {
    let point = GeoPoint::new(latitude, longitude).unwrap();
    let formatted = place_name(&name.chars().chain(", Earth".chars()).take(200).collect::<String>());
    Place::new(id, place_name(name), Some(FoundPlace { formatted, point }), NOW)
}

fn vain(number: u32, name: &str) -> Place {
    vain_of(numbered(number).into(), name)
}

fn vain_of(id: PlaceId, name: &str) -> Place {
    Place::new(id, place_name(name), None, NOW)
}

fn place_name(text: &str) -> PlaceName {
    PlaceName::parse(text).unwrap()
}

async fn move_to(store: &Arc<dyn Store>, profile: &mut Profile, location: Option<&str>) {
    let mut content = profile.content();
    content.details.location = location.map(place_name);
    let changes = profile.change(content, vestibule_domain::Actor::Operator, NOW).unwrap();
    committed(store, async |unit| unit.profiles().replace(profile, &changes).await.unwrap()).await;
}

async fn assert_places(store: &Arc<dyn Store>, places: &[Place]) {
    let mut unit = store.write().await.unwrap();
    for place in places {
        assert_eq!(store.read().places().find(place.id).await.unwrap().as_ref(), Some(place));
        assert_eq!(unit.places().find_for_update(place.id).await.unwrap().as_ref(), Some(place));
    }
}
