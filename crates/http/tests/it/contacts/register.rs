//! `POST /api/auth/register`.

use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::json;
use vestibule_testkit::AccountBuilder;

use super::{ALICE, CHECK, LOGIN, ME, PASSWORD, REGISTER, assert_failed, register, register_alice};
use crate::support::TestApp;

#[actix_web::test]
async fn a_registration_answers_the_account_and_a_token() {
    let app = TestApp::new().await;
    let answer = register_alice(&app).await;
    assert_snapshot!(answer.redacted());
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.data("_id").len(), 24);
    assert_eq!(app.get_as(&answer.data("token"), ME).await.status, 200);
}

#[actix_web::test]
async fn name_and_address_are_stored_trimmed_and_the_address_in_lower_case() {
    let app = TestApp::new().await;
    let answer = register(&app, "  Alice Martin ", " Alice@Example.COM\n").await;
    assert_eq!((answer.data("fullName").as_str(), answer.data("email").as_str()), ("Alice Martin", ALICE));
}

#[actix_web::test]
async fn each_bad_part_has_its_answer() {
    let app = TestApp::new().await;
    let missing = "Please add all fields";
    for (key, value, message) in [
        ("fullName", json!(null), missing),
        ("fullName", json!(" "), missing),
        ("fullName", json!(["A"]), missing),
        ("fullName", json!("n".repeat(101)), "Full name must be 1 to 100 characters"),
        ("fullName", json!("A\u{0}"), "Full name must be 1 to 100 characters"),
        ("email", json!(""), missing),
        ("email", json!(1), missing),
        ("email", json!("alice"), "Invalid email"),
        ("email", json!("a\u{0}@example.com"), "Invalid email"),
        ("email", json!(format!("{}@example.com", "a".repeat(300))), "Invalid email"),
        ("password", json!(""), missing),
        ("password", json!(12_345_678), missing),
        ("password", json!("7 chars"), "Password must be 8 to 72 characters"),
        ("password", json!("p".repeat(73)), "Password must be 8 to 72 characters"),
        (
            "password",
            json!("密".repeat(26)),
            "Password must be at most 72 bytes: letters beyond ASCII take two to four",
        ),
        ("password", json!("pass\u{0}word"), "Password must not contain a NUL character"),
    ] {
        let mut body = json!({ "fullName": "Alice Martin", "email": ALICE, "password": PASSWORD });
        body[key] = value;
        assert_failed(&app.post(REGISTER, &body).await, 400, message);
        body.as_object_mut().unwrap().remove(key);
        assert_failed(&app.post(REGISTER, &body).await, 400, missing);
    }
}

#[actix_web::test]
async fn a_taken_address_is_refused_in_any_case_but_only_after_every_other_check() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let mut body = json!({ "fullName": "Other", "email": "ALICE@example.com", "password": "short" });
    assert_failed(&app.post(REGISTER, &body).await, 400, "Password must be 8 to 72 characters");
    body["password"] = json!(PASSWORD);
    assert_failed(&app.post(REGISTER, &body).await, 400, "User already exists");
}

#[actix_web::test]
async fn of_many_registrations_of_one_address_one_wins() {
    let app = TestApp::new().await;
    let body = json!({ "fullName": "Alice", "email": ALICE, "password": PASSWORD });
    let mut statuses: Vec<u16> =
        join_all((0..8).map(|_| app.post(REGISTER, &body))).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
}

#[actix_web::test]
async fn a_registration_replaces_a_pending_account() {
    let app = TestApp::new().await;
    let pending = AccountBuilder::numbered(1).email(ALICE).provisional().build();
    let mut unit = app.store.write().await.unwrap();
    unit.accounts().insert(&pending).await.unwrap();
    unit.commit().await.unwrap();
    let answer = register_alice(&app).await;
    assert_ne!(answer.data("_id"), pending.id().hex());
}

#[actix_web::test]
async fn an_account_is_usable_at_once_and_no_mail_is_sent() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    assert_eq!(app.post(LOGIN, &json!({ "email": ALICE, "password": PASSWORD })).await.status, 200);
    assert_eq!(app.post_as(&token, CHECK, &json!({ "identifiers": [ALICE] })).await.status, 200);
    assert!(app.mails(ALICE).await.is_empty());
}

#[actix_web::test]
async fn a_role_in_a_registration_is_ignored() {
    let app = TestApp::new().await;
    let body = json!({
        "fullName": "Alice", "email": ALICE, "password": PASSWORD,
        "role": "root", "status": "active", "permissions": ["all"], "_id": "507f1f77bcf86cd799439011",
    });
    let answer = app.post(REGISTER, &body).await;
    assert_eq!(answer.status, 201);
    assert_ne!(answer.data("_id"), "507f1f77bcf86cd799439011");
    assert!(!app.app.has_root().await.unwrap());
}
