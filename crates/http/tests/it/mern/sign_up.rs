//! `POST /api/auth/signup`.

use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};
use vestibule_domain::{AccountStatus, PasswordRules, Provider};
use vestibule_testkit::AccountBuilder;

use super::{ALICE, PASSWORD, SIGN_UP, alice, assert_done, assert_failed, mailed_token, sign_in, sign_up, with_proof};
use crate::support::{Setup, TestApp};

const CREATED: &str = "Your account has been created successfully";
const SENT: &str = "A verification email has been sent to your email";
const UNFIT_USERNAME: &str = "Username must be between 4 to 30 characters and may contain only alphanumeric \
                              chacracters, hyphen, dot or underscore";

fn with(key: &str, value: Value) -> Value {
    let mut body = alice();
    body[key] = value;
    body
}

#[actix_web::test]
async fn an_account_is_made_and_can_sign_in_at_once() {
    let app = TestApp::without_limits().await;
    assert_done(&app.post(SIGN_UP, &alice()).await, 201, CREATED);
    assert_eq!(sign_in(&app, PASSWORD).await.status, 200);
    assert!(app.mails(ALICE).await.is_empty());
}

#[actix_web::test]
async fn names_are_optional_and_trimmed_and_identifiers_in_lower_case() {
    let app = TestApp::without_limits().await;
    let body = json!({ "username": "ALICE", "email": "Alice@Example.COM", "password": PASSWORD, "firstName": " A " });
    assert_done(&app.post(SIGN_UP, &body).await, 201, CREATED);
    assert_snapshot!(sign_in(&app, PASSWORD).await.redacted());
}

#[actix_web::test]
async fn each_bad_part_has_its_answer() {
    let app = TestApp::without_limits().await;
    let long_name = "length must be less than or equal to 500 characters long";
    for (key, value, message) in [
        ("username", json!(null), r#""username" must be a string"#),
        ("username", json!(""), "Username cannot be empty"),
        ("username", json!("abc"), UNFIT_USERNAME),
        ("username", json!(ALICE), UNFIT_USERNAME),
        ("username", json!("a".repeat(31)), UNFIT_USERNAME),
        ("email", json!(1), r#""email" must be a string"#),
        ("email", json!(""), "Email cannot be empty"),
        ("email", json!("alice"), "Email is invalid"),
        ("email", json!(" alice@example.com"), "Email is invalid"),
        ("email", json!("\"a b\"@example.com"), "Email is invalid"),
        ("email", json!("a@[127.0.0.1]"), "Email is invalid"),
        ("email", json!("a@ex\u{e4}mple.com"), "User validation failed: email: Invalid email"),
        ("password", json!(12_345_678), r#""password" must be a string"#),
        ("password", json!(""), "Password cannot be empty"),
        ("password", json!("7 chars"), "Password must be at least 8 characters"),
        ("password", json!("p".repeat(73)), "Password must be at most 72 bytes"),
        ("password", json!("pass\u{0}word"), "Password must not contain a NUL character"),
        ("firstName", json!(null), r#""firstName" must be a string"#),
        ("firstName", json!("  "), r#""firstName" is not allowed to be empty"#),
        ("lastName", json!(["A"]), r#""lastName" must be a string"#),
        ("lastName", json!("n".repeat(501)), &format!("\"lastName\" {long_name}")),
        ("lastName", json!("A\u{7}B"), r#""lastName" must not contain control characters"#),
        ("role", json!("root"), r#""role" is not allowed"#),
        ("status", json!("active"), r#""status" is not allowed"#),
        ("permissions", json!({}), r#""permissions" is not allowed"#),
    ] {
        assert_failed(&app.post(SIGN_UP, &with(key, value)).await, 400, message);
    }
    for (key, label) in [("username", "Username"), ("email", "Email"), ("password", "Password")] {
        let mut body = alice();
        body.as_object_mut().unwrap().remove(key);
        assert_failed(&app.post(SIGN_UP, &body).await, 400, &format!("{label} is required"));
    }
}

#[actix_web::test]
async fn the_least_length_of_a_password_is_the_configured_one() {
    let app = TestApp::with(Setup { password: PasswordRules::at_least(15), ..Setup::default() }).await;
    assert_failed(&app.post(SIGN_UP, &alice()).await, 400, "Password must be at least 15 characters");
    let long = with("password", json!("correct horse b"));
    assert_done(&app.post(SIGN_UP, &long).await, 201, CREATED);
}

#[actix_web::test]
async fn known_fields_are_checked_before_unknown_ones() {
    let app = TestApp::without_limits().await;
    assert_failed(&app.post(SIGN_UP, &json!({ "a": 1 })).await, 400, "Username is required");
}

#[actix_web::test]
async fn taken_identifiers_are_told_in_any_case() {
    let app = TestApp::without_limits().await;
    sign_up(&app).await;
    assert_failed(&app.post(SIGN_UP, &with("username", json!("other"))).await, 422, "Email is already in use");
    let shouted = json!({ "username": "other", "email": "ALICE@EXAMPLE.COM", "password": PASSWORD });
    assert_failed(&app.post(SIGN_UP, &shouted).await, 422, "Email is already in use");
    for username in ["alice", "ALICE"] {
        let body = json!({ "username": username, "email": "other@example.com", "password": PASSWORD });
        assert_failed(&app.post(SIGN_UP, &body).await, 422, "Username is already in use");
    }
}

#[actix_web::test]
async fn of_many_sign_ups_of_one_address_one_wins() {
    let app = TestApp::without_limits().await;
    let body = alice();
    let answers = join_all((0..8).map(|_| app.post(SIGN_UP, &body))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422, 422, 422, 422, 422, 422, 422]);
}

#[actix_web::test]
async fn without_proofs_the_address_of_a_social_account_is_taken() {
    let app = TestApp::without_limits().await;
    app.put(&AccountBuilder::numbered(1).email(ALICE).password(None).identity(Provider::Google, "1", None).build())
        .await;
    assert_failed(&app.post(SIGN_UP, &alice()).await, 422, "Email is already in use");
}

#[actix_web::test]
async fn with_proofs_an_account_waits_for_its_link() {
    let app = with_proof().await;
    assert_done(&app.post(SIGN_UP, &alice()).await, 201, SENT);
    assert_failed(&sign_in(&app, "wrong").await, 401, "Password is incorrect");
    assert_failed(&sign_in(&app, PASSWORD).await, 401, "Email is not verified");
    let token = mailed_token(&app, ALICE, "verify-email").await;
    let path = format!("/api/auth/verify-email/{token}");
    assert_done(&app.post(&path, &json!({ "password": PASSWORD })).await, 200, "Email verified");
    assert_eq!(sign_in(&app, PASSWORD).await.json()["user"]["status"], "active");
}

#[actix_web::test]
async fn with_proofs_a_social_account_gets_the_password_only_by_the_link() {
    let app = with_proof().await;
    let social = AccountBuilder::numbered(1)
        .email(ALICE)
        .username("social")
        .password(None)
        .identity(Provider::Google, "1", Some("https://example.com/p.png"))
        .build();
    app.put(&social).await;
    assert_done(&app.post(SIGN_UP, &alice()).await, 201, SENT);
    let by_email = json!({ "email": ALICE, "password": PASSWORD });
    let unknown = "Username or email does not exist";
    assert_failed(&app.post(super::SIGN_IN, &by_email).await, 401, unknown);
    let path = format!("/api/auth/verify-email/{}", mailed_token(&app, ALICE, "verify-email").await);
    assert_failed(&app.post(&path, &json!({ "password": "another one" })).await, 422, "Password is incorrect");
    assert_done(&app.post(&path, &json!({ "password": PASSWORD })).await, 200, "Email verified");
    let user = app.post(super::SIGN_IN, &by_email).await.json()["user"].clone();
    assert_eq!((&user["username"], &user["id"]), (&json!("social"), &json!(social.id().hex())));
    assert_eq!(user["provider"]["google"], json!({ "userId": "1", "picture": "https://example.com/p.png" }));
    assert_eq!(user["provider"]["local"], json!({ "userId": social.id().hex() }));
}

#[actix_web::test]
async fn with_proofs_a_disabled_social_account_stays_disabled_and_gets_no_mail() {
    let app = with_proof().await;
    let social = AccountBuilder::numbered(1).email(ALICE).password(None).status(AccountStatus::Disabled);
    app.put(&social.identity(Provider::Google, "1", None).build()).await;
    assert_done(&app.post(SIGN_UP, &alice()).await, 201, SENT);
    assert!(app.mails(ALICE).await.is_empty());
}
