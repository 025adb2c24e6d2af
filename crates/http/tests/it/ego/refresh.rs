//! `POST /refresh-token/` and `POST /logout/`.

use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{AccountStatus, Role};

use super::{
    ALICE, LOGOUT, PROFILE, REFRESH_TOKEN, Tokens, account, alices_session, assert_refused, assert_said, assert_unfit,
    session, session_of, verified_alice,
};
use crate::support::{Answer, TestApp, post};

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.post(REFRESH_TOKEN, &json!({ "refreshToken": token })).await
}

async fn refresh_with(app: &TestApp, token: &str, key: &str) -> Answer {
    app.post(REFRESH_TOKEN, &json!({ "refreshToken": token, "retryKey": key })).await
}

async fn refresh_with_header(app: &TestApp, key: &str, body: Value) -> Answer {
    let request = post(REFRESH_TOKEN).insert_header(("Idempotency-Key", key.to_owned()));
    app.send(request.set_payload(body.to_string())).await
}

async fn is_live(app: &TestApp, tokens: &Tokens) -> bool {
    app.get_as(&tokens.access, PROFILE).await.status == 200
}

/// Asserts that a session has ended: neither of these tokens is of use.
async fn assert_ended(app: &TestApp, all: &[&Tokens]) {
    for tokens in all {
        assert_refused(&app.get_as(&tokens.access, PROFILE).await);
        assert_refused(&refresh(app, &tokens.refresh).await);
    }
}

#[actix_web::test]
async fn a_refresh_answers_two_new_tokens() {
    let app = TestApp::new().await;
    let first = alices_session(&app).await;
    app.wait(Duration::seconds(1));
    let answer = refresh(&app, &first.refresh).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    let second = Tokens::of(&answer);
    assert!(second.access != first.access && second.refresh != first.refresh);
    assert!(is_live(&app, &first).await && is_live(&app, &second).await);
    assert_eq!(refresh(&app, &second.refresh).await.status, 200);
}

#[actix_web::test]
async fn a_quick_retry_gets_the_very_same_answer() {
    let app = TestApp::new().await;
    let first = alices_session(&app).await;
    app.wait(Duration::minutes(5));
    let answer = refresh(&app, &first.refresh).await;
    app.wait(Duration::seconds(10));
    assert_eq!(refresh(&app, &first.refresh).await.text, answer.text);
    assert_eq!(refresh(&app, &Tokens::of(&answer).refresh).await.status, 200);
}

#[actix_web::test]
async fn another_use_after_ten_seconds_ends_the_session() {
    let app = TestApp::without_limits().await;
    let first = alices_session(&app).await;
    let other = session(&app, ALICE).await;
    let second = Tokens::of(&refresh(&app, &first.refresh).await);
    app.wait(Duration::seconds(11));
    assert_refused(&refresh(&app, &first.refresh).await);
    assert_ended(&app, &[&first, &second]).await;
    assert!(is_live(&app, &other).await);
}

#[actix_web::test]
async fn a_retry_with_its_key_gets_the_same_refresh_token_until_that_is_used() {
    let app = TestApp::new().await;
    let first = alices_session(&app).await;
    let second = Tokens::of(&refresh_with(&app, &first.refresh, "key").await);
    app.wait(Duration::days(1));
    let retried = Tokens::of(&refresh_with(&app, &first.refresh, "key").await);
    assert_eq!(retried.refresh, second.refresh);
    assert_ne!(retried.access, second.access);
    assert!(is_live(&app, &retried).await && !is_live(&app, &second).await);
    let third = Tokens::of(&refresh_with(&app, &second.refresh, "another").await);
    assert_refused(&refresh_with(&app, &first.refresh, "key").await);
    assert_ended(&app, &[&retried, &third]).await;
}

#[actix_web::test]
async fn another_key_or_none_is_another_use() {
    for (first_key, second_key) in
        [(Some("a"), Some("b")), (Some("a"), None), (None, Some("a")), (Some("a"), Some("A"))]
    {
        let app = TestApp::new().await;
        let first = alices_session(&app).await;
        let body = |key: Option<&str>| json!({ "refreshToken": first.refresh, "retryKey": key });
        let second = Tokens::of(&app.post(REFRESH_TOKEN, &body(first_key)).await);
        assert_refused(&app.post(REFRESH_TOKEN, &body(second_key)).await);
        assert_ended(&app, &[&first, &second]).await;
    }
}

#[actix_web::test]
async fn the_key_of_the_header_counts_before_that_of_the_body_and_an_empty_one_is_none() {
    let app = TestApp::new().await;
    let first = alices_session(&app).await;
    let body = |key: Value| json!({ "refreshToken": first.refresh, "retryKey": key });
    let answer = refresh_with_header(&app, "clé", body(json!("other"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(refresh_with(&app, &first.refresh, "clé").await.text, answer.text);
    let next = Tokens::of(&answer).refresh;
    let answer = refresh_with_header(&app, "", json!({ "refreshToken": next, "retryKey": "" })).await;
    assert_eq!(refresh(&app, &next).await.text, answer.text);
}

#[actix_web::test]
async fn a_key_has_at_most_255_characters_and_comes_once() {
    let app = TestApp::without_limits().await;
    let first = alices_session(&app).await;
    let (longest, longer) = ("é".repeat(255), "é".repeat(256));
    let unfit = ["Champ invalide: retryKey"];
    assert_unfit(&refresh_with(&app, &first.refresh, &longer).await, &unfit);
    assert_unfit(&refresh_with_header(&app, &longer, json!({ "refreshToken": first.refresh })).await, &unfit);
    let two = post(REFRESH_TOKEN).append_header(("Idempotency-Key", "a")).append_header(("Idempotency-Key", "a"));
    let body = json!({ "refreshToken": first.refresh }).to_string();
    assert_unfit(&app.send(two.set_payload(body)).await, &unfit);
    let number = json!({ "refreshToken": first.refresh, "retryKey": 1 });
    assert_unfit(&app.post(REFRESH_TOKEN, &number).await, &unfit);
    let both = ["Champ requis: refreshToken", "Champ invalide: retryKey"];
    assert_unfit(&app.post(REFRESH_TOKEN, &json!({ "retryKey": longer })).await, &both);
    assert_eq!(refresh_with(&app, &first.refresh, &longest).await.status, 200);
}

#[actix_web::test]
async fn what_is_no_refresh_token_is_refused() {
    let app = TestApp::new().await;
    let tokens = alices_session(&app).await;
    for bad in ["", "x", "a.b.c", &tokens.access, &tokens.refresh[..tokens.refresh.len() - 2], &"x".repeat(5_000)] {
        assert_refused(&refresh(&app, bad).await);
    }
    for body in [json!({}), json!({ "refreshToken": null }), json!({ "refreshToken": 1 })] {
        assert_unfit(&app.post(REFRESH_TOKEN, &body).await, &["Champ requis: refreshToken"]);
    }
    assert_eq!(refresh(&app, &tokens.refresh).await.status, 200);
}

#[actix_web::test]
async fn of_many_uses_at_once_with_one_key_all_get_one_answer() {
    let app = TestApp::without_limits().await;
    let first = alices_session(&app).await;
    let answers = join_all((0..8).map(|_| refresh_with(&app, &first.refresh, "key"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.text == answers[0].text));
}

#[actix_web::test]
async fn of_many_uses_at_once_with_different_keys_one_succeeds_and_the_session_ends() {
    let app = TestApp::without_limits().await;
    let first = alices_session(&app).await;
    let keys: Vec<String> = (0..8).map(|number| number.to_string()).collect();
    let answers = join_all(keys.iter().map(|key| refresh_with(&app, &first.refresh, key))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_ended(&app, &[&first]).await;
}

#[actix_web::test]
async fn a_refresh_token_is_good_for_seven_days_from_its_issue() {
    let app = TestApp::without_limits().await;
    let mut tokens = alices_session(&app).await;
    for _ in 0..4 {
        app.wait(Duration::days(7) - Duration::seconds(1));
        tokens = Tokens::of(&refresh(&app, &tokens.refresh).await);
    }
    app.wait(Duration::days(7));
    assert_refused(&refresh(&app, &tokens.refresh).await);
}

#[actix_web::test]
async fn a_blocked_account_refreshes_nothing() {
    let app = TestApp::without_limits().await;
    let tokens = session_of(&app, 1, Role::User).await;
    app.put(&account(1, Role::User).status(AccountStatus::Disabled).build()).await;
    assert_refused(&refresh(&app, &tokens.refresh).await);
    assert_refused(&app.get_as(&tokens.access, PROFILE).await);
}

#[actix_web::test]
async fn a_logout_ends_every_session_of_the_account() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    let (one, other) = (session(&app, ALICE).await, session(&app, ALICE).await);
    let bystander = session_of(&app, 1, Role::User).await;
    assert_said(&app.post_as(&one.access, LOGOUT, &json!({})).await, "success", "Déconnexion réussie");
    assert_ended(&app, &[&one, &other]).await;
    assert!(is_live(&app, &bystander).await);
    assert!(is_live(&app, &session(&app, ALICE).await).await);
}
