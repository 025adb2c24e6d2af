//! `POST /login/` and `POST /ad-login/`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{AccountStatus, Role};

use super::{
    AD_LOGIN, ALICE, LOGIN, PASSWORD, PROFILE, Tokens, UNVERIFIED, UPDATE, WRONG, account, assert_failed, assert_unfit,
    login, register_alice, session, verified_alice,
};
use crate::support::{Answer, TestApp};

async fn ad_login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.post(AD_LOGIN, &json!({ "email": email, "password": password })).await
}

/// The account of user 1 as it is shown to itself, after a change that changes nothing.
async fn shown(app: &TestApp, token: &str) -> Value {
    app.post_as(token, UPDATE, &json!({ "firstname": "First" })).await.json()["data"].clone()
}

#[actix_web::test]
async fn a_login_answers_who_it_is_and_two_tokens() {
    let app = TestApp::new().await;
    verified_alice(&app).await;
    let answer = login(&app, " Alice@Example.com", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    let Tokens { access, refresh } = Tokens::of(&answer);
    assert_ne!(access, refresh);
    assert_eq!(app.get_as(&access, PROFILE).await.status, 200);
}

#[actix_web::test]
async fn whatever_is_wrong_with_the_credentials_the_answer_is_the_same() {
    let app = TestApp::without_limits().await;
    app.put(&account(1, Role::Root).build()).await;
    app.put(&account(2, Role::Root).status(AccountStatus::Disabled).build()).await;
    app.put(&account(3, Role::Root).password(None).build()).await;
    for path in [LOGIN, AD_LOGIN] {
        for (email, password) in [
            ("user-1@example.com", "wrong"),
            ("user-1@example.com", ""),
            ("user-2@example.com", PASSWORD),
            ("user-3@example.com", PASSWORD),
            ("nobody@example.com", PASSWORD),
            ("no address", PASSWORD),
            ("", ""),
        ] {
            let body = json!({ "email": email, "password": password });
            assert_failed(&app.post(path, &body).await, WRONG);
        }
        assert_unfit(&app.post(path, &json!({})).await, &["Champ requis: email", "Champ requis: password"]);
        let mistyped = json!({ "email": "user-1@example.com", "password": 12_345 });
        assert_unfit(&app.post(path, &mistyped).await, &["Champ requis: password"]);
    }
}

#[actix_web::test]
async fn an_unknown_address_costs_a_comparison_too() {
    let app = TestApp::new().await;
    login(&app, "nobody@example.com", PASSWORD).await;
    assert_eq!(app.hasher.comparisons(), 1);
}

#[actix_web::test]
async fn an_unproven_mailbox_is_told_only_to_whoever_knows_the_password() {
    let app = TestApp::without_limits().await;
    register_alice(&app).await;
    app.put(&account(1, Role::User).mailbox_proven_at(None).build()).await;
    for email in [ALICE, "user-1@example.com"] {
        assert_failed(&login(&app, email, "wrong").await, WRONG);
        assert_failed(&login(&app, email, PASSWORD).await, UNVERIFIED);
        assert_failed(&ad_login(&app, email, PASSWORD).await, WRONG);
    }
}

#[actix_web::test]
async fn the_superadmins_door_is_for_superadmins() {
    let app = TestApp::without_limits().await;
    for (number, role) in [(1, Role::User), (2, Role::Admin), (3, Role::Root)] {
        app.put(&account(number, role).build()).await;
        let answer = ad_login(&app, &format!("user-{number}@example.com"), PASSWORD).await;
        if role == Role::Root {
            assert_eq!(answer.status, 200);
            assert_snapshot!(answer.redacted());
            assert_eq!(app.get_as(&Tokens::of(&answer).access, PROFILE).await.status, 200);
        } else {
            assert_failed(&answer, WRONG);
        }
    }
}

#[actix_web::test]
async fn a_role_in_the_body_is_ignored() {
    let app = TestApp::new().await;
    verified_alice(&app).await;
    let body = json!({ "email": ALICE, "password": PASSWORD, "role": "superadmin" });
    assert_eq!(app.post(LOGIN, &body).await.json()["data"]["role"], "user");
}

#[actix_web::test]
async fn each_role_has_its_word_and_a_missing_name_is_null() {
    let app = TestApp::without_limits().await;
    for (number, role, word) in [(1, Role::User, "user"), (2, Role::Admin, "admin"), (3, Role::Root, "superadmin")] {
        app.put(&account(number, role).parts("", "").build()).await;
        let data = login(&app, &format!("user-{number}@example.com"), PASSWORD).await.json()["data"].clone();
        assert_eq!((&data["role"], &data["firstname"], &data["lastname"]), (&json!(word), &json!(null), &json!(null)));
    }
}

#[actix_web::test]
async fn sign_ins_and_failures_move_their_fields() {
    let app = TestApp::without_limits().await;
    app.put(&account(1, Role::User).build()).await;
    let email = "user-1@example.com";
    let token = session(&app, email).await.access;
    let first = shown(&app, &token).await;
    assert_eq!(first["lastLogin"], "2026-03-01T12:00:00.123Z");
    assert_eq!((&first["failedLoginAttempts"], &first["lastFailedLogin"]), (&json!(0), &json!(null)));
    for failures in 1..=3 {
        app.wait(Duration::seconds(1));
        login(&app, email, "wrong").await;
        let shown = shown(&app, &token).await;
        assert_eq!(shown["failedLoginAttempts"], failures);
        assert_eq!(shown["lastFailedLogin"], format!("2026-03-01T12:00:0{failures}.123Z"));
        assert_eq!((&shown["lastLogin"], &shown["updatedAt"]), (&first["lastLogin"], &first["updatedAt"]));
    }
    app.wait(Duration::seconds(1));
    session(&app, email).await;
    let last = shown(&app, &token).await;
    assert_eq!((&last["failedLoginAttempts"], &last["lastLogin"]), (&json!(0), &json!("2026-03-01T12:00:04.123Z")));
    assert_eq!(last["lastFailedLogin"], "2026-03-01T12:00:03.123Z");
}

#[actix_web::test]
async fn another_dialects_sign_in_and_failure_move_them_too() {
    let app = TestApp::without_limits().await;
    app.put(&account(1, Role::User).build()).await;
    let token = session(&app, "user-1@example.com").await.access;
    app.wait(Duration::seconds(5));
    let other = |password: &str| json!({ "email": "user-1@example.com", "password": password });
    assert_eq!(app.post("/api/auth/login", &other(PASSWORD)).await.status, 200);
    assert_eq!(app.post("/api/auth/login", &other("wrong")).await.status, 401);
    let shown = shown(&app, &token).await;
    assert_eq!(shown["lastLogin"], "2026-03-01T12:00:05.123Z");
    assert_eq!(shown["failedLoginAttempts"], 1);
}
