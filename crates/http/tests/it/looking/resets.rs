//! Resetting a password by a mailed link.

use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::AccountStatus;
use vestibule_http::{HttpOptions, LookingOptions, Mount};

use super::{
    COMMON, NEW_PASSWORD, PASSWORD, RESET, SESSION, a_super, a_user, account, assert_body, assert_coded,
    assert_no_session, assert_not_saved, assert_unfit, login, reset_link,
};
use crate::support::{Answer, Setup, TestApp, get};

const ADDRESS: &str = "user-2@example.com";

async fn ask(app: &TestApp, username: &str) -> Answer {
    app.post(RESET, &json!({ "username": username })).await
}

async fn reset(app: &TestApp, link: &str, password: &str) -> Answer {
    reset_with(app, link, &json!({ "password": password, "confirmPassword": password })).await
}

async fn reset_with(app: &TestApp, link: &str, body: &Value) -> Answer {
    let request = actix_web::test::TestRequest::put().uri(link).set_payload(body.to_string());
    app.send(request).await
}

#[track_caller]
fn assert_spent(answer: &Answer) {
    assert_body(answer, 401, &json!({ "success": false, "message": "Token expired or invalid" }));
}

#[actix_web::test]
async fn a_link_is_mailed_shown_and_used_once() {
    let app = TestApp::without_limits().await;
    let alice = a_user(&app).await;
    let asked = ask(&app, "User-2").await;
    assert_eq!(asked.status, 200);
    assert_snapshot!(asked.redacted());
    let link = reset_link(&app, "user-2", ADDRESS).await;
    let mut parts = link.trim_start_matches(RESET).split('/').skip(1);
    assert_eq!(parts.next(), Some(&*alice.id));
    let token = parts.next().unwrap();
    assert!(token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    for _ in 0..3 {
        let shown = app.send(get(&link)).await;
        assert_eq!(shown.status, 200);
        assert_eq!(shown.json()["userId"], *alice.id);
        assert_snapshot!("a_link_that_is_good", shown.redacted());
    }
    let done = reset(&app, &link, NEW_PASSWORD).await;
    assert_eq!(done.status, 200);
    assert_snapshot!(done.redacted());
    assert_eq!(login(&app, "user-2", NEW_PASSWORD).await.status, 200);
    assert_eq!(login(&app, "user-2", PASSWORD).await.status, 401);
    assert_no_session(&app.get_as(&alice.token, SESSION).await);
    assert_no_session(&app.send(get(&link)).await);
    assert_spent(&reset(&app, &link, "another one").await);
}

#[actix_web::test]
async fn the_address_stands_for_the_user_name() {
    let app = TestApp::without_limits().await;
    a_user(&app).await;
    let asked = ask(&app, " USER-2@example.com").await;
    assert_eq!(asked.json()["email"], "us***@example.com");
    assert_eq!(app.mails(ADDRESS).await.len(), 1);
}

#[actix_web::test]
async fn a_password_that_is_refused_does_not_spend_the_link() {
    let app = TestApp::without_limits().await;
    app.put(&account(2).role(vestibule_domain::Role::Admin).build()).await;
    let link = reset_link(&app, "user-2", ADDRESS).await;
    for body in [
        json!({}),
        json!({ "password": NEW_PASSWORD }),
        json!({ "password": NEW_PASSWORD, "confirmPassword": "other" }),
        json!({ "password": 1, "confirmPassword": 1 }),
    ] {
        assert_not_saved(&reset_with(&app, &link, &body).await);
    }
    assert_unfit(&reset(&app, &link, "short12").await);
    assert_unfit(&reset(&app, &link, &"x".repeat(73)).await);
    assert_eq!(reset(&app, &link, COMMON).await.status, 400);
    assert_eq!(app.send(get(&link)).await.status, 200);
    assert_eq!(reset(&app, &link, NEW_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_link_lives_30_minutes_or_as_long_as_is_set() {
    for (minutes, options) in [
        (30, LookingOptions::default()),
        (7, LookingOptions { reset_link: Duration::minutes(7), ..LookingOptions::default() }),
    ] {
        let options = HttpOptions::default().with(Mount::new(options).with_public_url("http://localhost:3000"));
        let app = TestApp::with(Setup { options, limits: false, ..Setup::default() }).await;
        a_user(&app).await;
        let link = reset_link(&app, "user-2", ADDRESS).await;
        assert!(app.mails(ADDRESS).await[0].mail.content.text.contains(&format!("{minutes} minutes")));
        app.wait(Duration::minutes(minutes) - Duration::seconds(1));
        assert_eq!(app.send(get(&link)).await.status, 200);
        app.wait(Duration::seconds(1));
        assert_no_session(&app.send(get(&link)).await);
        assert_spent(&reset(&app, &link, NEW_PASSWORD).await);
    }
}

#[actix_web::test]
async fn a_link_is_of_its_account_alone_and_of_no_other_door() {
    let app = TestApp::without_limits().await;
    a_user(&app).await;
    let other = a_super(&app).await;
    let link = reset_link(&app, "user-2", ADDRESS).await;
    let (_, token) = link.rsplit_once('/').unwrap();
    let id = account(2).build().id().hex();
    for wrong in [
        format!("{RESET}/{}/{token}", other.id),
        format!("{RESET}/x/{token}"),
        format!("{RESET}/{}/{token}", super::NOBODY),
        format!("{RESET}/{id}/{}", token.to_uppercase()),
        format!("{RESET}/{id}/x"),
        format!("{RESET}/{id}/{token}x"),
    ] {
        assert_no_session(&app.send(get(&wrong)).await);
        assert_spent(&reset(&app, &wrong, NEW_PASSWORD).await);
    }
    let elsewhere = json!({ "token": token, "newPassword": NEW_PASSWORD });
    assert_eq!(app.post("/api/v1/users/reset-password", &elsewhere).await.json()["errorCode"], 1015);
    app.post("/api/v1/users/request-reset-password", &json!({ "email": ADDRESS })).await;
    let text = app.mails(ADDRESS).await[0].mail.content.text.clone();
    let (_, theirs) = text.split_whitespace().find_map(|word| word.split_once("token=")).unwrap();
    assert_no_session(&app.send(get(&format!("{RESET}/{id}/{theirs}"))).await);
    assert_eq!(reset(&app, &link, NEW_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn an_unknown_name_gets_the_same_answer_with_a_mask_that_never_changes() {
    let app = TestApp::without_limits().await;
    a_user(&app).await;
    let mut masks = std::collections::BTreeSet::new();
    for name in ["nobody", "somebody", "x", "two words", "root", "editor", "jane.doe", "a-b_c"] {
        let answer = ask(&app, name).await;
        assert_eq!((answer.status, &answer.json()["message"]), (200, &json!("Password reset email sent")));
        assert_eq!(answer.json().as_object().unwrap().len(), 2);
        let mask = answer.json()["email"].as_str().unwrap().to_owned();
        let (start, domain) = mask.split_once("***@").unwrap();
        assert!(start.len() == 2 && domain.contains('.'), "{mask}");
        app.wait(Duration::days(400));
        assert_eq!(ask(&app, &name.to_uppercase().to_lowercase()).await.json()["email"], mask);
        masks.insert(mask);
    }
    assert!(masks.len() > 4, "{masks:?}");
    let unknown = ask(&app, "Zed@shop.test").await;
    assert_eq!(unknown.json()["email"], "ze***@shop.test");
    let restarted = TestApp::without_limits().await;
    assert_eq!(ask(&restarted, "nobody").await.json(), ask(&app, "nobody").await.json(), "from the key alone");
}

#[actix_web::test]
async fn an_account_that_cannot_be_used_gets_no_mail_and_shows_as_before() {
    let app = TestApp::without_limits().await;
    app.put(&account(2).build()).await;
    let link = reset_link(&app, "user-2", ADDRESS).await;
    let mask = ask(&app, "user-2").await.json();
    let mails = app.mails(ADDRESS).await.len();
    app.put(&account(2).status(AccountStatus::Disabled).build()).await;
    assert_eq!(ask(&app, "user-2").await.json(), mask);
    assert_eq!(app.mails(ADDRESS).await.len(), mails);
    assert_no_session(&app.send(get(&link)).await);
    assert_spent(&reset(&app, &link, NEW_PASSWORD).await);
}

#[actix_web::test]
async fn a_name_has_to_be_given() {
    let app = TestApp::without_limits().await;
    for body in [json!({}), json!({ "username": null })] {
        assert_coded(&app.post(RESET, &body).await, 400, "username is required", "INVALID_FIELD");
    }
    assert_coded(&app.post(RESET, &json!({ "username": 1 })).await, 400, "username is invalid", "INVALID_FIELD");
}

#[actix_web::test]
async fn of_uses_of_a_link_at_once_one_succeeds() {
    let app = TestApp::without_limits().await;
    a_user(&app).await;
    let link = reset_link(&app, "user-2", ADDRESS).await;
    let passwords: Vec<String> = (0..8).map(|number| format!("battery staple {number}")).collect();
    let answers = join_all(passwords.iter().map(|password| reset(&app, &link, password))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    answers.iter().filter(|answer| answer.status != 200).for_each(assert_spent);
}

#[actix_web::test]
async fn the_link_begins_with_the_pages_of_the_client() {
    let options =
        LookingOptions { frontend_url: "https://gallery.example/app/".to_owned(), ..LookingOptions::default() };
    let options = HttpOptions::default().with(Mount::new(options));
    let app = TestApp::with(Setup { options, limits: false, ..Setup::default() }).await;
    let alice = a_user(&app).await;
    ask(&app, "user-2").await;
    let text = app.mails(ADDRESS).await[0].mail.content.text.clone();
    assert!(text.contains(&format!("https://gallery.example/app/reset/{}/", alice.id)), "{text}");
}
