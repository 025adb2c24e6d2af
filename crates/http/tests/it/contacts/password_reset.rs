//! `POST /api/auth/forgot-password`, `verify-otp` and `reset-password`, one after the other.

use insta::assert_snapshot;
use serde_json::json;
use time::Duration;
use vestibule_application::{
    Operator,
    accounts::{AccountChange, NewStatus},
};
use vestibule_domain::{AccountId, EmailAddress, Role};
use vestibule_testkit::AccountBuilder;

use super::{
    ALICE, FORGOT, ME, PASSWORD, RESET_PASSWORD, VERIFY, another_code, assert_failed, login, register_alice,
    request_code, reset, reset_token, verify,
};
use crate::support::TestApp;

const NEW: &str = "battery staple";
const INVALID_OTP: &str = "Invalid or expired OTP";
const INVALID_TOKEN: &str = "Invalid or expired reset token";

#[actix_web::test]
async fn a_forgotten_password_is_replaced_by_way_of_the_mailbox() {
    let app = TestApp::new().await;
    let registered = register_alice(&app).await;
    let forgot = app.post(FORGOT, &json!({ "email": " ALICE@example.com " })).await;
    assert_snapshot!("forgot_password", forgot.redacted());
    let verified = verify(&app, &app.code(ALICE).await).await;
    assert_snapshot!("verify_otp", verified.redacted());
    let done = reset(&app, &verified.data("resetToken"), NEW).await;
    assert_snapshot!("reset_password", done.redacted());
    assert_eq!((forgot.status, verified.status, done.status), (200, 200, 200));

    assert_failed(&app.get_as(&registered.data("token"), ME).await, 401, "Not authorized, no token");
    assert_failed(&login(&app, PASSWORD).await, 401, "Invalid credentials");
    assert_eq!(login(&app, NEW).await.status, 200);
}

#[actix_web::test]
async fn a_forgotten_password_without_an_address_is_refused() {
    let app = TestApp::new().await;
    for body in [
        json!({}),
        json!({ "email": "" }),
        json!({ "email": " " }),
        json!({ "email": null }),
        json!({ "email": [ALICE] }),
    ] {
        assert_failed(&app.post(FORGOT, &body).await, 400, "Please add all fields");
    }
}

#[actix_web::test]
async fn an_unknown_address_and_no_address_are_answered_like_a_known_one_but_get_no_mail() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let known = app.post(FORGOT, &json!({ "email": ALICE })).await;
    for email in ["nobody@example.com", "alice", "a\u{0}@example.com"] {
        let answer = app.post(FORGOT, &json!({ "email": email })).await;
        assert_eq!((answer.status, &answer.text), (known.status, &known.text), "{email}");
    }
    assert_eq!(app.app.list_mailbox(None).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn a_disabled_account_gets_no_code() {
    let app = TestApp::new().await;
    let id = AccountId::from_hex(&register_alice(&app).await.data("_id")).unwrap();
    app.app
        .change_account(Operator::at_the_console().authority_over(id), AccountChange::status(NewStatus::Suspended))
        .await
        .unwrap();
    assert_eq!(app.post(FORGOT, &json!({ "email": ALICE })).await.status, 200);
    assert!(app.mails(ALICE).await.is_empty());
}

#[actix_web::test]
async fn the_code_is_in_the_mail_to_the_stored_address_and_nowhere_else() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let answer = app.post(FORGOT, &json!({ "email": "ALICE@EXAMPLE.COM" })).await;
    let code = app.code(ALICE).await;
    assert!(!answer.text.contains(&code));
    assert!(answer.headers.iter().all(|(_, value)| !value.to_str().unwrap().contains(&code)));
}

#[actix_web::test]
async fn everything_but_the_code_is_an_invalid_code() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    let code = request_code(&app).await;
    for body in [
        json!({ "email": ALICE, "otp": another_code(&code) }),
        json!({ "email": ALICE, "otp": code.parse::<u32>().unwrap() }),
        json!({ "email": ALICE, "otp": &code[..5] }),
        json!({ "email": ALICE, "otp": format!("{code}0") }),
        json!({ "email": ALICE, "otp": "" }),
        json!({ "email": ALICE, "otp": "12345\u{0}" }),
        json!({ "email": ALICE, "otp": "１２３４５６" }),
        json!({ "email": ALICE, "otp": null }),
        json!({ "email": ALICE, "otp": [code] }),
        json!({ "email": ALICE }),
        json!({ "email": "nobody@example.com", "otp": code }),
        json!({ "email": "no address", "otp": code }),
        json!({ "email": 1, "otp": code }),
        json!({ "otp": code }),
        json!({}),
    ] {
        assert_failed(&app.post(VERIFY, &body).await, 400, INVALID_OTP);
    }
    assert_eq!(verify(&app, &code).await.status, 200);
}

#[actix_web::test]
async fn a_spent_code_is_refused() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = request_code(&app).await;
    assert_eq!(verify(&app, &code).await.status, 200);
    assert_failed(&verify(&app, &code).await, 400, INVALID_OTP);
}

#[actix_web::test]
async fn a_code_works_for_ten_minutes() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = request_code(&app).await;
    app.wait(Duration::minutes(10));
    assert_failed(&verify(&app, &code).await, 400, INVALID_OTP);
    let code = request_code(&app).await;
    app.wait(Duration::minutes(10) - Duration::seconds(1));
    assert_eq!(verify(&app, &code).await.status, 200);
}

#[actix_web::test]
async fn a_new_code_replaces_the_one_before() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let first = request_code(&app).await;
    let second = request_code(&app).await;
    assert_ne!(first, second);
    assert_failed(&verify(&app, &first).await, 400, INVALID_OTP);
    assert_eq!(verify(&app, &second).await.status, 200);
}

#[actix_web::test]
async fn five_wrong_tries_kill_a_code() {
    for (wrong, status) in [(4, 200), (5, 400)] {
        let app = TestApp::without_limits().await;
        register_alice(&app).await;
        let code = request_code(&app).await;
        for _ in 0..wrong {
            assert_failed(&verify(&app, &another_code(&code)).await, 400, INVALID_OTP);
        }
        assert_eq!(verify(&app, &code).await.status, status, "after {wrong}");
    }
}

#[actix_web::test]
async fn ten_wrong_tries_in_a_day_close_the_account_to_codes() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    for _ in 0..2 {
        let code = request_code(&app).await;
        for _ in 0..5 {
            verify(&app, &another_code(&code)).await;
        }
    }
    let code = request_code(&app).await;
    assert_failed(&verify(&app, &code).await, 400, INVALID_OTP);
    app.wait(Duration::hours(24));
    let code = request_code(&app).await;
    assert_eq!(verify(&app, &code).await.status, 200);
}

#[actix_web::test]
async fn a_mailbox_is_proven_where_the_password_is_replaced_and_not_before() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let email = EmailAddress::parse(ALICE).unwrap();
    let proven = async || app.store.read().accounts().find_by_email(&email).await.unwrap().unwrap().mailbox_proven_at();
    assert_eq!(proven().await, None);
    let token = reset_token(&app).await;
    assert_eq!(proven().await, None, "the password may be a stranger's as yet");
    let body = json!({ "resetToken": token, "newPassword": NEW });
    assert_eq!(app.post(RESET_PASSWORD, &body).await.status, 200);
    assert!(proven().await.is_some());
}

#[actix_web::test]
async fn a_token_that_is_none_is_told_before_the_password_is_looked_at() {
    let app = TestApp::new().await;
    for token in [json!(null), json!(""), json!(1), json!("a.b.c"), json!("t".repeat(5_000)), json!("\u{0}")] {
        let body = json!({ "resetToken": token });
        assert_failed(&app.post(RESET_PASSWORD, &body).await, 400, INVALID_TOKEN);
    }
    assert_failed(&app.post(RESET_PASSWORD, &json!({ "newPassword": NEW })).await, 400, INVALID_TOKEN);
    assert_failed(&app.post(RESET_PASSWORD, &json!({})).await, 400, INVALID_TOKEN);
}

#[actix_web::test]
async fn an_unfit_password_does_not_use_the_token_up() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let token = reset_token(&app).await;
    for password in [json!(null), json!(""), json!(12_345_678)] {
        let body = json!({ "resetToken": token, "newPassword": password });
        assert_failed(&app.post(RESET_PASSWORD, &body).await, 400, "Please add all fields");
    }
    for (password, message) in [
        ("short", "Password must be 8 to 72 characters"),
        (&"p".repeat(73), "Password must be 8 to 72 characters"),
        (&"密".repeat(26), "Password must be at most 72 bytes: letters beyond ASCII take two to four"),
        ("pass\u{0}word", "Password must not contain a NUL character"),
    ] {
        assert_failed(&reset(&app, &token, password).await, 400, message);
    }
    assert_eq!(reset(&app, &token, NEW).await.status, 200);
}

#[actix_web::test]
async fn a_used_reset_token_is_refused() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let token = reset_token(&app).await;
    assert_eq!(reset(&app, &token, NEW).await.status, 200);
    assert_failed(&reset(&app, &token, "another password").await, 400, INVALID_TOKEN);
    assert_eq!(login(&app, NEW).await.status, 200);
}

#[actix_web::test]
async fn a_reset_token_works_for_fifteen_minutes() {
    for (seconds, status) in [(899, 200), (900, 400)] {
        let app = TestApp::new().await;
        register_alice(&app).await;
        let token = reset_token(&app).await;
        app.wait(Duration::seconds(seconds));
        assert_eq!(reset(&app, &token, NEW).await.status, status, "after {seconds} s");
    }
}

#[actix_web::test]
async fn a_new_forgot_does_not_end_a_reset_token_already_given() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let token = reset_token(&app).await;
    request_code(&app).await;
    assert_eq!(reset(&app, &token, NEW).await.status, 200);
}

#[actix_web::test]
async fn a_reset_ends_every_other_reset_token_and_code() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let (first, second) = (reset_token(&app).await, reset_token(&app).await);
    let code = request_code(&app).await;
    assert_eq!(reset(&app, &first, NEW).await.status, 200);
    assert_failed(&reset(&app, &second, "another password").await, 400, INVALID_TOKEN);
    assert_failed(&verify(&app, &code).await, 400, INVALID_OTP);
}

#[actix_web::test]
async fn the_reset_token_of_a_removed_account_is_refused() {
    let app = TestApp::new().await;
    let id = register_alice(&app).await.data("_id");
    let token = reset_token(&app).await;
    app.remove(&id).await;
    assert_failed(&reset(&app, &token, NEW).await, 400, INVALID_TOKEN);
    register_alice(&app).await;
    assert_failed(&reset(&app, &token, NEW).await, 400, INVALID_TOKEN);
}

#[actix_web::test]
async fn a_notice_without_any_secret_follows_a_reset() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let code = request_code(&app).await;
    let token = verify(&app, &code).await.data("resetToken");
    reset(&app, &token, NEW).await;
    let mails = app.mails(ALICE).await;
    let notice = &mails.first().unwrap().mail.content;
    assert_eq!((mails.len(), notice.subject.as_str()), (2, "Your password was changed"));
    for secret in [code.as_str(), token.as_str(), NEW] {
        assert!(!notice.text.contains(secret) && !notice.html.contains(secret));
    }
}

#[actix_web::test]
async fn an_admin_cannot_reset_to_a_common_password_and_keeps_the_token() {
    let app = TestApp::new().await;
    app.put(&AccountBuilder::numbered(1).email(ALICE).role(Role::Admin).build()).await;
    let token = reset_token(&app).await;
    assert_failed(&reset(&app, &token, "Password1").await, 400, "Password must be 8 to 72 characters");
    assert_eq!(reset(&app, &token, NEW).await.status, 200);
}
