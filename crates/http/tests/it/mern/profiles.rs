//! `/api/profiles`.

use actix_web::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{AccountStatus, Role};

use super::{
    ACCESS, COMMON, OWN_PASSWORD, PASSWORD, PROFILE, account, alices_token, assert_failed, claims, sign_in, token,
};
use crate::support::{Answer, TestApp, bearer, get};

async fn update(app: &TestApp, token: &str, body: Value) -> Answer {
    app.send_as(token, Method::PUT, PROFILE, &body).await
}

#[actix_web::test]
async fn ones_own_profile_is_the_full_view() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    let answer = app.get_as(&token, PROFILE).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
}

#[actix_web::test]
async fn anybodys_profile_is_the_public_view_with_a_token_too() {
    let app = TestApp::without_limits().await;
    let root = account(1, Role::Root, &[]).build();
    let disabled = account(2, Role::Admin, &[]).status(AccountStatus::Disabled).build();
    app.put(&root).await;
    app.put(&disabled).await;
    let path = format!("{PROFILE}/{}", disabled.id().hex());
    let public = app.send(get(&path)).await;
    assert_snapshot!(public.redacted());
    assert_eq!(app.send(get(&path).insert_header(bearer(&token(&app, &root)))).await.text, public.text);
}

#[actix_web::test]
async fn what_is_no_id_and_what_is_nobodys_are_told_apart() {
    let app = TestApp::without_limits().await;
    for id in ["x", "507f1f77bcf86cd79943901", "507f1f77bcf86cd79943901g", "%00", "caf%C3%A9"] {
        assert_failed(&app.send(get(&format!("{PROFILE}/{id}"))).await, 422, "Invalid user ID");
    }
    for id in ["507f1f77bcf86cd799439011", "507F1F77BCF86CD799439011", "twelve-bytes"] {
        assert_failed(&app.send(get(&format!("{PROFILE}/{id}"))).await, 422, "User ID does not exist");
    }
}

#[actix_web::test]
async fn names_are_changed_and_told_in_the_order_of_the_body() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    app.wait(Duration::seconds(1));
    let raw = r#"{"x":1,"lastName":" B ","role":"root","firstName":"A"}"#;
    let request = get(PROFILE).method(Method::PUT).insert_header(bearer(&token));
    let answer = app.send(request.insert_header(("Content-Type", "application/json")).set_payload(raw)).await;
    assert_snapshot!(answer.redacted());
    assert_eq!(answer.json()["updatedFields"], json!(["lastName", "firstName"]));
    let user = answer.json()["user"].clone();
    assert_eq!((&user["firstName"], &user["lastName"], &user["role"]), (&json!("A"), &json!("B"), &json!("user")));
    assert_ne!(user["createdAt"], user["updatedAt"]);
    app.wait(Duration::seconds(1));
    let same = update(&app, &token, json!({ "firstName": "A" })).await.json();
    assert_eq!((&same["updatedFields"], &same["user"]["updatedAt"]), (&json!(["firstName"]), &user["updatedAt"]));
}

#[actix_web::test]
async fn an_empty_body_answers_without_the_user_and_one_of_unknown_fields_with_it() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    let empty = update(&app, &token, json!({})).await.json();
    assert_eq!((&empty["updatedFields"], &empty["user"]["email"]), (&json!([]), &json!("alice@example.com")));
    let without_body = get(PROFILE).method(Method::PUT).insert_header(bearer(&token));
    let without = app.send(without_body).await.json();
    assert_eq!((&without["updatedFields"], &without["user"]), (&json!([]), &empty["user"]));
    let unknown = update(&app, &token, json!({ "email": "other@example.com", "id": "x" })).await.json();
    assert_eq!((&unknown["updatedFields"], &unknown["user"]["email"]), (&json!([]), &json!("alice@example.com")));
}

#[actix_web::test]
async fn a_name_that_is_none_is_refused() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    for (body, message) in [
        (json!({ "firstName": "" }), r#""firstName" is not allowed to be empty"#),
        (json!({ "firstName": " " }), r#""firstName" is not allowed to be empty"#),
        (json!({ "lastName": null }), r#""lastName" must be a string"#),
        (json!({ "lastName": 1, "firstName": 2 }), r#""firstName" must be a string"#),
        (json!([]), r#""value" must be of type object"#),
    ] {
        assert_failed(&update(&app, &token, body).await, 400, message);
    }
}

#[actix_web::test]
async fn a_password_is_changed_after_every_check_in_order() {
    let app = TestApp::without_limits().await;
    let token = alices_token(&app).await;
    let same = "New password is the same as current password";
    for (body, status, message) in [
        (json!({}), 400, "Current Password is required"),
        (json!({ "currentPassword": "" }), 400, "Current Password cannot be empty"),
        (json!({ "currentPassword": 1 }), 400, r#""currentPassword" must be a string"#),
        (json!({ "currentPassword": "x" }), 400, "Password is required"),
        (json!({ "currentPassword": "x", "password": "short" }), 400, "Password must be at least 8 characters"),
        (json!({ "currentPassword": "wrong again", "password": "wrong again" }), 422, same),
        (json!({ "currentPassword": "wrong again", "password": PASSWORD }), 422, "Current password is incorrect"),
    ] {
        assert_failed(&app.send_as(&token, Method::PUT, OWN_PASSWORD, &body).await, status, message);
    }
    let body = json!({ "currentPassword": PASSWORD, "password": "battery staple", "x": 1 });
    let answer = app.send_as(&token, Method::PUT, OWN_PASSWORD, &body).await;
    assert_snapshot!(answer.redacted());
    assert_eq!(app.claims(ACCESS, answer.json()["token"].as_str().unwrap())["provider"], "local");
    assert_failed(&sign_in(&app, PASSWORD).await, 401, "Password is incorrect");
    assert_eq!(sign_in(&app, "battery staple").await.status, 200);
}

#[actix_web::test]
async fn whoever_signed_in_through_a_provider_changes_no_password() {
    let app = TestApp::without_limits().await;
    let known = account(1, Role::User, &[]).build();
    app.put(&known).await;
    let mut claims = claims(&known);
    claims["provider"] = json!("google");
    let token = app.sign(ACCESS, &claims);
    let body = json!({ "currentPassword": PASSWORD, "password": "battery staple" });
    let answer = app.send_as(&token, Method::PUT, OWN_PASSWORD, &body).await;
    assert_failed(&answer, 403, "Cannot change the password of OAuth account");
}

#[actix_web::test]
async fn an_admin_or_root_cannot_take_a_common_password_and_a_user_can() {
    let app = TestApp::without_limits().await;
    let body = json!({ "currentPassword": PASSWORD, "password": COMMON });
    for (number, role) in [(1, Role::Admin), (2, Role::Root)] {
        let account = account(number, role, &[]).build();
        app.put(&account).await;
        let refused = app.send_as(&token(&app, &account), Method::PUT, OWN_PASSWORD, &body).await;
        assert_failed(&refused, 400, "Password is too common");
    }
    let token = alices_token(&app).await;
    assert_eq!(app.send_as(&token, Method::PUT, OWN_PASSWORD, &body).await.status, 200);
}
