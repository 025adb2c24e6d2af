//! `/api/users`: what is shown, changed and removed.

use actix_web::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{Account, Permission, Provider, Role};

use super::{PASSWORD, SIGN_IN, USERS, account, assert_done, assert_failed, token};
use crate::support::{Answer, TestApp, bearer, get};

async fn app_with(accounts: &[&Account]) -> TestApp {
    let app = TestApp::without_limits().await;
    for account in accounts {
        app.put(account).await;
    }
    app
}

async fn update(app: &TestApp, caller: &Account, target: &Account, body: Value) -> Answer {
    let path = format!("{USERS}/{}", target.id().hex());
    app.send_as(&token(app, caller), Method::PUT, &path, &body).await
}

#[actix_web::test]
async fn users_are_listed_and_shown_in_full_to_whoever_reads() {
    let reader = account(1, Role::User, &[Permission::UserRead]).build();
    let social = account(2, Role::Admin, &[])
        .password(None)
        .identity(Provider::Google, "g-1", Some("https://example.com/p.png"))
        .identity(Provider::Apple, "a-1", None)
        .build();
    let app = app_with(&[&reader, &social]).await;
    let token = token(&app, &reader);
    assert_snapshot!(app.get_as(&token, USERS).await.redacted());
    let one = app.get_as(&token, &format!("{USERS}/{}", social.id().hex())).await;
    assert_snapshot!(one.redacted());
}

#[actix_web::test]
async fn nothing_secret_is_ever_shown() {
    let root = account(1, Role::Root, &[]).build();
    let app = app_with(&[&root]).await;
    let text = app.get_as(&token(&app, &root), USERS).await.text;
    assert!(!text.contains("instant:") && !text.contains(&root.epoch().start()), "{text}");
}

#[actix_web::test]
async fn a_caller_that_modifies_without_reading_gets_the_public_view_back() {
    let modifier = account(1, Role::User, &[Permission::UserModify]).build();
    let user = account(2, Role::User, &[]).build();
    let app = app_with(&[&modifier, &user]).await;
    assert_snapshot!(update(&app, &modifier, &user, json!({ "status": "disabled" })).await.redacted());
}

#[actix_web::test]
async fn accepted_fields_are_told_in_the_order_of_the_body_and_others_dropped() {
    let (root, user) = (account(1, Role::Root, &[]).build(), account(2, Role::User, &[]).build());
    let app = app_with(&[&root, &user]).await;
    app.wait(Duration::seconds(1));
    let raw = r#"{"email":"x@example.com","status":"active","permissions":{"userRead":true,"x":1},"role":"user",
                  "password":"another one","firstName":"X","createdAt":1}"#;
    let request = get(&format!("{USERS}/{}", user.id().hex())).method(Method::PUT);
    let request = request.insert_header(bearer(&token(&app, &root))).insert_header(("Content-Type", "text/plain"));
    let answer = app.send(request.set_payload(raw)).await;
    assert_snapshot!(answer.redacted());
    let nothing = update(&app, &root, &user, json!({})).await.json();
    assert_eq!((&nothing["updatedFields"], nothing["user"].is_object()), (&json!([]), true));
    let flags = update(&app, &root, &user, json!({ "permissions": {} })).await.json();
    assert_eq!(flags["updatedFields"], json!(["permissions"]));
    assert_eq!(flags["user"]["permissions"]["userRead"], true);
}

#[actix_web::test]
async fn each_bad_field_has_its_answer() {
    let (root, user) = (account(1, Role::Root, &[]).build(), account(2, Role::User, &[]).build());
    let app = app_with(&[&root, &user]).await;
    let roles = r#""role" must be one of [admin, root, user]"#;
    let statuses = r#""status" must be one of [active, disabled, unverified-email]"#;
    for (body, message) in [
        (json!({ "role": "" }), roles),
        (json!({ "role": null }), roles),
        (json!({ "role": "superadmin", "status": "x" }), roles),
        (json!({ "status": "pending" }), statuses),
        (json!({ "permissions": null }), r#""permissions" must be of type object"#),
        (json!({ "permissions": [] }), r#""permissions" must be of type object"#),
        (json!({ "permissions": { "userRead": "true" } }), r#""permissions.userRead" must be a boolean"#),
        (json!({ "permissions": { "postRead": null } }), r#""permissions.postRead" must be a boolean"#),
        (json!([]), r#""value" must be of type object"#),
    ] {
        assert_failed(&update(&app, &root, &user, body).await, 400, message);
    }
}

#[actix_web::test]
async fn a_disabled_users_tokens_live_again_when_it_is_active() {
    let (root, user) = (account(1, Role::Root, &[]).build(), account(2, Role::User, &[]).build());
    let app = app_with(&[&root, &user]).await;
    let of_user = token(&app, &user);
    for (status, refusal) in [
        ("disabled", Some("Account is disabled")),
        ("active", None),
        ("unverified-email", Some("Account status is invalid")),
        ("active", None),
    ] {
        let answer = update(&app, &root, &user, json!({ "status": status })).await;
        assert_eq!(answer.json()["user"]["status"], status, "{}", answer.text);
        let seen = app.get_as(&of_user, "/api/profiles").await;
        match refusal {
            Some(message) => assert_failed(&seen, 401, message),
            None => assert_eq!(seen.status, 200),
        }
    }
}

#[actix_web::test]
async fn a_removed_user_is_gone_for_good() {
    let (root, user) = (account(1, Role::Root, &[]).build(), account(2, Role::User, &[]).build());
    let app = app_with(&[&root, &user]).await;
    let (of_root, of_user) = (token(&app, &root), token(&app, &user));
    let path = format!("{USERS}/{}", user.id().hex());
    assert_done(&app.send_as(&of_root, Method::DELETE, &path, &json!([])).await, 200, "User deleted.");
    assert_failed(&app.send_as(&of_root, Method::DELETE, &path, &json!({})).await, 422, "User ID does not exist");
    assert_failed(&app.get_as(&of_user, "/api/profiles").await, 401, "Invalid credentials");
    let body = json!({ "username": "user-2", "password": PASSWORD });
    assert_failed(&app.post(SIGN_IN, &body).await, 401, "Username or email does not exist");
}
