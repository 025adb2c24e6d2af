//! Accounts that come from, or go to, another dialect.

use serde_json::json;
use vestibule_domain::Role;

use super::{ALICE, PASSWORD, USER, VERIFY, alice, alices, client_of, login, put, token};
use crate::support::TestApp;

#[actix_web::test]
async fn an_account_from_here_signs_in_everywhere_else() {
    let app = TestApp::without_limits().await;
    app.post(USER, &alice()).await;
    let credentials = json!({ "email": ALICE, "password": PASSWORD });
    assert_eq!(app.post("/api/auth/login", &credentials).await.status, 200);
    let by_name = json!({ "username": "alice", "password": PASSWORD });
    assert_eq!(app.post("/api/auth/signin", &by_name).await.status, 200);
    // That dialect wants the mailbox proven first.
    assert_eq!(app.post("/api/v1/users/login", &credentials).await.json()["errorCode"], 1011);
}

#[actix_web::test]
async fn an_account_from_elsewhere_is_shown_in_this_shape() {
    let app = TestApp::without_limits().await;
    let body = json!({ "fullName": "Alice Marie Martin", "email": ALICE, "password": PASSWORD });
    app.post("/api/auth/register", &body).await;
    let token = token(&app, ALICE, PASSWORD).await;
    let personal = json!({ "email": ALICE, "firstname": "Alice", "lastname": "Marie Martin" });
    assert_eq!(app.get_as(&token, VERIFY).await.json()["personal"], personal);
}

#[actix_web::test]
async fn a_pending_account_is_let_in_nowhere_and_makes_room() {
    let app = TestApp::without_limits().await;
    let body = json!({ "firstname": "A", "lastname": "M", "email": ALICE, "password": PASSWORD });
    assert_eq!(app.post("/api/v1/users/register", &body).await.status, 201);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
    assert_eq!(app.post(USER, &alice()).await.status, 201);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_telephone_number_from_ego_is_shown_and_can_be_taken_away() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    app.post("/users/otp", &json!({ "userId": alice.id })).await;
    let otp = app.code(ALICE).await;
    app.post("/users/verify_otp", &json!({ "userId": alice.id, "otp": otp })).await;
    let credentials = json!({ "email": ALICE, "password": PASSWORD });
    let ego = app.post("/api/v1/users/login", &credentials).await.json()["data"]["token"]["accessToken"].clone();
    let ego = ego.as_str().unwrap();
    let told = app.post_as(ego, "/api/v1/users/update", &json!({ "phoneNumber": "+225 01 02" })).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(app.get_as(&alice.token, VERIFY).await.json()["contact"], json!({ "phone": "+225 01 02" }));
    put(&app, &alice, &alice.path(), &json!({ "contact": { "phone": null } })).await;
    assert!(app.get_as(&alice.token, VERIFY).await.json().get("contact").is_none());
}

#[actix_web::test]
async fn a_root_is_shown_as_an_admin() {
    let app = TestApp::without_limits().await;
    let root = client_of(&app, 1, Role::Root).await;
    assert_eq!(app.get_as(&root.token, VERIFY).await.json()["role"], "admin");
}
