//! `forceReset`: a change of password that comes before everything.

use actix_web::http::Method;
use serde_json::json;

use super::{
    NEW_PASSWORD, PASSWORD, SESSION, USERS, WORDS, a_super, a_user, assert_body, assert_missing, assert_not_saved,
    client, login, reset_link, token, with_words,
};
use crate::support::TestApp;

#[actix_web::test]
async fn until_the_password_is_changed_nothing_else_works() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let alice = client(&app, with_words(2, &WORDS)).await;
    assert_eq!(app.get_as(&alice.token, USERS).await.status, 200);
    let answer = root.put(&app, &alice.path(), &json!({ "forceReset": true })).await;
    let user = &answer.json()["user"];
    assert_eq!((&user["forceReset"], &user["can"]), (&json!(true), &json!(WORDS)));

    // The token of before has no rights any more.
    assert_missing(&app.get_as(&alice.token, USERS).await, "super");
    let signed_in = login(&app, "user-2", PASSWORD).await;
    assert_eq!(signed_in.json()["user"]["can"], json!([]));
    let now = token(&signed_in);
    assert_eq!(app.get_as(&now, SESSION).await.json()["decoded"]["can"], json!([]));
    let refreshed = app.send_as(&now, Method::PUT, SESSION, &json!({})).await;
    assert_eq!(app.get_as(&token(&refreshed), SESSION).await.json()["decoded"]["can"], json!([]));
    assert_missing(&app.get_as(&now, USERS).await, "super");

    let password = json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD, "currentPassword": PASSWORD });
    let with = |name: &str, value: serde_json::Value| {
        let mut body = password.clone();
        body[name] = value;
        body
    };
    let err = json!({ "code": "FORBIDDEN", "details": "Password change required" });
    let due = json!({ "message": "User not authorized to perform this action", "err": err });
    for body in [
        json!({ "name": { "first": "A" } }),
        json!({ "email": "a@example.com", "currentPassword": PASSWORD }),
        with("name", json!({ "first": "A" })),
        with("email", json!("a@example.com")),
    ] {
        assert_body(&alice.put(&app, &alice.path(), &body).await, 403, &due);
    }
    for body in [with("can", json!(WORDS)), json!({ "forceReset": false }), json!({ "username": "other" })] {
        assert_missing(&alice.put(&app, &alice.path(), &body).await, "super");
    }
    assert_missing(&alice.put(&app, &root.path(), &password).await, "super");
    let wrong = with("currentPassword", json!("wrong"));
    assert_not_saved(&alice.put(&app, &alice.path(), &wrong).await);

    let done = alice.put(&app, &alice.path(), &password).await;
    assert_eq!((done.status, &done.json()["user"]["forceReset"]), (200, &json!(false)));
    assert_eq!(app.get_as(&alice.token, USERS).await.status, 200, "the rights are back");
}

#[actix_web::test]
async fn a_reset_by_mail_is_a_change_too() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    root.put(&app, &alice.path(), &json!({ "forceReset": true })).await;
    let link = reset_link(&app, "user-2", "user-2@example.com").await;
    let body = json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD });
    assert_eq!(app.send_as("x", Method::PUT, &link, &body).await.status, 200);
    assert_eq!(app.get_as(&root.token, &alice.path()).await.json()["forceReset"], false);
}

#[actix_web::test]
async fn a_super_sets_a_password_that_is_to_be_changed() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    let mut body = json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD, "forceReset": true });
    assert_eq!(root.put(&app, &alice.path(), &body).await.json()["user"]["forceReset"], true);
    assert_eq!(app.get_as(&root.token, &alice.path()).await.json()["forceReset"], true);
    body.as_object_mut().unwrap().remove("forceReset");
    assert_eq!(root.put(&app, &alice.path(), &body).await.json()["user"]["forceReset"], false);
}

#[actix_web::test]
async fn other_dialects_know_nothing_of_it() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let alice = client(&app, super::account(2)).await;
    root.put(&app, &alice.path(), &json!({ "forceReset": true })).await;
    let login = app.post("/user/login", &json!({ "username": "user-2", "password": PASSWORD })).await;
    assert_eq!(app.get_as(&token(&login), "/user/verify").await.status, 200);
}
