//! `POST /verify-otp/` and `POST /resend-otp/`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{AccountStatus, Role};

use super::{
    ALICE, INVALID_OTP, PASSWORD, RESEND, VERIFY, account, assert_failed, assert_sentence, assert_unfit,
    assert_verified, code, login, register_alice, verified_alice, verify,
};
use crate::support::{Answer, TestApp};

async fn resend(app: &TestApp, email: &str) -> Answer {
    app.post(RESEND, &json!({ "email": email })).await
}

#[track_caller]
fn assert_resent(answer: &Answer) {
    assert_sentence(answer, 200, "Nouvel OTP envoyé avec succès");
}

/// A code that is another one than this.
fn another(code: &str) -> String {
    let first = if code.starts_with('9') { '0' } else { '9' };
    format!("{first}{}", &code[1..])
}

#[actix_web::test]
async fn a_code_is_compared_without_case_and_works_once() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = code(&app, ALICE).await.to_lowercase();
    assert_verified(&verify(&app, "Alice@example.com", &format!(" {code}\n")).await);
    assert_failed(&verify(&app, ALICE, &code).await, INVALID_OTP);
}

#[actix_web::test]
async fn whatever_is_wrong_with_what_is_there_the_code_is() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = code(&app, ALICE).await;
    for (email, otp) in [
        (ALICE, ""),
        (ALICE, "12345"),
        (ALICE, "GGGGGG"),
        (ALICE, "1234567"),
        (ALICE, &another(&code)),
        ("nobody@example.com", &code),
        ("no address", &code),
        ("", &code),
    ] {
        assert_failed(&verify(&app, email, otp).await, INVALID_OTP);
    }
    assert_verified(&verify(&app, ALICE, &code).await);
}

#[actix_web::test]
async fn missing_fields_are_told() {
    let app = TestApp::new().await;
    assert_unfit(&app.post(VERIFY, &json!({})).await, &["Champ requis: email", "Champ requis: otp"]);
    assert_unfit(&app.post(VERIFY, &json!({ "email": ALICE, "otp": 123_456 })).await, &["Champ requis: otp"]);
    for value in [json!(null), json!(1)] {
        assert_unfit(&app.post(RESEND, &json!({ "email": value })).await, &["Champ requis: email"]);
    }
}

#[actix_web::test]
async fn a_role_beside_the_code_is_ignored() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let body = json!({ "email": ALICE, "otp": code(&app, ALICE).await, "role": "superadmin" });
    assert_verified(&app.post(VERIFY, &body).await);
    assert_eq!(login(&app, ALICE, PASSWORD).await.json()["data"]["role"], "user");
}

#[actix_web::test]
async fn a_code_lives_ten_minutes() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = code(&app, ALICE).await;
    app.wait(Duration::minutes(10));
    assert_failed(&verify(&app, ALICE, &code).await, INVALID_OTP);
}

#[actix_web::test]
async fn five_wrong_tries_use_a_code_up_with_or_without_limits() {
    for app in [TestApp::new().await, TestApp::without_limits().await] {
        register_alice(&app).await;
        let code = code(&app, ALICE).await;
        for _ in 0..5 {
            assert_failed(&verify(&app, ALICE, &another(&code)).await, INVALID_OTP);
        }
        assert_failed(&verify(&app, ALICE, &code).await, INVALID_OTP);
    }
}

#[actix_web::test]
async fn of_many_uses_of_a_code_at_once_one_counts() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = code(&app, ALICE).await;
    let answers = join_all((0..4).map(|_| verify(&app, ALICE, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

#[actix_web::test]
async fn another_code_takes_the_place_of_the_first() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let first = code(&app, ALICE).await;
    app.wait(Duration::seconds(60));
    assert_resent(&resend(&app, ALICE).await);
    assert_failed(&verify(&app, ALICE, &first).await, INVALID_OTP);
    let second = code(&app, ALICE).await;
    assert_verified(&verify(&app, ALICE, &second).await);
}

#[actix_web::test]
async fn nobody_without_a_reason_gets_a_code_and_the_answer_is_the_same() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    let blocked = account(1, Role::User).status(AccountStatus::Disabled).mailbox_proven_at(None).build();
    app.put(&blocked).await;
    let before = app.app.list_mailbox(None).await.unwrap().len();
    for email in [ALICE, "user-1@example.com", "nobody@example.com", "no address", ""] {
        assert_resent(&resend(&app, email).await);
    }
    assert_eq!(app.app.list_mailbox(None).await.unwrap().len(), before);
}

#[actix_web::test]
async fn a_blocked_account_is_not_opened_by_a_code() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = code(&app, ALICE).await;
    let found = app.store.read().accounts().find_by_email(&ALICE.parse().unwrap()).await.unwrap().unwrap();
    let mut blocked = found.clone();
    blocked.lock(found.updated_at());
    app.put(&blocked).await;
    verify(&app, ALICE, &code).await;
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
}

#[actix_web::test]
async fn only_what_the_document_knows_is_answered() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    let keys = |answer: &Answer| answer.json().as_object().unwrap().keys().cloned().collect::<Vec<String>>();
    app.wait(Duration::milliseconds(1));
    assert_eq!(keys(&resend(&app, ALICE).await), ["message"]);
    let code = code(&app, ALICE).await;
    let answer = verify(&app, ALICE, &code).await;
    assert!(answer.text.starts_with(r#"{"status":"success","message":"#), "{}", answer.text);
    assert!(!answer.text.contains(&code) && answer.json()["data"] == Value::Null);
}
