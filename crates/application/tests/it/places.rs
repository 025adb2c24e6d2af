//! Places: what is looked up, and when again.

use std::sync::Arc;

use time::Duration;
use vestibule_application::{
    Caller, Fault, Places, PlacesPorts,
    accounts::Edit,
    places::{EditPlace, PlaceError},
};
use vestibule_domain::{
    Permission, PermissionSet, PlaceId, Role,
    place::{GeoPoint, PlaceName},
};
use vestibule_testkit::{AccountBuilder, FixedClock, ScriptedGeocoder};

use crate::{
    profiles::{Gallery, named},
    support::World,
};

struct Atlas {
    gallery: Gallery,
    places: Places,
    geocoder: Arc<ScriptedGeocoder>,
    root: Caller,
}

impl Atlas {
    /// A gallery with profiles at these places.
    async fn of(locations: &[&str]) -> Self {
        let gallery = Gallery::open().await;
        let geocoder = Arc::new(ScriptedGeocoder::default());
        let ports = PlacesPorts { geocoder: geocoder.clone() };
        let places = Places::new(Arc::clone(gallery.world.app.core()), ports);
        let root = caller(&gallery.world, 50, Role::Root, PermissionSet::EMPTY).await;
        let atlas = Self { gallery, places, geocoder, root };
        for location in locations {
            atlas.settle(location).await;
        }
        atlas
    }

    async fn settle(&self, location: &str) {
        let mut content = named("Alex");
        content.details.location = Edit::Set(PlaceName::parse(location).unwrap());
        self.gallery.create(content).await;
    }

    /// The names of the places that are known after a call.
    async fn populate(&self) -> Vec<String> {
        let root = self.gallery.world.caller(&self.root.account().clone()).await.unwrap();
        let populated = self.places.populate(&root).await.unwrap();
        populated.places.iter().map(|place| place.name.as_str().to_owned()).collect()
    }
}

async fn caller(world: &World, number: u32, role: Role, permissions: PermissionSet) -> Caller {
    let account = AccountBuilder::numbered(number).role(role).permissions(permissions).build();
    world.insert(&account).await;
    world.caller(&account).await.unwrap()
}

#[tokio::test]
async fn each_location_is_looked_up_once() {
    let atlas = Atlas::of(&["Paris", "Rome", "Paris", "Nowhere"]).await;
    atlas.geocoder.knows("Paris", 48.85, 2.35);
    atlas.geocoder.knows("Rome", 41.9, 12.5);
    for _ in 0..2 {
        assert_eq!(atlas.populate().await, ["Paris", "Rome"]);
        assert_eq!(atlas.geocoder.asked(), ["Nowhere", "Paris", "Rome"]);
    }
    atlas.settle("Oslo").await;
    atlas.geocoder.knows("Oslo", 59.9, 10.7);
    assert_eq!(atlas.populate().await, ["Oslo", "Paris", "Rome"]);
}

#[tokio::test]
async fn what_was_not_found_is_looked_up_again_after_30_days() {
    let atlas = Atlas::of(&["Nowhere"]).await;
    assert_eq!(atlas.populate().await, [""; 0]);
    atlas.gallery.world.advance(Duration::days(29));
    atlas.geocoder.knows("Nowhere", 1.0, 1.0);
    assert_eq!(atlas.populate().await, [""; 0]);
    atlas.gallery.world.advance(Duration::days(2));
    assert_eq!(atlas.populate().await, ["Nowhere"]);
}

#[tokio::test]
async fn what_was_found_before_the_source_failed_stays() {
    let atlas = Atlas::of(&["Paris"]).await;
    atlas.geocoder.knows("Paris", 48.85, 2.35);
    atlas.populate().await;
    atlas.settle("Rome").await;
    atlas.geocoder.set_down(true);
    let failed = atlas.places.populate(&atlas.root).await;
    assert!(matches!(failed, Err(PlaceError::Fault(Fault::Unavailable(_)))), "{failed:?}");
    atlas.geocoder.set_down(false);
    assert_eq!(atlas.populate().await, ["Paris"]);
}

#[tokio::test]
async fn a_place_that_was_written_by_hand_stays_so() {
    let atlas = Atlas::of(&["Paris"]).await;
    atlas.geocoder.knows("Paris", 48.85, 2.35);
    let found = atlas.places.populate(&atlas.root).await.unwrap().places.remove(0);
    let point = GeoPoint::new(33.66, -95.55).unwrap();
    let input = EditPlace { point: Some(point), ..EditPlace::default() };
    let edited = atlas.places.edit(&atlas.root, found.id, input).await.unwrap();
    assert_eq!(edited.found.as_ref().unwrap().point, point);
    assert_eq!(edited.found.as_ref().unwrap().formatted, found.found.unwrap().formatted);
    let again = atlas.places.populate(&atlas.root).await.unwrap().places.remove(0);
    assert_eq!(again.found.unwrap().point, point);
    let unknown = PlaceId::new(FixedClock::START, [9; 6]);
    let refused = atlas.places.edit(&atlas.root, unknown, EditPlace::default()).await;
    assert!(matches!(refused, Err(PlaceError::NotFound)));
}

#[tokio::test]
async fn two_places_have_two_names() {
    let atlas = Atlas::of(&["Paris", "Rome"]).await;
    atlas.geocoder.knows("Paris", 48.85, 2.35);
    atlas.geocoder.knows("Rome", 41.9, 12.5);
    let places = atlas.places.populate(&atlas.root).await.unwrap().places;
    let input = EditPlace { name: Some(places[1].name.clone()), ..EditPlace::default() };
    let refused = atlas.places.edit(&atlas.root, places[0].id, input).await;
    assert!(matches!(refused, Err(PlaceError::NameTaken)), "{refused:?}");
}

#[tokio::test]
async fn an_admin_changes_places_only_with_the_permission_itself() {
    let atlas = Atlas::of(&[]).await;
    let world = &atlas.gallery.world;
    let permitted = PermissionSet::EMPTY.with(Permission::AppPreferences);
    for (number, role, permissions, may) in [
        (60, Role::User, PermissionSet::EMPTY, false),
        (61, Role::Admin, PermissionSet::EMPTY, false),
        (62, Role::User, permitted, true),
        (63, Role::Admin, permitted, true),
        (64, Role::Root, PermissionSet::EMPTY, true),
    ] {
        let caller = caller(world, number, role, permissions).await;
        assert_eq!(atlas.places.populate(&caller).await.is_ok(), may, "{role:?} {permissions:?}");
    }
}
