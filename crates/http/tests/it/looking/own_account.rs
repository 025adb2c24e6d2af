//! What an account edits of itself.

use serde_json::json;
use vestibule_domain::Role;

use super::{
    NEW_PASSWORD, PASSWORD, SESSION, a_super, a_user, account, assert_missing, assert_not_saved, assert_refused,
    client, login, token, with_words,
};
use crate::support::TestApp;

#[actix_web::test]
async fn an_owner_changes_the_name_without_the_present_password() {
    let app = TestApp::without_limits().await;
    let alice = a_user(&app).await;
    let answer = alice.put(&app, &alice.path(), &json!({ "name": { "first": "Alice" } })).await;
    assert_eq!((answer.status, &answer.json()["user"]["name"]), (200, &json!({ "first": "Alice", "last": "Last" })));
}

#[actix_web::test]
async fn another_address_or_password_takes_the_present_one() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    for owner in [a_user(&app).await, root] {
        for body in [
            json!({ "email": "new@example.com" }),
            json!({ "email": "new@example.com", "currentPassword": "wrong" }),
            json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD }),
            json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD, "currentPassword": "wrong" }),
        ] {
            assert_not_saved(&owner.put(&app, &owner.path(), &body).await);
        }
        let same = json!({ "email": owner.email });
        assert_eq!(owner.put(&app, &owner.path(), &same).await.status, 200, "its own address is no other");
        assert_eq!(login(&app, &owner.email, PASSWORD).await.status, 200, "nothing has changed");
    }
}

#[actix_web::test]
async fn a_new_password_ends_every_session_but_the_one_it_was_set_in() {
    let app = TestApp::without_limits().await;
    let alice = a_user(&app).await;
    let other = token(&login(&app, "user-2", PASSWORD).await);
    let body = json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD, "currentPassword": PASSWORD });
    assert_eq!(alice.put(&app, &alice.path(), &body).await.status, 200);
    assert_eq!(app.get_as(&alice.token, SESSION).await.status, 200);
    assert_refused(&app.send_as(&other, actix_web::http::Method::PUT, SESSION, &json!({})).await, "jwt revoked");
    assert_eq!(login(&app, "user-2", NEW_PASSWORD).await.status, 200);
    assert_eq!(app.mails("user-2@example.com").await.len(), 1, "its owner is told");
}

#[actix_web::test]
async fn rights_a_reset_and_the_user_name_are_a_supers_to_set() {
    let app = TestApp::without_limits().await;
    let everything_else = ["view", "add", "edit", "update", "delete", "manage", "manageAppPreferences"];
    let admin = client(&app, account(3).role(Role::Admin)).await;
    for owner in [a_user(&app).await, client(&app, with_words(4, &everything_else)).await, admin] {
        for body in [
            json!({ "can": ["super"] }),
            json!({ "can": [] }),
            json!({ "can": null }),
            json!({ "forceReset": true }),
            json!({ "forceReset": false }),
            json!({ "username": "other" }),
            json!({ "name": { "first": "A" }, "username": "user-2" }),
        ] {
            assert_missing(&owner.put(&app, &owner.path(), &body).await, "super");
        }
    }
}

#[actix_web::test]
async fn somebody_else_is_nobodys_to_edit_whether_or_not_they_exist() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    for path in [root.path(), format!("/users/{}", super::NOBODY), "/users/x".to_owned()] {
        for body in [json!({ "name": { "first": "A" } }), json!({ "email": 1 }), json!({})] {
            assert_missing(&alice.put(&app, &path, &body).await, "super");
        }
    }
}
