//! Pictures of profiles: served as their profile is seen, and named in bodies by their paths.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};
use vestibule_domain::picture::PictureSize;
use vestibule_testkit::InstantRenderer;

use super::{
    anonymous, assert_body, assert_coded, client,
    profiles::{BAD_IMAGE, alex, created, data_uri, editor, jpeg, path},
    submissions::submit,
    with_words,
};
use crate::support::{TestApp, bearer, get};

fn image(path: &Value) -> String {
    format!("/images/{}", path.as_str().unwrap())
}

/// The status, the content type, the cache control and the bytes of a picture.
async fn bytes(app: &TestApp, request: TestRequest) -> (u16, String, String, Vec<u8>) {
    let mut answer = app.open(request).await;
    let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let (content_type, cache) = (header("content-type"), header("cache-control"));
    let mut bytes = Vec::new();
    while let Some(piece) = answer.bytes().await {
        bytes.extend(piece);
    }
    (answer.status, content_type, cache, bytes)
}

/// A profile with a picture of both sizes and one of a message.
fn pictured() -> Value {
    let mut body = alex();
    body["details"]["pic"] = json!({ "detail": jpeg("alex") });
    body["messages"][0]["image"] = data_uri(&InstantRenderer::png("cat")).into();
    body
}

#[actix_web::test]
async fn the_size_that_is_missing_is_made_from_the_other() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let (a, b) = (InstantRenderer::jpeg("a"), InstantRenderer::png("b"));
    for (pic, detail, thumb) in [
        (json!({ "detail": data_uri(&a) }), &a, &a),
        (json!({ "thumb": data_uri(&a) }), &a, &a),
        (json!({ "thumb": data_uri(&b), "detail": data_uri(&a) }), &a, &b),
        (json!({ "thumb": null, "detail": data_uri(&b) }), &b, &b),
    ] {
        let mut body = alex();
        (body["details"]["pic"], body["approved"]) = (pic, true.into());
        let pic = created(&app, &editor, &body).await["details"]["pic"].clone();
        for (size, name, source, suffix) in
            [(PictureSize::Detail, "detail", detail, "_detail"), (PictureSize::Thumb, "thumb", thumb, "_thumbnail")]
        {
            let (extension, media_type) = if *source == a { ("jpg", "image/jpeg") } else { ("png", "image/png") };
            assert!(pic[name].as_str().unwrap().ends_with(&format!("{suffix}.{extension}")), "{pic}");
            let (status, content_type, _, bytes) = bytes(&app, get(&image(&pic[name]))).await;
            assert_eq!((status, content_type.as_str()), (200, media_type));
            assert_eq!(bytes, InstantRenderer::rendered(source, size));
        }
    }
}

#[actix_web::test]
async fn a_picture_is_seen_by_those_who_see_its_profile() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let id = submit(&app, &pictured()).await;
    let profile = app.get_as(&editor.token, &format!("/profiles/{}", id.as_str().unwrap())).await.json();
    let images =
        [&profile["details"]["pic"]["thumb"], &profile["details"]["pic"]["detail"], &profile["messages"][0]["image"]];
    let (reader, moderator) =
        (client(&app, with_words(4, &["view"])).await, client(&app, with_words(5, &["manage"])).await);
    let stranger = client(&app, with_words(6, &["add", "edit", "delete"])).await;
    let anonymous = anonymous(&app).await;
    for is_public in [false, true, false] {
        editor.put(&app, &path(&profile), &json!({ "approved": is_public })).await;
        for path in images.map(image) {
            for token in [&reader.token, &moderator.token] {
                let (status, _, cache, _) = bytes(&app, get(&path).insert_header(bearer(token))).await;
                let expected = if is_public { "public, max-age=3600, immutable" } else { "no-store" };
                assert_eq!((status, cache.as_str()), (200, expected), "{path}");
            }
            for token in [None, Some(&stranger.token), Some(&anonymous)] {
                let request = token.iter().fold(get(&path), |request, token| request.insert_header(bearer(token)));
                let (status, _, cache, _) = bytes(&app, request).await;
                let expected = if is_public { (200, "public, max-age=3600, immutable") } else { (404, "no-store") };
                assert_eq!((status, cache.as_str()), expected, "{path}");
            }
        }
    }
}

#[actix_web::test]
async fn a_picture_that_is_known_is_not_sent_again() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let mut body = pictured();
    body["approved"] = true.into();
    let profile = created(&app, &editor, &body).await;
    let path = image(&profile["details"]["pic"]["detail"]);
    let answer = app.open(get(&path)).await;
    let tag = answer.headers.get("etag").unwrap().to_str().unwrap().to_owned();
    assert_eq!(answer.headers.get("x-content-type-options").unwrap(), "nosniff");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let answer = app.send(get(&path).insert_header(("If-None-Match", known))).await;
        assert_eq!((answer.status, answer.text.as_str(), answer.header("etag")), (304, "", tag.as_str()));
        assert_eq!(answer.header("cache-control"), "public, max-age=3600, immutable");
    }
    for known in ["\"x\"", "x", ""] {
        assert_eq!(app.open(get(&path).insert_header(("If-None-Match", known))).await.status, 200, "{known:?}");
    }
    let head = app.send(TestRequest::with_uri(&path).method(Method::HEAD)).await;
    assert_eq!((head.status, head.text.as_str(), head.header("content-type")), (200, "", "image/jpeg"));
    editor.put(&app, &super::profiles::path(&profile), &json!({ "approved": false })).await;
    let hidden = app.send(get(&path).insert_header(("If-None-Match", tag))).await;
    assert_eq!((hidden.status, hidden.header("etag")), (404, ""));
}

#[actix_web::test]
async fn no_other_path_is_a_picture() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let mut body = pictured();
    body["approved"] = true.into();
    let profile = created(&app, &editor, &body).await;
    let own = image(&profile["details"]["pic"]["detail"]);
    let other = created(&app, &editor, &body).await;
    let (id, other) = (profile["_id"].as_str().unwrap(), other["_id"].as_str().unwrap());
    for path in [
        own.replace(".jpg", ".png"),
        own.replace("_detail", ""),
        own.replace(id, other),
        own.replace("/profile/", "/message/"),
        own.replace("/profile/", "/profile%2F"),
        own.replace("/profile/", "/dossiers/"),
        "/images/profile/alex_detail.png".to_owned(),
        "/images/profile/..%2F..%2Fsecret".to_owned(),
        "/images/profile".to_owned(),
        "/images".to_owned(),
    ] {
        assert_body(&app.send(get(&path)).await, 404, &json!({ "message": "Not found", "err": null }));
    }
    assert_eq!(app.open(get(&own.to_uppercase())).await.status, 200);
}

#[actix_web::test]
async fn a_path_in_a_body_has_to_be_one_of_that_very_profile() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let (own, other) = (created(&app, &editor, &pictured()).await, created(&app, &editor, &pictured()).await);
    let detail = &own["details"]["pic"]["detail"];
    let after = editor.put(&app, &path(&own), &json!({ "details": { "pic": { "thumb": detail } } })).await.json();
    assert_eq!(after["profile"], own, "the other size of a picture that is there stays");
    let foreign = other["details"]["pic"]["detail"].as_str().unwrap();
    let renamed = foreign.replace(other["_id"].as_str().unwrap(), own["_id"].as_str().unwrap());
    for bad in [
        foreign,
        &renamed,
        "profile/alex_detail.png",
        "",
        "../x.png",
        &detail.as_str().unwrap().replace(".jpg", ".png"),
    ] {
        let body = json!({ "details": { "pic": { "detail": bad } } });
        assert_coded(&editor.put(&app, &path(&own), &body).await, 500, BAD_IMAGE, "IMAGE");
        let body = json!({ "messages": [{ "text": "Hi", "image": bad }] });
        assert_coded(&editor.put(&app, &path(&own), &body).await, 500, BAD_IMAGE, "IMAGE");
        let message = format!("{}/message/{}", path(&own), own["messages"][0]["_id"].as_str().unwrap());
        assert_coded(&editor.put(&app, &message, &json!({ "image": bad })).await, 500, BAD_IMAGE, "IMAGE");
    }
    for bad in [json!(1), json!([detail]), json!({ "detail": 1 }), json!(detail)] {
        let body = json!({ "details": { "pic": bad } });
        assert_coded(&editor.put(&app, &path(&own), &body).await, 500, BAD_IMAGE, "IMAGE");
    }
    assert_body(&app.get_as(&editor.token, &path(&own)).await, 200, &own);
}

#[actix_web::test]
async fn null_takes_a_picture_away_and_so_it_is_gone() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    for pic in [json!(null), json!({ "thumb": null, "detail": null })] {
        let profile = created(&app, &editor, &pictured()).await;
        let body = json!({ "details": { "pic": pic } });
        let after = editor.put(&app, &path(&profile), &body).await.json();
        assert_eq!(after["profile"]["details"].get("pic"), None);
        for size in ["thumb", "detail"] {
            let path = image(&profile["details"]["pic"][size]);
            assert_eq!(app.get_as(&editor.token, &path).await.status, 404);
        }
        let kept = image(&profile["messages"][0]["image"]);
        assert_eq!(bytes(&app, get(&kept).insert_header(bearer(&editor.token))).await.0, 200);
    }
}
