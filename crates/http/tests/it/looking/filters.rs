//! Finding and listing approved profiles by the segments of a path.

use serde_json::{Value, json};

use super::{
    Client, anonymous, assert_coded, assert_missing, client,
    profiles::{PROFILES, created, editor, jpeg},
    with_words,
};
use crate::support::{Answer, TestApp, get};

/// An approved profile of a name, an age and tags.
async fn approved(app: &TestApp, by: &Client, (order, name, age): (i32, &str, Option<u8>), tags: Value) -> Value {
    let mut details = tags;
    details["name"] = name.into();
    if let Some(age) = age {
        details["age"] = age.into();
    }
    created(app, by, &json!({ "order": order, "details": details, "approved": true })).await
}

/// Four approved profiles, and one that is not.
async fn gallery(app: &TestApp) -> Client {
    let editor = editor(app).await;
    approved(
        app,
        &editor,
        (0, "Alex", Some(25)),
        json!({ "position": ["Top"], "looking": ["Dates"], "tribes": ["Geek"] }),
    )
    .await;
    approved(
        app,
        &editor,
        (1, "Bert", Some(30)),
        json!({ "position": ["Versatile", "Top/Both"], "looking": ["Friends"] }),
    )
    .await;
    approved(app, &editor, (2, "Curt", Some(35)), json!({ "position": ["top"], "ethnos": ["Caf\u{e9} 100%"] })).await;
    approved(app, &editor, (3, "Dirk", None), json!({ "position": ["Top"] })).await;
    created(app, &editor, &json!({ "details": { "name": "Emil", "age": 30, "position": ["Top"] } })).await;
    editor
}

fn names(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let list = list.as_array().unwrap_or_else(|| panic!("{}", answer.text));
    list.iter().map(|profile| profile["details"]["name"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn each_segment_narrows_what_is_found() {
    let app = TestApp::without_limits().await;
    gallery(&app).await;
    let token = anonymous(&app).await;
    for (segments, expected) in [
        ("", &["Alex", "Bert", "Curt", "Dirk"][..]),
        ("/", &["Alex", "Bert", "Curt", "Dirk"]),
        ("/null/null/null/null/null/null/null/null", &["Alex", "Bert", "Curt", "Dirk"]),
        ("/0/0/null/null/null/null/null/null/", &["Alex", "Bert", "Curt", "Dirk"]),
        ("/2", &["Alex", "Bert"]),
        ("/2/1", &["Bert", "Curt"]),
        ("/null/3", &["Dirk"]),
        ("/null/9", &[]),
        ("/0/0/25/30", &["Alex", "Bert"]),
        ("/0/0/30", &["Bert", "Curt"]),
        ("/0/0/null/25", &["Alex"]),
        ("/0/0/31/29", &[]),
        ("/0/0/200", &[]),
        ("/0/0/0/999", &["Alex", "Bert", "Curt"]),
        ("/0/0/null/null/Top", &["Alex", "Dirk"]),
        ("/0/0/null/null/top", &["Curt"]),
        ("/0/0/null/null/TOP", &[]),
        ("/0/0/null/null/Top|Versatile", &["Alex", "Bert", "Dirk"]),
        ("/0/0/null/null/Top%7CVersatile", &["Alex", "Bert", "Dirk"]),
        ("/0/0/null/null/Top%7cVersatile/Friends|Dates", &["Alex", "Bert"]),
        ("/0/0/null/null/Top%2FBoth", &["Bert"]),
        ("/0/0/null/null/%54op/null/Geek", &["Alex"]),
        ("/0/0/null/null/null/null/null/Caf%C3%A9%20100%25", &["Curt"]),
        ("/0/0/null/null/null/null/null/%257C", &[]),
        ("/0/0/null/null/|", &["Alex", "Bert", "Curt", "Dirk"]),
        ("/0/0/25/35/Top|Versatile/Dates|Friends/Geek/null", &["Alex"]),
    ] {
        for kind in ["find", "list", "FIND", "List"] {
            let answer = app.get_as(&token, &format!("{PROFILES}/{kind}{segments}")).await;
            assert_eq!(names(&answer), expected, "{kind}{segments}");
        }
    }
}

#[actix_web::test]
async fn what_is_no_number_is_no_filter() {
    let app = TestApp::without_limits().await;
    let token = anonymous(&app).await;
    for kind in ["find", "list"] {
        for segments in ["x", "-1", "1.5", "0/x", "0/0/-1", "0/0/1e1", "0/0/0/NaN", "%20", "0/0/%00"] {
            let answer = app.get_as(&token, &format!("{PROFILES}/{kind}/{segments}")).await;
            assert_coded(&answer, 400, "Invalid filter", "INVALID_FILTER");
        }
        let nine = app.get_as(&token, &format!("{PROFILES}/{kind}/1/2/3/4/5/6/7/8/9")).await;
        assert_eq!((nine.status, nine.json()), (404, json!({ "message": "Not found", "err": null })));
    }
}

#[actix_web::test]
async fn find_shows_details_and_list_names_and_small_pictures() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let body = json!({
        "details": { "name": "Alex", "age": 28, "pic": { "detail": jpeg("a") } }, "approved": true,
        "messages": [{ "text": "Hi" }],
    });
    let profile = created(&app, &editor, &body).await;
    let found = app.get_as(&editor.token, "/profiles/find").await.json();
    assert_eq!(found, json!([{ "_id": profile["_id"], "order": 0, "details": profile["details"] }]));
    let listed = app.get_as(&editor.token, "/profiles/list").await.json();
    let thumb = &profile["details"]["pic"]["thumb"];
    let details = json!({ "name": "Alex", "pic": { "thumb": thumb } });
    assert_eq!(listed, json!([{ "_id": profile["_id"], "order": 0, "details": details }]));
}

#[actix_web::test]
async fn an_account_needs_the_word_that_an_anonymous_client_has() {
    let app = TestApp::without_limits().await;
    let other = client(&app, with_words(3, &["add", "edit", "manage", "delete"])).await;
    for kind in ["find", "list"] {
        assert_missing(&app.get_as(&other.token, &format!("{PROFILES}/{kind}/1")).await, "view");
        assert_eq!(app.send(get(&format!("{PROFILES}/{kind}/1"))).await.status, 401);
    }
}

#[actix_web::test]
async fn lists_have_a_part_and_a_total() {
    let app = TestApp::without_limits().await;
    gallery(&app).await;
    for path in [PROFILES, "/profiles/verified"] {
        for (query, expected) in [
            ("", &["Alex", "Bert", "Curt", "Dirk"][..]),
            ("?limit=2", &["Alex", "Bert"]),
            ("?limit=2&skip=3", &["Dirk"]),
            ("?skip=9", &[]),
        ] {
            let answer = app.send(get(&format!("{path}{query}"))).await;
            assert_eq!(
                (names(&answer), answer.header("x-total-count")),
                (expected.iter().map(|name| (*name).to_owned()).collect(), "4")
            );
        }
        assert_coded(&app.send(get(&format!("{path}?limit=x"))).await, 400, "Invalid filter", "INVALID_FILTER");
    }
}

#[actix_web::test]
async fn a_long_list_is_in_order_and_has_a_thousand_at_most() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    for number in 0..1_005 {
        let body = json!({ "order": -number, "details": { "name": format!("{number}") }, "approved": true });
        created(&app, &editor, &body).await;
    }
    let expected: Vec<String> = (5..1_005).rev().map(|number| number.to_string()).collect();
    for path in ["/profiles", "/profiles/find", "/profiles/list/5000"] {
        assert_eq!(names(&app.get_as(&editor.token, path).await), expected, "{path}");
    }
}
