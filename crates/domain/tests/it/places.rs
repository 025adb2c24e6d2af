//! Places: the box around a circle has every point of the circle.

use proptest::prelude::*;
use vestibule_domain::place::{BoundingBox, GeoPoint};

fn point(latitude: f64, longitude: f64) -> GeoPoint {
    GeoPoint::new(latitude.clamp(-90.0, 90.0), wrapped(longitude)).unwrap()
}

fn wrapped(longitude: f64) -> f64 {
    (longitude + 180.0).rem_euclid(360.0) - 180.0
}

/// The destination from a point along a great circle.
fn from(center: GeoPoint, bearing: f64, radius_km: f64) -> GeoPoint {
    let (latitude, angle) = (center.latitude().to_radians(), radius_km / GeoPoint::EARTH_RADIUS_KM);
    let sine = latitude.sin() * angle.cos() + latitude.cos() * angle.sin() * bearing.cos();
    let aside = (bearing.sin() * angle.sin() * latitude.cos()).atan2(angle.cos() - latitude.sin() * sine);
    point(sine.clamp(-1.0, 1.0).asin().to_degrees(), center.longitude() + aside.to_degrees())
}

/// Anywhere, near the poles and near the meridian of 180°.
fn points() -> impl Strategy<Value = GeoPoint> {
    let latitude = prop_oneof![
        3 => -90.0..=90.0,
        2 => 89.0..=90.0,
        2 => -90.0..=-89.0,
        1 => prop::sample::select(vec![-90.0, -0.0, 0.0, 90.0, 89.999_999_9]),
    ];
    let longitude = prop_oneof![
        3 => -180.0..=180.0,
        2 => 179.0..=180.0,
        2 => -180.0..=-179.0,
        1 => prop::sample::select(vec![-180.0, 0.0, 180.0]),
    ];
    (latitude, longitude).prop_map(|(latitude, longitude)| GeoPoint::new(latitude, longitude).unwrap())
}

fn radii() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..1.0, 1.0..200.0, 200.0..20_100.0, prop::sample::select(vec![0.0, 10_007.557, 20_015.115, 1e9]),]
}

fn assert_within(center: GeoPoint, radius_km: f64, point: GeoPoint) {
    if point.distance_km(center) <= radius_km {
        let area = BoundingBox::around(center, radius_km);
        assert!(area.has(point), "{area:?} {point:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn the_box_around_a_circle_has_its_points(
        center in points(),
        radius_km in radii(),
        bearing in 0.0..std::f64::consts::TAU,
        part in prop_oneof![Just(1.0), 0.0..=1.0],
    ) {
        assert_within(center, radius_km, from(center, bearing, radius_km * part));
    }

    #[test]
    fn the_box_around_a_circle_has_every_point_as_far(center in points(), other in points()) {
        let radius_km = center.distance_km(other);
        assert_within(center, radius_km, other);
        assert_within(center, radius_km.next_up(), other);
    }

    /// The circle touches two meridians and passes arbitrarily close to a pole, where rounding matters most.
    #[test]
    fn the_box_around_a_circle_has_the_points_where_it_touches_a_meridian(
        center in points(),
        short in prop_oneof![Just(0.0), 0.0..1e-9, 0.0..1e-3, 0.0..1.0],
        east: bool,
        off in -1e-6..1e-6,
    ) {
        let to_pole = (90.0 - center.latitude().abs()).to_radians();
        let angle = to_pole * (1.0 - short);
        let latitude = center.latitude().to_radians();
        // Where a great circle from the pole touches the circle.
        let touching = (latitude.sin() / angle.cos()).clamp(-1.0, 1.0).asin().to_degrees();
        let aside = (angle.sin() / latitude.cos()).clamp(-1.0, 1.0).asin().to_degrees();
        let aside = if east { aside + off } else { -aside - off };
        let other = point(touching, center.longitude() + aside);
        assert_within(center, angle * GeoPoint::EARTH_RADIUS_KM, other);
        assert_within(center, center.distance_km(other), other);
    }
}

#[test]
fn a_box_is_two_beyond_the_meridian_of_180_degrees() {
    let area = BoundingBox::around(point(0.0, 179.5), 111.2);
    assert!(area.beyond.is_some());
    for (longitude, is_within) in
        [(178.6, true), (178.4, false), (180.0, true), (-180.0, true), (-179.6, true), (-179.4, false)]
    {
        assert_eq!(area.has(GeoPoint::new(0.0, longitude).unwrap()), is_within, "{longitude}");
    }
    assert!(!area.has(point(1.1, 179.5)) && !area.has(point(-1.1, 179.5)) && area.has(point(0.9, 179.5)));
}

#[test]
fn a_box_with_a_pole_has_every_meridian() {
    for center in [point(89.5, 10.0), point(-89.5, -170.0), point(90.0, 0.0)] {
        let area = BoundingBox::around(center, 100.0);
        let latitude = 89.6_f64.copysign(center.latitude());
        for longitude in [-180.0, -90.0, 0.0, 179.9] {
            assert!(area.has(GeoPoint::new(latitude, longitude).unwrap()));
        }
        assert!(!area.has(GeoPoint::new(-latitude, 0.0).unwrap()) && !area.has(point(0.0, 0.0)));
    }
}
