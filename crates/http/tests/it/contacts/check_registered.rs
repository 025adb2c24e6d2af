//! `POST /api/auth/check-registered`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use vestibule_application::{
    Operator,
    accounts::{AccountChange, NewStatus},
};
use vestibule_domain::AccountId;

use super::{ALICE, CHECK, assert_failed, register, register_alice};
use crate::support::{TestApp, post};

async fn check(app: &TestApp, token: &str, identifiers: Value) -> Value {
    let answer = app.post_as(token, CHECK, &json!({ "identifiers": identifiers })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["data"]["registeredUsers"].clone()
}

/// The identifiers of an answer.
fn identifiers(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|user| user["identifier"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn registered_contacts_are_answered_in_the_order_of_the_request() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let bob = register(&app, "Bob", "bob@example.com").await;
    let body = json!({ "identifiers": ["bob@example.com", "nobody@example.com", ALICE] });
    let answer = app.post_as(&token, CHECK, &body).await;
    assert_snapshot!(answer.redacted());
    assert_eq!(answer.json()["data"]["registeredUsers"][0]["userId"], bob.data("_id"));
}

#[actix_web::test]
async fn nobody_found_is_an_empty_list() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    assert_eq!(check(&app, &token, json!(["nobody@example.com"])).await, json!([]));
}

#[actix_web::test]
async fn the_same_text_is_answered_once_and_each_spelling_as_it_was_sent() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let found = check(&app, &token, json!(["ALICE@example.com", ALICE, ALICE, " alice@example.com "])).await;
    assert_eq!(identifiers(&found), ["ALICE@example.com", ALICE, " alice@example.com "]);
}

#[actix_web::test]
async fn what_is_no_address_matches_nobody() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let odd =
        json!(["", "+491701234567", "alice", "%", "a\u{0}@example.com", "alice@example.com\u{0}", "a".repeat(50_000)]);
    assert_eq!(check(&app, &token, odd).await, json!([]));
}

#[actix_web::test]
async fn a_disabled_contact_is_absent() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let bob = AccountId::from_hex(&register(&app, "Bob", "bob@example.com").await.data("_id")).unwrap();
    app.app
        .change_account(Operator::at_the_console().authority_over(bob), AccountChange::status(NewStatus::Suspended))
        .await
        .unwrap();
    assert_eq!(check(&app, &token, json!(["bob@example.com"])).await, json!([]));
}

#[actix_web::test]
async fn anything_but_an_array_of_1_to_500_texts_is_refused() {
    let app = TestApp::without_limits().await;
    let token = register_alice(&app).await.data("token");
    for body in [
        json!({}),
        json!({ "identifiers": null }),
        json!({ "identifiers": ALICE }),
        json!({ "identifiers": { "0": ALICE } }),
        json!({ "identifiers": [] }),
        json!({ "identifiers": [ALICE, 1] }),
        json!({ "identifiers": [ALICE, null] }),
        json!({ "identifiers": [[ALICE]] }),
    ] {
        assert_failed(&app.post_as(&token, CHECK, &body).await, 400, "Please provide identifiers array");
    }
    let many = json!({ "identifiers": vec![ALICE; 501] });
    assert_failed(&app.post_as(&token, CHECK, &many).await, 400, "At most 500 identifiers at a time");
    assert_eq!(identifiers(&check(&app, &token, json!(vec![ALICE; 500])).await), [ALICE]);
}

#[actix_web::test]
async fn the_token_is_checked_before_the_body() {
    let app = TestApp::new().await;
    let too_large = "x".repeat(200_000);
    for body in ["", "{", "[]", too_large.as_str()] {
        let answer = app.send(post(CHECK).set_payload(body.to_owned())).await;
        assert_failed(&answer, 401, "Not authorized, no token");
    }
}

#[actix_web::test]
async fn a_removed_caller_is_not_found() {
    let app = TestApp::new().await;
    let registered = register_alice(&app).await;
    app.remove(&registered.data("_id")).await;
    let answer = app.post_as(&registered.data("token"), CHECK, &json!({ "identifiers": [ALICE] })).await;
    assert_failed(&answer, 404, "User not found");
}
