//! Waits and limits: 429 with `Retry-After`, in the envelope.

use serde_json::json;
use time::Duration;

use super::{LOGIN, PASSWORD, RESET, SESSION, a_user, account, assert_coded, assert_not_saved, login};
use crate::support::{Answer, HOME, TestApp};

const ELSEWHERE: &str = "198.51.100.7:4000";

#[track_caller]
fn assert_too_many(answer: &Answer, retry_after: u64) {
    assert_coded(answer, 429, "Too many requests", "TOO_MANY_REQUESTS");
    assert_eq!(answer.header("retry-after"), retry_after.to_string());
}

#[actix_web::test]
async fn wrong_passwords_make_an_account_wait_by_whatever_name_and_door() {
    for (name, address) in [("user-1", "user-1@example.com"), ("nobody", "nobody@example.com")] {
        let app = TestApp::new().await;
        app.put(&account(1).build()).await;
        let guess = async |path: &str, body| app.post(path, &body).await;
        let here = |name: &str| json!({ "username": name, "password": "wrong" });
        for _ in 0..4 {
            assert_eq!(guess(LOGIN, here(name)).await.status, 401);
        }
        let by_name = json!({ "username": name, "password": "wrong" });
        assert_eq!(guess("/user/login", by_name).await.status, 401);
        assert_too_many(&guess(LOGIN, here(name)).await, 3);
        assert_too_many(&app.post_from(ELSEWHERE, LOGIN, &here(name)).await, 3);
        if name == "user-1" {
            assert_too_many(&guess(LOGIN, here(address)).await, 3);
        }
        app.wait(Duration::seconds(3));
        assert_eq!(guess(LOGIN, here(name)).await.status, 401);
        assert_too_many(&guess(LOGIN, here(name)).await, 10);
    }
}

#[actix_web::test]
async fn a_source_signs_in_ten_times_a_minute() {
    let app = TestApp::new().await;
    for number in 0..10 {
        app.put(&account(number).build()).await;
        assert_eq!(login(&app, &format!("user-{number}"), PASSWORD).await.status, 200);
    }
    assert_too_many(&login(&app, "user-1", PASSWORD).await, 6);
    let body = json!({ "username": "user-1", "password": PASSWORD });
    assert_eq!(app.post_from(ELSEWHERE, LOGIN, &body).await.status, 200);
}

#[actix_web::test]
async fn a_source_begins_sixty_anonymous_sessions_a_minute() {
    let app = TestApp::new().await;
    for _ in 0..60 {
        assert_eq!(app.post_from(HOME, SESSION, &json!({})).await.status, 200);
    }
    assert_too_many(&app.post_from(HOME, SESSION, &json!({})).await, 1);
    assert_eq!(app.post_from(ELSEWHERE, SESSION, &json!({})).await.status, 200);
    app.wait(Duration::seconds(1));
    assert_eq!(app.post_from(HOME, SESSION, &json!({})).await.status, 200);
}

#[actix_web::test]
async fn a_mailbox_gets_one_link_a_minute_and_that_of_nobody_seems_to() {
    for name in ["user-2", "user-2@example.com", "nobody", "nobody@example.com", "two words"] {
        let app = TestApp::new().await;
        a_user(&app).await;
        let ask = async |from: &str| app.post_from(from, RESET, &json!({ "username": name })).await;
        assert_eq!(ask(HOME).await.status, 200, "{name}");
        assert_too_many(&ask(HOME).await, 60);
        assert_too_many(&ask(ELSEWHERE).await, 60);
        app.wait(Duration::seconds(60));
        assert_eq!(ask(HOME).await.status, 200, "{name}");
    }
}

#[actix_web::test]
async fn a_source_asks_for_five_mails_an_hour() {
    let app = TestApp::new().await;
    for number in 0..5 {
        assert_eq!(app.post(RESET, &json!({ "username": format!("name-{number}") })).await.status, 200);
    }
    assert_too_many(&app.post(RESET, &json!({ "username": "name-9" })).await, 720);
}

#[actix_web::test]
async fn wrong_present_passwords_wait_too() {
    let app = TestApp::new().await;
    let alice = a_user(&app).await;
    let body = json!({ "email": "new@example.com", "currentPassword": "wrong" });
    for _ in 0..5 {
        assert_not_saved(&alice.put(&app, &alice.path(), &body).await);
    }
    assert_too_many(&alice.put(&app, &alice.path(), &body).await, 3);
}
