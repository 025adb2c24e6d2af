//! Deciding about profiles.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};

use super::{
    assert_body, client,
    profiles::{PROFILES, alex, assert_no_profile, created, editor, path},
    submissions::{SUBMITTED, submit},
    with_words,
};
use crate::support::{Answer, TestApp, bearer, get};

async fn ask(app: &TestApp, method: Method, token: &str, id: &Value) -> Answer {
    let path = format!("{PROFILES}/approve/{}", id.as_str().unwrap());
    app.send(TestRequest::with_uri(&path).method(method).insert_header(bearer(token))).await
}

#[actix_web::test]
async fn an_approved_profile_is_public_and_again_changes_nothing() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let id = submit(&app, &alex()).await;
    let expected = json!({ "message": "Profile approved", "profile": { "_id": id, "approved": true } });
    for method in [Method::GET, Method::GET, Method::POST] {
        let answer = ask(&app, method, &editor.token, &id).await;
        assert_body(&answer, 200, &expected);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let listed = app.send(get(PROFILES)).await.json();
    assert_eq!((&listed[0]["_id"], &listed[0]["approved"], &listed[0]["submitted"]), (&id, &json!(true), &json!(true)));
    assert_eq!(app.get_as(&editor.token, SUBMITTED).await.json(), json!([]));
    for id in [json!(super::NOBODY), json!("x")] {
        assert_no_profile(&ask(&app, Method::GET, &editor.token, &id).await);
    }
}

#[actix_web::test]
async fn head_and_a_prefetch_approve_nothing() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let id = submit(&app, &alex()).await;
    let head = ask(&app, Method::HEAD, &editor.token, &id).await;
    assert_eq!((head.status, head.header("cache-control")), (200, "no-store"));
    for (name, value) in [("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")] {
        for method in [Method::GET, Method::POST, Method::HEAD] {
            let path = format!("{PROFILES}/approve/{}", id.as_str().unwrap());
            let request = TestRequest::with_uri(&path).method(method).insert_header(bearer(&editor.token));
            let answer = app.send(request.insert_header((name, value))).await;
            let err = json!({ "code": "FORBIDDEN", "details": "Refused to a prefetch" });
            assert_body(&answer, 403, &json!({ "message": "User not authorized to perform this action", "err": err }));
        }
    }
    assert_eq!(app.send(get(PROFILES)).await.json(), json!([]));
}

#[actix_web::test]
async fn approved_counts_only_with_manage() {
    let app = TestApp::without_limits().await;
    let (moderator, author) = (editor(&app).await, client(&app, with_words(3, &["view", "add", "update"])).await);
    let mut body = alex();
    body["approved"] = true.into();
    let mut profile = created(&app, &author, &body).await;
    assert_eq!(profile["approved"], false);
    let asked = author.put(&app, &path(&profile), &json!({ "approved": true })).await.json();
    assert_eq!(asked["profile"], profile);
    let approved = moderator.put(&app, &path(&profile), &json!({ "approved": true })).await.json();
    profile["approved"] = true.into();
    assert_eq!(approved["profile"], profile);
    let asked = author.put(&app, &path(&profile), &json!({ "approved": false })).await.json();
    assert_eq!(asked["profile"], profile);
    let reopened = moderator.put(&app, &path(&profile), &json!({ "approved": false })).await.json();
    profile["approved"] = false.into();
    assert_eq!(reopened["profile"], profile);
    assert_eq!(created(&app, &moderator, &body).await["approved"], true);
}

#[actix_web::test]
async fn a_draft_waits_for_nothing_until_it_is_submitted() {
    let app = TestApp::without_limits().await;
    let editor = editor(&app).await;
    let mut body = alex();
    body["submitted"] = false.into();
    let draft = created(&app, &editor, &body).await;
    assert_eq!((&draft["submitted"], app.get_as(&editor.token, SUBMITTED).await.json()), (&json!(false), json!([])));
    let submitted = editor.put(&app, &path(&draft), &json!({ "submitted": true })).await.json();
    assert_eq!(submitted["profile"]["submitted"], true);
    assert_eq!(app.get_as(&editor.token, SUBMITTED).await.json().as_array().unwrap().len(), 1);
}
