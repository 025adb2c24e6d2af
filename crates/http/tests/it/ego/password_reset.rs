//! `POST /request-reset-password/` and `POST /reset-password/`.

use futures_util::future::join_all;
use serde_json::json;
use time::Duration;
use vestibule_domain::{AccountStatus, Role};
use vestibule_http::{EgoOptions, HttpOptions, Mount};

use super::{
    ALICE, COMMON, INVALID_RESET, LONG, NEW_PASSWORD, NUL, PASSWORD, PROFILE, REFRESH_TOKEN, REQUEST_RESET, RESET,
    SHORT, TOO_COMMON, account, alices_session, assert_failed, assert_refused, assert_said, assert_unfit, login,
    register_alice, reset, reset_token, session_of, verified_alice,
};
use crate::support::{Answer, Setup, TestApp};

async fn request(app: &TestApp, email: &str) -> Answer {
    app.post(REQUEST_RESET, &json!({ "email": email })).await
}

#[track_caller]
fn assert_requested(answer: &Answer) {
    assert_said(answer, "pending", "Un email a été envoyé pour réinitialiser votre mot de passe");
}

#[track_caller]
fn assert_reset(answer: &Answer) {
    assert_said(answer, "sucess", "Password reinitialié avec succes");
}

#[actix_web::test]
async fn a_reset_goes_by_the_link_of_a_mail() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    app.wait(Duration::milliseconds(1));
    assert_requested(&request(&app, ALICE).await);
    let mail = app.mails(ALICE).await.remove(0).mail.content;
    assert_eq!(mail.subject, "Réinitialisation du mot de passe");
    assert!(mail.text.contains("10 minutes"), "{}", mail.text);
    let token = reset_token(&app, ALICE).await;
    assert!(token.len() == 64 && token.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{token}");
    app.wait(Duration::milliseconds(1));
    assert_reset(&reset(&app, &token, NEW_PASSWORD).await);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
    assert_eq!(login(&app, ALICE, NEW_PASSWORD).await.status, 200);
    let notice = app.mails(ALICE).await.remove(0).mail.content;
    assert_eq!(notice.subject, "Votre mot de passe a été modifié");
}

#[actix_web::test]
async fn the_link_goes_to_the_configured_pages() {
    let ego = EgoOptions { frontend_url: "https://app.example.org/fr/".to_owned(), ..EgoOptions::default() };
    let options = HttpOptions::default().with(Mount::new(ego));
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    verified_alice(&app).await;
    app.wait(Duration::milliseconds(1));
    request(&app, ALICE).await;
    let mail = app.mails(ALICE).await.remove(0).mail.content;
    assert!(mail.text.contains("https://app.example.org/fr/reset-password?token="), "{}", mail.text);
}

#[actix_web::test]
async fn nobody_without_a_live_account_gets_a_mail_and_the_answer_is_the_same() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    app.put(&account(1, Role::User).status(AccountStatus::Disabled).build()).await;
    let before = app.app.list_mailbox(None).await.unwrap().len();
    for email in [ALICE, "user-1@example.com", "nobody@example.com", "no address", ""] {
        assert_requested(&request(&app, email).await);
    }
    assert_eq!(app.app.list_mailbox(None).await.unwrap().len(), before);
}

#[actix_web::test]
async fn missing_fields_are_told() {
    let app = TestApp::new().await;
    assert_unfit(&app.post(REQUEST_RESET, &json!({ "email": 1 })).await, &["Champ requis: email"]);
    assert_unfit(&app.post(RESET, &json!({})).await, &["Champ requis: token", "Champ requis: newPassword"]);
    let body = json!({ "token": "x", "password": NEW_PASSWORD });
    assert_unfit(&app.post(RESET, &body).await, &["Champ requis: newPassword"]);
}

#[actix_web::test]
async fn the_new_password_may_have_any_of_the_names_that_the_document_writes() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    for name in ["newPassword", "newPasseord", "newpassword"] {
        let token = reset_token(&app, ALICE).await;
        let unfit = json!({ "token": token, name: "1234" });
        assert_unfit(&app.post(RESET, &unfit).await, &[SHORT]);
        assert_reset(&app.post(RESET, &json!({ "token": token, name: NEW_PASSWORD })).await);
    }
    let token = reset_token(&app, ALICE).await;
    let both = json!({ "token": token, "newPassword": "12345", "newpassword": 1 });
    assert_reset(&app.post(RESET, &both).await);
}

#[actix_web::test]
async fn a_field_that_is_no_text_is_told() {
    let app = TestApp::new().await;
    assert_unfit(&app.post(RESET, &json!({ "token": "x", "newpassword": 1 })).await, &["Champ requis: newPassword"]);
}

#[actix_web::test]
async fn a_token_works_once_for_ten_minutes_and_only_the_last_one() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    for token in ["", "x", &"0".repeat(64)] {
        assert_failed(&reset(&app, token, NEW_PASSWORD).await, INVALID_RESET);
    }
    let first = reset_token(&app, ALICE).await;
    let second = reset_token(&app, ALICE).await;
    assert_failed(&reset(&app, &first, NEW_PASSWORD).await, INVALID_RESET);
    assert_reset(&reset(&app, &second, NEW_PASSWORD).await);
    assert_failed(&reset(&app, &second, PASSWORD).await, INVALID_RESET);
    let late = reset_token(&app, ALICE).await;
    app.wait(Duration::minutes(10));
    assert_failed(&reset(&app, &late, NEW_PASSWORD).await, INVALID_RESET);
}

#[actix_web::test]
async fn of_many_uses_of_a_token_at_once_one_counts() {
    let app = TestApp::new().await;
    verified_alice(&app).await;
    let token = reset_token(&app, ALICE).await;
    let answers = join_all((0..4).map(|_| reset(&app, &token, NEW_PASSWORD))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

#[actix_web::test]
async fn a_weak_password_is_refused_before_the_token_with_the_reason_and_does_not_use_it_up() {
    let app = TestApp::new().await;
    verified_alice(&app).await;
    let token = reset_token(&app, ALICE).await;
    for (weak, why) in [("", SHORT), ("1234", SHORT), (&"p".repeat(73), LONG), ("pass\u{0}word", NUL)] {
        assert_unfit(&reset(&app, &token, weak).await, &[why]);
        assert_unfit(&reset(&app, "x", weak).await, &[why]);
    }
    assert_reset(&reset(&app, &token, "12345").await);
}

#[actix_web::test]
async fn a_common_password_is_an_admins_weak_one() {
    let app = TestApp::without_limits().await;
    app.put(&account(1, Role::Admin).build()).await;
    let token = reset_token(&app, "user-1@example.com").await;
    assert_unfit(&reset(&app, &token, COMMON).await, &[TOO_COMMON]);
    assert_reset(&reset(&app, &token, NEW_PASSWORD).await);
    app.put(&account(2, Role::User).build()).await;
    let token = reset_token(&app, "user-2@example.com").await;
    assert_reset(&reset(&app, &token, COMMON).await);
}

#[actix_web::test]
async fn a_reset_ends_every_session() {
    let app = TestApp::without_limits().await;
    let one = alices_session(&app).await;
    let other = super::session(&app, ALICE).await;
    let bystander = session_of(&app, 1, Role::User).await;
    let token = reset_token(&app, ALICE).await;
    assert_reset(&reset(&app, &token, NEW_PASSWORD).await);
    for tokens in [one, other] {
        assert_refused(&app.get_as(&tokens.access, PROFILE).await);
        assert_refused(&app.post(REFRESH_TOKEN, &json!({ "refreshToken": tokens.refresh })).await);
    }
    assert_eq!(app.get_as(&bystander.access, PROFILE).await.status, 200);
}

#[actix_web::test]
async fn a_used_link_proves_the_mailbox() {
    let app = TestApp::without_limits().await;
    app.put(&account(1, Role::User).mailbox_proven_at(None).build()).await;
    let token = reset_token(&app, "user-1@example.com").await;
    assert_eq!(login(&app, "user-1@example.com", PASSWORD).await.status, 400);
    assert_reset(&reset(&app, &token, NEW_PASSWORD).await);
    assert_eq!(login(&app, "user-1@example.com", NEW_PASSWORD).await.status, 200);
}
