//! Making, reading, changing and removing profiles.

use serde_json::{Value, json};
use vestibule_testkit::InstantRenderer;

use super::{Client, NOBODY, assert_body, assert_coded, client, with_words};
use crate::support::{Answer, TestApp, get};

pub(crate) const PROFILES: &str = "/profiles";
pub(crate) const NO_DATA: &str = "No profile id or data specified";
pub(crate) const BAD_IMAGE: &str = "There was an error processing the image";
/// When the test apps' clock begins, as the dialect writes it.
const NOW: &str = "2026-03-01T12:00:00Z";

/// An account that may do everything with profiles.
pub(crate) async fn editor(app: &TestApp) -> Client {
    client(app, with_words(7, &["view", "add", "edit", "delete", "manage"])).await
}

pub(crate) fn data_uri(content: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("data:image/jpeg;base64,{}", STANDARD.encode(content))
}

pub(crate) fn jpeg(text: &str) -> String {
    data_uri(&InstantRenderer::jpeg(text))
}

pub(crate) fn alex() -> Value {
    json!({
        "order": 3,
        "details": {
            "name": "Alex", "age": 28, "location": "San Francisco, CA", "about": "Line one.\nLine two.",
            "position": ["Top"], "looking": ["Dates", "Friends"], "tribes": ["Geek"], "ethnos": ["White"],
        },
        "messages": [{ "text": "Hi", "isUser": true }, { "text": "Hello", "isUser": false }],
    })
}

/// Makes a profile, and gives it as it was answered.
pub(crate) async fn created(app: &TestApp, by: &Client, body: &Value) -> Value {
    let answer = app.post_as(&by.token, PROFILES, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["profile"].clone()
}

pub(crate) fn path(profile: &Value) -> String {
    format!("{PROFILES}/{}", profile["_id"].as_str().unwrap())
}

#[track_caller]
pub(crate) fn assert_no_profile(answer: &Answer) {
    assert_body(answer, 404, &json!({ "message": "Profile not found" }));
}

#[actix_web::test]
async fn a_profile_is_made_with_what_was_sent() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let answer = app.post_as(&editor.token, PROFILES, &alex()).await;
    let made = answer.json();
    let (id, messages) = (made["_id"].clone(), made["profile"]["messages"].clone());
    let mut profile = alex();
    profile["_id"] = id.clone();
    for (at, message) in profile["messages"].as_array_mut().unwrap().iter_mut().enumerate() {
        message["_id"] = messages[at]["_id"].clone();
        message["timestamp"] = NOW.into();
    }
    profile["submitted"] = true.into();
    profile["approved"] = false.into();
    let expected = json!({ "_id": id, "message": "Profile created successfully", "profile": profile });
    assert_body(&answer, 201, &expected);
    assert_body(&app.get_as(&editor.token, &path(&profile)).await, 200, &profile);
}

#[actix_web::test]
async fn what_is_unset_is_left_out_and_lists_are_empty() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let bare = json!({ "details": { "name": "Alex", "shoe": 43 }, "colour": "red" });
    let profile = created(&app, &editor, &bare).await;
    let expected = json!({
        "_id": profile["_id"], "order": 0, "messages": [], "submitted": true, "approved": false,
        "details": { "name": "Alex", "position": [], "looking": [], "tribes": [], "ethnos": [] },
    });
    assert_eq!(profile, expected);
    let nulls = json!({
        "order": null, "messages": null, "submitted": null, "approved": null,
        "details": {
            "name": "Alex", "age": null, "location": null, "about": " ", "pic": null, "position": null, "looking": [],
        },
    });
    let mut other = created(&app, &editor, &nulls).await;
    other["_id"] = profile["_id"].clone();
    assert_eq!(other, profile);
}

#[actix_web::test]
async fn a_profile_without_a_name_is_not_made() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    for body in [json!({}), json!({ "details": {} }), json!({ "details": { "age": 1 } }), json!({ "name": "Alex" })] {
        assert_coded(&app.post_as(&editor.token, PROFILES, &body).await, 500, NO_DATA, "NO_DATA");
    }
}

#[actix_web::test]
async fn each_value_has_to_be_of_its_kind() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let tags = |count: usize| (0..count).map(|tag| format!("tag {tag}")).collect::<Vec<_>>();
    for (field, value) in [
        ("order", json!("1")),
        ("order", json!(1.5)),
        ("order", json!(2_147_483_648_u32)),
        ("details", json!("Alex")),
        ("details", json!(null)),
        ("details.name", json!(null)),
        ("details.name", json!("")),
        ("details.name", json!("x".repeat(101))),
        ("details.age", json!(-1)),
        ("details.age", json!(151)),
        ("details.age", json!("28")),
        ("details.age", json!(28.5)),
        ("details.location", json!("x".repeat(201))),
        ("details.location", json!(["Berlin"])),
        ("details.about", json!("x".repeat(5_001))),
        ("details.about", json!("a\0b")),
        ("details.position", json!("Top")),
        ("details.looking", json!([1])),
        ("details.tribes", json!(["a|b"])),
        ("details.ethnos", json!(tags(21))),
        ("messages", json!({})),
        ("messages.0", json!("Hi")),
        ("messages.0.text", json!(1)),
        ("messages.0.text", json!(" ")),
        ("messages.0.text", json!("x".repeat(4_001))),
        ("messages.0.isUser", json!("yes")),
        ("submitted", json!("true")),
        ("approved", json!(1)),
    ] {
        let mut body = alex();
        let place = field.split('.').fold(&mut body, |place, part| match part.parse::<usize>() {
            Ok(at) => &mut place[at],
            Err(_) => &mut place[part],
        });
        *place = value.clone();
        let answer = app.post_as(&editor.token, PROFILES, &body).await;
        assert_coded(&answer, 400, &format!("{field} is invalid"), "INVALID_FIELD");
    }
    let body = json!({ "details": { "name": "Alex" }, "messages": [{ "text": "a" }, {}] });
    let answer = app.post_as(&editor.token, PROFILES, &body).await;
    assert_coded(&answer, 400, "messages.1.text is required", "INVALID_FIELD");
    let many: Vec<Value> = (0..101).map(|_| json!({ "text": "a" })).collect();
    let answer = app.post_as(&editor.token, PROFILES, &json!({ "details": { "name": "A" }, "messages": many })).await;
    assert_coded(&answer, 400, "messages is invalid", "INVALID_FIELD");
    let whole = created(&app, &editor, &json!({ "order": 2.0, "details": { "name": "A", "age": 30.0 } })).await;
    assert_eq!((&whole["order"], &whole["details"]["age"]), (&json!(2), &json!(30)));
}

#[actix_web::test]
async fn a_change_is_merged_key_by_key_and_lists_are_replaced() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let before = created(&app, &editor, &alex()).await;
    let change = json!({
        "order": -2,
        "details": { "age": null, "about": "", "tribes": ["Bear", "Bear"], "looking": null },
    });
    let answer = editor.put(&app, &path(&before), &change).await;
    let mut after = before.clone();
    after["order"] = (-2).into();
    let details = after["details"].as_object_mut().unwrap();
    details.remove("age");
    details.remove("about");
    details.insert("tribes".to_owned(), json!(["Bear"]));
    details.insert("looking".to_owned(), json!([]));
    assert_body(&answer, 200, &json!({ "message": "Profile updated successfully", "profile": after }));
    assert_body(&app.get_as(&editor.token, &path(&before)).await, 200, &after);
    let answer = editor.put(&app, &path(&before), &json!({ "order": null })).await.json();
    assert_eq!(answer["profile"]["order"], 0);
}

#[actix_web::test]
async fn messages_are_replaced_and_a_known_one_stays_itself() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let before = created(&app, &editor, &alex()).await;
    app.wait(time::Duration::hours(1));
    let kept = &before["messages"][1];
    let change = json!({ "messages": [
        { "_id": NOBODY, "text": "New", "timestamp": "2020-01-01T00:00:00Z" },
        { "_id": kept["_id"], "text": "Changed", "isUser": true },
        { "_id": kept["_id"], "text": "Twice" },
    ] });
    let after = editor.put(&app, &path(&before), &change).await.json()["profile"]["messages"].clone();
    assert_eq!((&after[1]["_id"], &after[1]["timestamp"]), (&kept["_id"], &json!(NOW)));
    assert_eq!((&after[1]["text"], &after[1]["isUser"]), (&json!("Changed"), &json!(true)));
    for at in [0, 2] {
        assert_eq!(after[at]["timestamp"], "2026-03-01T13:00:00Z");
        assert!(after[at]["_id"] != kept["_id"] && after[at]["_id"] != NOBODY);
    }
    let none = editor.put(&app, &path(&before), &json!({ "messages": null })).await.json();
    assert_eq!(none["profile"]["messages"], json!([]));
}

#[actix_web::test]
async fn what_was_answered_can_be_sent_back() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let mut body = alex();
    body["details"]["pic"] = json!({ "detail": jpeg("a") });
    body["messages"][0]["image"] = jpeg("b").into();
    let profile = created(&app, &editor, &body).await;
    let answer = editor.put(&app, &path(&profile), &profile).await;
    assert_body(&answer, 200, &json!({ "message": "Profile updated successfully", "profile": profile }));
}

#[actix_web::test]
async fn nothing_to_change_and_nothing_there_are_refused() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let profile = created(&app, &editor, &alex()).await;
    for body in [json!({}), json!({ "details": {} }), json!({ "colour": "red", "details": { "shoe": 43 } })] {
        assert_coded(&editor.put(&app, &path(&profile), &body).await, 500, NO_DATA, "NO_DATA");
    }
    for id in [NOBODY, "x", "507f1f77bcf86cd79943901"] {
        let path = format!("{PROFILES}/{id}");
        assert_no_profile(&app.send(get(&path)).await);
        assert_no_profile(&editor.put(&app, &path, &json!({ "order": 1 })).await);
        assert_no_profile(&editor.delete(&app, &path).await);
    }
}

#[actix_web::test]
async fn a_message_is_changed() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let before = created(&app, &editor, &alex()).await;
    let message = format!("{}/message/{}", path(&before), before["messages"][0]["_id"].as_str().unwrap());
    let answer = editor.put(&app, &message, &json!({ "text": "Changed" })).await;
    let mut after = before.clone();
    after["messages"][0]["text"] = "Changed".into();
    assert_body(&answer, 200, &json!({ "message": "Message updated successfully", "profile": after }));
    let with_image = editor.put(&app, &message, &json!({ "image": jpeg("a") })).await.json();
    let image = with_image["profile"]["messages"][0]["image"].as_str().unwrap().to_owned();
    let own = format!("message/{}", before["_id"].as_str().unwrap());
    assert!(image.starts_with(&own) && image.contains(".jpg"), "{image}");
    let again = editor.put(&app, &message, &json!({ "image": image })).await.json();
    assert_eq!(again["profile"], with_image["profile"]);
    let without = editor.put(&app, &message, &json!({ "image": null })).await.json();
    assert_eq!(without["profile"], after);
    for body in [json!({}), json!({ "isUser": true })] {
        assert_coded(&editor.put(&app, &message, &body).await, 500, NO_DATA, "NO_DATA");
    }
    for text in [json!(null), json!(""), json!(1)] {
        assert_coded(
            &editor.put(&app, &message, &json!({ "text": text })).await,
            400,
            "text is invalid",
            "INVALID_FIELD",
        );
    }
    for id in [NOBODY, "x"] {
        let unknown = format!("{}/message/{id}", path(&before));
        let answer = editor.put(&app, &unknown, &json!({ "text": "a" })).await;
        assert_body(&answer, 404, &json!({ "message": "Message not found" }));
        let unknown = format!("{PROFILES}/{id}/message/{id}");
        assert_no_profile(&editor.put(&app, &unknown, &json!({ "text": "a" })).await);
    }
}

#[actix_web::test]
async fn a_profile_is_removed() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let profile = created(&app, &editor, &alex()).await;
    let answer = editor.delete(&app, &path(&profile)).await;
    assert_body(&answer, 200, &json!({ "message": "Profile deleted successfully", "id": profile["_id"] }));
    assert_no_profile(&editor.delete(&app, &path(&profile)).await);
    assert_no_profile(&app.get_as(&editor.token, &path(&profile)).await);
}

#[actix_web::test]
async fn a_body_is_an_object_of_at_most_8_mib() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let profile = created(&app, &editor, &alex()).await;
    let message = format!("{}/message/{}", path(&profile), profile["messages"][0]["_id"].as_str().unwrap());
    for (method, path) in
        [("POST", PROFILES), ("PUT", &path(&profile)), ("PUT", &message), ("POST", "/profiles/submission")]
    {
        let send = |body: Vec<u8>| {
            let request = get(path).method(method.parse().unwrap()).set_payload(body);
            app.send(request.insert_header(crate::support::bearer(&editor.token)))
        };
        for body in [&b"["[..], b"[]", b"null", b"{", b"\"a\"", b"{\"a\":\"\xff\"}"] {
            assert_coded(&send(body.to_vec()).await, 400, "Invalid request body", "INVALID_BODY");
        }
        let deep = format!("{{\"a\":{}}}", "[".repeat(30) + &"]".repeat(30));
        let busy = format!("{{\"a\":[{}0]}}", "0,".repeat(20_000));
        for body in [deep, busy] {
            assert_coded(&send(body.into_bytes()).await, 400, "Invalid request body", "INVALID_BODY");
        }
        let sized = |size: usize| format!("{{\"x\":\"{}\"}}", "a".repeat(size - 8)).into_bytes();
        assert_coded(&send(sized(8 * 1_024 * 1_024)).await, 500, NO_DATA, "NO_DATA");
        assert_coded(&send(sized(8 * 1_024 * 1_024 + 1)).await, 413, "Request body too large", "TOO_LARGE");
    }
    assert_coded(
        &app.post("/auth/login", &json!({ "x": "a".repeat(102_400) })).await,
        413,
        "Request body too large",
        "TOO_LARGE",
    );
}
