//! Stories that the public hands in.

use serde_json::{Value, json};
use vestibule_testkit::InstantRenderer;

use super::{
    anonymous, assert_body, assert_coded, assert_missing, client,
    profiles::{BAD_IMAGE, NO_DATA, PROFILES, alex, assert_no_profile, data_uri, editor, jpeg, path},
    with_words,
};
use crate::support::{Answer, TestApp, get};

pub(crate) const SUBMISSION: &str = "/profiles/submission";
pub(crate) const SUBMITTED: &str = "/profiles/submitted";

/// Hands a story in, and gives its id.
pub(crate) async fn submit(app: &TestApp, body: &Value) -> Value {
    let answer = app.post(SUBMISSION, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["profile"]["_id"].clone()
}

#[actix_web::test]
async fn a_story_waits_for_a_decision_whatever_it_says_of_itself() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let mut body = alex();
    for (key, value) in
        [("approved", json!(true)), ("submitted", json!(false)), ("_id", json!("507f1f77bcf86cd799439011"))]
    {
        body[key] = value;
    }
    let answer = app.post(SUBMISSION, &body).await;
    let id = answer.json()["profile"]["_id"].clone();
    assert_ne!(id, body["_id"]);
    let expected = json!({
        "message": "Story submitted successfully. It will be reviewed before publishing.",
        "profile": { "_id": id, "submitted": true, "approved": false },
    });
    assert_body(&answer, 200, &expected);
    let listed = app.get_as(&editor.token, SUBMITTED).await;
    assert_eq!((listed.status, listed.header("x-total-count")), (200, "1"));
    let profile = listed.json()[0].clone();
    assert_eq!((&profile["_id"], &profile["order"], &profile["messages"][0]["text"]), (&id, &json!(0), &json!("Hi")));
    assert_no_profile(&app.send(get(&path(&profile))).await);
    assert_body(&app.send(get(PROFILES)).await, 200, &json!([]));
}

#[actix_web::test]
async fn what_was_handed_in_is_for_accounts_that_may_view_alone() {
    let app = TestApp::without_limits().await;
    let id = submit(&app, &alex()).await;
    let path = format!("{PROFILES}/{}", id.as_str().unwrap());
    let anonymous = anonymous(&app).await;
    let stranger = client(&app, with_words(3, &["add", "edit", "delete", "manageAppPreferences"])).await;
    for token in [&anonymous, &stranger.token] {
        assert_missing(&app.get_as(token, SUBMITTED).await, "view");
        assert_no_profile(&app.get_as(token, &path).await);
    }
    let (reader, moderator) =
        (client(&app, with_words(4, &["view"])).await, client(&app, with_words(5, &["manage"])).await);
    assert_eq!(app.get_as(&reader.token, SUBMITTED).await.json().as_array().unwrap().len(), 1);
    assert_missing(&app.get_as(&moderator.token, SUBMITTED).await, "view");
    for by in [&reader, &moderator] {
        assert_eq!(app.get_as(&by.token, &path).await.json()["_id"], id);
    }
}

#[actix_web::test]
async fn ten_stories_an_hour_come_from_one_source() {
    let app = TestApp::new().await;
    for _ in 0..10 {
        submit(&app, &alex()).await;
    }
    let refused = app.post(SUBMISSION, &alex()).await;
    assert_coded(&refused, 429, "Too many requests", "TOO_MANY_REQUESTS");
    assert_eq!(refused.header("retry-after"), "360");
    assert_eq!(app.post_from("192.0.2.2:4000", SUBMISSION, &alex()).await.status, 200);
    app.wait(time::Duration::seconds(360));
    assert_eq!(app.post(SUBMISSION, &alex()).await.status, 200);
}

#[actix_web::test]
async fn a_story_without_a_name_or_with_another_ones_picture_is_refused() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    assert_coded(&app.post(SUBMISSION, &json!({})).await, 500, NO_DATA, "NO_DATA");
    let mut body = alex();
    body["details"]["pic"] = json!({ "detail": jpeg("a") });
    let other = super::profiles::created(&app, &editor, &body).await;
    for image in [other["details"]["pic"]["detail"].clone(), json!("profile/alex_detail.png"), json!("/etc/passwd")] {
        body["details"]["pic"]["detail"] = image;
        assert_coded(&app.post(SUBMISSION, &body).await, 500, BAD_IMAGE, "IMAGE");
    }
}

#[actix_web::test]
async fn an_overloaded_renderer_asks_to_come_back() {
    let app = TestApp::without_limits().await;
    let mut body = alex();
    body["details"]["pic"] = json!({ "detail": jpeg("a") });
    app.renderer.overload(true);
    let refused = app.post(SUBMISSION, &body).await;
    assert_coded(&refused, 503, "Service unavailable", "UNAVAILABLE");
    assert_eq!(refused.header("retry-after"), "1");
    app.renderer.overload(false);
    submit(&app, &body).await;
}

#[actix_web::test]
async fn a_story_that_was_not_approved_in_time_is_dropped() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let (kept, dropped) = (submit(&app, &alex()).await, submit(&app, &alex()).await);
    let of = |id: &Value| format!("{PROFILES}/{}", id.as_str().unwrap());
    editor.put(&app, &of(&kept), &json!({ "approved": true })).await;
    app.wait(time::Duration::days(30) - time::Duration::minutes(1));
    assert_eq!(app.profiles.drop_stale().await.unwrap(), 0);
    app.wait(time::Duration::minutes(2));
    assert_eq!(app.profiles.drop_stale().await.unwrap(), 1);
    let root = super::a_super(&app).await;
    assert_no_profile(&app.get_as(&root.token, &of(&dropped)).await);
    assert_eq!(app.send(get(&of(&kept))).await.status, 200);
}

async fn with_picture(app: &TestApp, uri: &str) -> Answer {
    app.post(SUBMISSION, &json!({ "details": { "name": "Alex", "pic": { "thumb": uri } } })).await
}

#[actix_web::test]
async fn a_picture_is_known_by_its_content() {
    let app = TestApp::without_limits().await;
    let jpeg = data_uri(&InstantRenderer::jpeg("a"));
    let digits = jpeg.split_once(',').unwrap().1.to_owned();
    let url_safe = digits.replace('+', "-").replace('/', "_");
    for uri in [
        jpeg.clone(),
        format!("DATA:IMAGE/JPEG;BASE64,{digits}"),
        format!("data:image/gif;charset=utf-8;name=a.gif;base64,{digits}"),
        format!("data:image/jpeg;base64,\r\n {}", digits.chars().flat_map(|digit| [digit, '\n']).collect::<String>()),
        format!("data:image/webp;base64,{}", url_safe.trim_end_matches('=')),
    ] {
        assert_eq!(with_picture(&app, &uri).await.status, 200, "{uri}");
    }
    for uri in [
        String::new(),
        "data:".to_owned(),
        format!("data:image/svg+xml;base64,{}", "PHN2Zz48L3N2Zz4="),
        "data:image/jpeg,%FF%D8%FF".to_owned(),
        format!("data:text/html;base64,{digits}"),
        format!("data:image/jpeg;base64,{digits}!"),
        digits,
        data_uri(b"GIF89a"),
        data_uri(&InstantRenderer::jpeg("cut")),
        data_uri(&InstantRenderer::png("huge")),
        data_uri(b""),
        "https://example.test/a.jpg".to_owned(),
    ] {
        assert_coded(&with_picture(&app, &uri).await, 500, BAD_IMAGE, "IMAGE");
    }
}

#[actix_web::test]
async fn a_picture_has_at_most_5_mib() {
    let app = TestApp::without_limits().await;
    let sized = |bytes: usize| data_uri(&InstantRenderer::jpeg(&"x".repeat(bytes - 3)));
    assert_eq!(with_picture(&app, &sized(5 * 1_024 * 1_024)).await.status, 200);
    assert_coded(&with_picture(&app, &sized(5 * 1_024 * 1_024 + 1)).await, 500, BAD_IMAGE, "IMAGE");
}
