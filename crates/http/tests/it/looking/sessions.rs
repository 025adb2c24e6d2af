//! Sessions: checking, refreshing, anonymous ones.

use actix_web::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};
use time::Duration;
use vestibule_http::{HttpOptions, LookingOptions, Mount};

use super::{
    SESSION, a_user, anonymous, assert_body, assert_missing, assert_no_session, assert_no_token, assert_refused, login,
    token,
};
use crate::support::{Answer, Setup, TestApp, get};

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.send_as(token, Method::PUT, SESSION, &json!({})).await
}

/// The claims of a token that is good.
async fn decoded(app: &TestApp, token: &str) -> Value {
    let answer = app.get_as(token, SESSION).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["decoded"].clone()
}

fn seconds(decoded: &Value) -> i64 {
    decoded["exp"].as_i64().unwrap() - decoded["iat"].as_i64().unwrap()
}

#[actix_web::test]
async fn a_session_shows_the_five_claims_of_its_token() {
    let app = TestApp::new().await;
    let alice = a_user(&app).await;
    let answer = app.get_as(&alice.token, SESSION).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    assert_eq!(seconds(&answer.json()["decoded"]), 3_600);
}

#[actix_web::test]
async fn an_anonymous_session_may_view_and_names_no_account() {
    let app = TestApp::new().await;
    let answer = app.post(SESSION, &json!({})).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    let shown = app.get_as(&token(&answer), SESSION).await;
    assert_snapshot!(shown.redacted());
    assert_eq!(seconds(&shown.json()["decoded"]), 3_600);
}

#[actix_web::test]
async fn a_refresh_gives_a_younger_token_and_leaves_the_earlier_one() {
    let app = TestApp::new().await;
    let alice = a_user(&app).await;
    app.wait(Duration::minutes(50));
    let answer = refresh(&app, &alice.token).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    let younger = token(&answer);
    assert_ne!(younger, alice.token);
    assert_eq!(seconds(&decoded(&app, &younger).await), 900);
    assert_eq!(app.get_as(&alice.token, SESSION).await.status, 200);
    app.wait(Duration::minutes(11));
    assert_no_session(&app.get_as(&alice.token, SESSION).await);
    assert_eq!(app.get_as(&younger, SESSION).await.status, 200);
}

#[actix_web::test]
async fn a_refreshed_anonymous_token_stays_anonymous() {
    let app = TestApp::new().await;
    let younger = token(&refresh(&app, &anonymous(&app).await).await);
    let decoded = decoded(&app, &younger).await;
    assert_eq!((decoded.as_object().unwrap().len(), &decoded["can"], seconds(&decoded)), (3, &json!(["view"]), 900));
    assert_missing(&app.get_as(&younger, "/users").await, "super");
}

#[actix_web::test]
async fn a_chain_of_refreshes_ends_24_hours_after_the_sign_in() {
    for is_anonymous in [false, true] {
        let app = TestApp::new().await;
        let mut current = if is_anonymous { anonymous(&app).await } else { a_user(&app).await.token };
        for _ in 0..100 {
            app.wait(Duration::minutes(14));
            let answer = refresh(&app, &current).await;
            assert_eq!((answer.status, &answer.json()["expiresIn"]), (200, &json!("15m")), "{}", answer.text);
            current = token(&answer);
        }
        // 23 hours and 20 minutes after the beginning, and later.
        for (minutes, expires_in) in [(14, "15m"), (14, "12m"), (11, "1m")] {
            app.wait(Duration::minutes(minutes));
            let answer = refresh(&app, &current).await;
            assert_eq!(answer.json()["expiresIn"], expires_in, "{}", answer.text);
            current = token(&answer);
        }
        app.wait(Duration::seconds(59));
        let answer = refresh(&app, &current).await;
        assert_eq!(answer.json()["expiresIn"], "1s");
        current = token(&answer);
        // Tokens have 15 s of grace for clocks; the chain has none.
        app.wait(Duration::seconds(1));
        assert_eq!(app.get_as(&current, SESSION).await.status, 200);
        assert_eq!(refresh(&app, &current).await.json()["err"]["message"], "jwt expired");
        app.wait(Duration::seconds(15));
        assert_no_session(&app.get_as(&current, SESSION).await);
    }
}

#[actix_web::test]
async fn lifetimes_are_settings_and_expires_in_names_the_real_one() {
    let options = LookingOptions {
        sign_in: Duration::minutes(10),
        anonymous: Duration::minutes(5),
        refreshed: Duration::hours(2),
        longest: Duration::hours(3),
        ..LookingOptions::default()
    };
    let options = HttpOptions::default().with(Mount::new(options));
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    let alice = a_user(&app).await;
    assert_eq!(seconds(&decoded(&app, &alice.token).await), 600);
    let visitor = anonymous(&app).await;
    assert_eq!(seconds(&decoded(&app, &visitor).await), 300);
    let answer = refresh(&app, &alice.token).await;
    assert_eq!(answer.json()["expiresIn"], "2h");
    app.wait(Duration::minutes(90));
    let answer = refresh(&app, &token(&answer)).await;
    assert_eq!(answer.json()["expiresIn"], "90m");
    app.wait(Duration::seconds(10));
    assert_eq!(refresh(&app, &token(&answer)).await.json()["expiresIn"], "5390s");
}

#[actix_web::test]
async fn a_session_without_a_token_is_told_in_the_words_of_its_route() {
    let app = TestApp::new().await;
    assert_no_session(&app.send(get(SESSION)).await);
    assert_no_token(&app.send(actix_web::test::TestRequest::put().uri(SESSION)).await);
}

#[actix_web::test]
async fn a_session_goes_on_as_the_account_is_now() {
    let app = TestApp::new().await;
    let alice = a_user(&app).await;
    app.put(&super::with_words(2, &["manage"]).build()).await;
    assert_eq!(decoded(&app, &alice.token).await["can"], json!([]), "the token is as it was");
    let younger = token(&refresh(&app, &alice.token).await);
    assert_eq!(decoded(&app, &younger).await["can"], json!(["manage"]));
    app.remove(&alice.id).await;
    assert_refused(&refresh(&app, &younger).await, "jwt revoked");
    assert_body(
        &login(&app, "user-2", super::PASSWORD).await,
        401,
        &json!({ "status": 401, "authorized": false, "message": "Invalid username or password" }),
    );
}
