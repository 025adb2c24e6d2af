//! Promises of searches for profiles around a point.

use std::{collections::BTreeMap, sync::Arc};

use vestibule_domain::{
    Profile,
    place::{GeoPoint, Place, PlaceName},
    profile::{Facet, ProfileFilter},
};
use vestibule_ports::{Around, NearProfile, ProfileWindow, Store};

use super::{approved, insert_profiles, profile, profile_at, search::Dice, tags};
use crate::{
    places::{at, keep},
    support::{NOW, committed},
};

/// Critical points: at and near the poles, on both sides of the 180° meridian, and anywhere else.
const POINTS: [(f64, f64); 16] = [
    (90.0, 0.0),
    (90.0, 123.0),
    (89.9, 10.0),
    (89.9, -170.0),
    (-90.0, 0.0),
    (-89.5, 45.0),
    (0.0, 180.0),
    (0.0, -180.0),
    (0.0, 179.9),
    (0.5, -179.9),
    (60.0, -179.0),
    (0.0, 0.0),
    (0.0, 0.000_001),
    (52.52, 13.405),
    (52.52, 13.405),
    (-33.87, 151.21),
];

const ALL: ProfileWindow = ProfileWindow { skip: 0, limit: 1_000 };

/// A search around a point finds what a plain model finds, the nearest first, among places all over the earth.
pub(crate) async fn what_is_near_is_what_a_plain_model_finds(store: Arc<dyn Store>) {
    let dice = Dice::new(2);
    let places: Vec<_> =
        (0..).zip(POINTS).map(|(number, (north, east))| at(number, &format!("place {number}"), north, east)).collect();
    keep_all(&store, &places).await;
    let profiles: Vec<_> = (0..600)
        .map(|number| {
            let mut record = dice.profile(number).record().clone();
            let name = format!("place {}", dice.below(places.len() + 2));
            record.details.location = (dice.below(6) > 0).then(|| PlaceName::parse(&name).unwrap());
            Profile::restore(record)
        })
        .collect();
    insert_profiles(&store, &profiles).await;
    for center in POINTS.map(point) {
        for radius_km in [0.0, 0.000_2, 1.0, 25.0, 150.0, 2_000.0, 10_007.6, 20_015.2, 1e9] {
            let around = Around { center, radius_km };
            assert_near(&store, (&profiles, &places), around, (&ProfileFilter::default(), ALL)).await;
            assert_near(&store, (&profiles, &places), around, (&dice.filter(), dice.window())).await;
        }
    }
}

/// The edge of a circle belongs to it.
pub(crate) async fn the_edge_of_a_circle_belongs_to_it(store: Arc<dyn Store>) {
    let [here, there] = [(52.52, 13.405), (48.137, 11.575)].map(point);
    keep(&store, &at(1, "there", there.latitude(), there.longitude())).await;
    let found = approved(profile_at(1, "there"));
    insert_profiles(&store, std::slice::from_ref(&found)).await;
    let distance_km = here.distance_km(there);
    for (radius_km, is_within) in [
        (distance_km, true),
        (distance_km.next_up(), true),
        (distance_km.next_down(), false),
        (f64::INFINITY, true),
        (-1.0, false),
        (f64::NAN, false),
    ] {
        let around = Around { center: here, radius_km };
        let near = store.read().profiles().near(around, &ProfileFilter::default(), ALL).await.unwrap();
        let expected = NearProfile { profile: found.record().into(), distance_km };
        assert_eq!(near, is_within.then_some(expected).into_iter().collect::<Vec<_>>(), "{radius_km}");
    }
}

/// Profiles at the same distance, in one place or several, are sorted by order, then by id.
pub(crate) async fn profiles_of_the_same_distance_are_in_their_order(store: Arc<dyn Store>) {
    let places = [at(1, "a", 10.0, 20.0), at(2, "b", -10.0, 20.0), at(3, "c", 10.0, 20.0), at(4, "d", 11.0, 20.0)];
    keep_all(&store, &places).await;
    let profiles: Vec<_> = (0..48)
        .map(|number| {
            let location = ["a", "b", "c", "d"][number as usize % 4];
            let mut record = approved(profile_at(number * 5 % 48, location)).record().clone();
            record.order = [0, 0, -1, 1, 0][number as usize % 5];
            Profile::restore(record)
        })
        .collect();
    insert_profiles(&store, &profiles).await;
    let around = Around { center: point((0.0, 20.0)), radius_km: 5_000.0 };
    for skip in [0, 1, 5, 30, 35, 36, 37, 47, 48, u64::MAX] {
        for limit in [1, 3, 12, 13, 1_000] {
            let asked = (&ProfileFilter::default(), ProfileWindow { skip, limit });
            assert_near(&store, (&profiles, &places), around, asked).await;
        }
    }
}

/// A search around a point follows changes of profiles and places, and applies its filter.
pub(crate) async fn what_is_near_follows_changes(store: Arc<dyn Store>) {
    let mut places = [at(1, "a", 1.0, 1.0), at(2, "b", 2.0, 2.0)];
    keep(&store, &Place { found: None, ..places[0].clone() }).await;
    let mut profiles = [profile_at(1, "a"), approved(profile_at(2, "a")), approved(profile_at(3, "b"))];
    insert_profiles(&store, &profiles).await;
    let around = Around { center: point((0.0, 0.0)), radius_km: 500.0 };
    let is_near = async |profiles: &[Profile], places: &[Place]| {
        for filter in [filter_for("x"), ProfileFilter::default()] {
            assert_near(&store, (profiles, places), around, (&filter, ALL)).await;
        }
    };
    is_near(&profiles, &[]).await;
    keep_all(&store, &places).await;
    is_near(&profiles, &places).await;
    let changes = profiles[0].approve(super::moderator(), NOW);
    committed(&store, async |unit| unit.profiles().replace(&profiles[0], &changes).await.unwrap()).await;
    is_near(&profiles, &places).await;
    let mut content = profiles[1].content();
    content.details.tags.insert(Facet::Position, tags(&["x"]));
    content.details.location = Some(PlaceName::parse("b").unwrap());
    let changes = profiles[1].change(content, vestibule_domain::Actor::Operator, NOW).unwrap();
    committed(&store, async |unit| unit.profiles().replace(&profiles[1], &changes).await.unwrap()).await;
    is_near(&profiles, &places).await;
    places[1] = at(2, "b", 40.0, 40.0);
    committed(&store, async |unit| unit.places().replace(&places[1]).await.unwrap()).await;
    is_near(&profiles, &places).await;
    places[1] = at(2, "c", 2.0, 2.0);
    committed(&store, async |unit| unit.places().replace(&places[1]).await.unwrap()).await;
    is_near(&profiles, &places).await;
}

/// A search around a point gives at most 1000.
pub(crate) async fn at_most_a_thousand_profiles_are_near(store: Arc<dyn Store>) {
    let places = [at(1, "a", 1.0, 1.0), at(2, "b", 2.0, 2.0)];
    keep_all(&store, &places).await;
    let profiles: Vec<_> = (0..1_010)
        .map(|number| {
            approved(profile(number, |new| {
                let name = ["a", "b"][usize::from(number % 5 == 0)];
                new.content.details.location = Some(PlaceName::parse(name).unwrap());
            }))
        })
        .collect();
    insert_profiles(&store, &profiles).await;
    let around = Around { center: point((0.0, 0.0)), radius_km: 500.0 };
    for skip in [0, 1, 700, 999, 1_009, 1_010] {
        let asked = (&ProfileFilter::default(), ProfileWindow { skip, limit: u32::MAX });
        assert_near(&store, (&profiles, &places), around, asked).await;
    }
}

async fn assert_near(
    store: &Arc<dyn Store>,
    (profiles, places): (&[Profile], &[Place]),
    around: Around,
    (filter, window): (&ProfileFilter, ProfileWindow),
) {
    let points: BTreeMap<_, _> =
        places.iter().filter_map(|place| Some((&place.name, place.found.as_ref()?.point))).collect();
    let mut all: Vec<_> = profiles
        .iter()
        .filter(|profile| profile.is_public() && filter.fits(&profile.record().details))
        .filter_map(|profile| {
            let distance_km = points.get(profile.record().details.location.as_ref()?)?.distance_km(around.center);
            Some(NearProfile { profile: profile.record().into(), distance_km })
        })
        .filter(|near| near.distance_km <= around.radius_km)
        .collect();
    all.sort_by(|one, other| {
        let place = |near: &NearProfile| (near.profile.order, near.profile.id);
        one.distance_km.total_cmp(&other.distance_km).then_with(|| place(one).cmp(&place(other)))
    });
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let most = window.limit.min(ProfileWindow::MOST) as usize;
    let expected: Vec<_> = all.into_iter().skip(skip).take(most).collect();
    let near = store.read().profiles().near(around, filter, window).await.unwrap();
    assert_eq!(near, expected, "{around:?} {filter:?} {window:?}");
}

async fn keep_all(store: &Arc<dyn Store>, places: &[Place]) {
    for place in places {
        keep(store, place).await;
    }
}

fn filter_for(word: &str) -> ProfileFilter {
    let asked = [(Facet::Position, tags(&[word]).as_slice().to_vec())].into();
    ProfileFilter { tags: asked, ..ProfileFilter::default() }
}

fn point((latitude, longitude): (f64, f64)) -> GeoPoint {
    GeoPoint::new(latitude, longitude).unwrap()
}
