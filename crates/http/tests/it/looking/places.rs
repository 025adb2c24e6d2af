//! The cache of places.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;

use super::{
    NOBODY, assert_body, assert_coded, assert_missing, assert_taken, client,
    profiles::{NO_DATA, created, editor},
    with_words,
};
use crate::support::{TestApp, bearer, get};

const POPULATE: &str = "/geocache/populate/location";

async fn with_locations(app: &TestApp, locations: &[&str]) {
    app.geocoder.knows("Berlin", 52.5, 13.5);
    app.geocoder.knows("San Francisco, CA", 37.75, -122.25);
    let editor = editor(app).await;
    for location in locations {
        created(app, &editor, &json!({ "details": { "name": "Alex", "location": location } })).await;
    }
}

#[actix_web::test]
async fn the_locations_of_all_profiles_are_looked_up_once() {
    let app = TestApp::without_limits().await;
    with_locations(&app, &["San Francisco, CA", "Berlin", "Berlin", "Nowhere"]).await;
    let by = client(&app, with_words(3, &["manageAppPreferences"])).await;
    let answer = app.get_as(&by.token, POPULATE).await;
    let ids: Vec<_> = answer.json()["results"].as_array().unwrap().iter().map(|place| place["_id"].clone()).collect();
    let expected = json!({ "message": "Geocache populated", "count": 2, "results": [
        {
            "_id": ids[0], "key": "Berlin", "formatted": "Berlin, Earth",
            "loc": { "type": "Point", "coordinates": [13.5, 52.5] },
        },
        {
            "_id": ids[1], "key": "San Francisco, CA", "formatted": "San Francisco, CA, Earth",
            "loc": { "type": "Point", "coordinates": [-122.25, 37.75] },
        },
    ] });
    assert_body(&answer, 200, &expected);
    assert_eq!((answer.header("x-has-more"), answer.header("cache-control")), ("", "no-store"));
    assert_body(&app.post_as(&by.token, POPULATE, &json!({})).await, 200, &expected);
    assert_eq!(app.geocoder.asked(), ["Berlin", "Nowhere", "San Francisco, CA"]);
}

#[actix_web::test]
async fn head_and_a_prefetch_look_nothing_up() {
    let app = TestApp::without_limits().await;
    with_locations(&app, &["Berlin"]).await;
    let by = client(&app, with_words(3, &["manageAppPreferences"])).await;
    let head = TestRequest::with_uri(POPULATE).method(Method::HEAD).insert_header(bearer(&by.token));
    assert_eq!(app.send(head).await.status, 200);
    let prefetch = get(POPULATE).insert_header(bearer(&by.token)).insert_header(("Sec-Purpose", "prefetch"));
    assert_eq!(app.send(prefetch).await.status, 403);
    assert_eq!(app.geocoder.asked(), [""; 0]);
    assert_coded(&app.get_as(&by.token, "/geocache/populate/name").await, 400, "field is invalid", "INVALID_FIELD");
    let other = client(&app, with_words(4, &["view", "add", "edit", "delete", "manage"])).await;
    assert_missing(&app.get_as(&other.token, "/geocache/populate/name").await, "manageAppPreferences");
}

#[actix_web::test]
async fn a_place_is_changed_by_hand() {
    let app = TestApp::without_limits().await;
    with_locations(&app, &["San Francisco, CA", "Berlin"]).await;
    let by = client(&app, with_words(3, &["manageAppPreferences"])).await;
    let mut place = app.get_as(&by.token, POPULATE).await.json()["results"][0].clone();
    let path = format!("/geocache/{}", place["_id"].as_str().unwrap());
    let change = json!({ "formatted": "Berlin", "loc": { "type": "Point", "coordinates": [13, 52.5, 34] } });
    place["formatted"] = "Berlin".into();
    place["loc"]["coordinates"] = json!([13.0, 52.5]);
    let answer = by.put(&app, &path, &change).await;
    assert_body(&answer, 200, &json!({ "message": "Geocache updated", "geocache": place }));
    assert_eq!(app.get_as(&by.token, POPULATE).await.json()["results"][0], place);
    assert_taken(&by.put(&app, &path, &json!({ "key": "San Francisco, CA" })).await, "key");
    for (loc, coordinates) in [
        ("Point", json!([181, 0])),
        ("Point", json!([0, 91])),
        ("Point", json!([0])),
        ("Point", json!([0, 0, 0, 0])),
        ("Point", json!(["0", "0"])),
        ("Polygon", json!([0, 0])),
    ] {
        let body = json!({ "loc": { "type": loc, "coordinates": coordinates } });
        assert_coded(&by.put(&app, &path, &body).await, 400, "Invalid location", "INVALID_LOCATION");
    }
    for loc in [json!(null), json!([0, 0]), json!({ "coordinates": [0, 0] }), json!({ "type": "Point" })] {
        let answer = by.put(&app, &path, &json!({ "loc": loc })).await;
        assert_coded(&answer, 400, "Invalid location", "INVALID_LOCATION");
    }
    for (field, value) in
        [("key", json!("")), ("key", json!(null)), ("formatted", json!(1)), ("key", json!("x".repeat(201)))]
    {
        let answer = by.put(&app, &path, &json!({ field: value })).await;
        assert_coded(&answer, 400, &format!("{field} is invalid"), "INVALID_FIELD");
    }
    assert_coded(&by.put(&app, &path, &json!({ "colour": "red" })).await, 500, NO_DATA, "NO_DATA");
    for id in [NOBODY, "x"] {
        let answer = by.put(&app, &format!("/geocache/{id}"), &json!({ "key": "a" })).await;
        assert_body(&answer, 404, &json!({ "message": "Geocache entry not found" }));
    }
}
