//! `POST /register/`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::{AccountStatus, Role};
use vestibule_http::{EgoOptions, HttpOptions, Mount};

use super::{
    ALICE, COMMON, FORBIDDEN, LONG, NEW_PASSWORD, NUL, PASSWORD, PHONE_TAKEN, REGISTER, SHORT, TOO_COMMON, UNVERIFIED,
    USER_EXISTS, account, alice, assert_failed, assert_refused, assert_registered, assert_unfit, assert_verified, code,
    login, register_alice, session_of, verified_alice, verify,
};
use crate::support::{Answer, Setup, TestApp, post};

async fn with(app: &TestApp, key: &str, value: Value) -> Answer {
    let mut body = alice();
    body[key] = value;
    app.post(REGISTER, &body).await
}

fn one(number: usize) -> Value {
    let mut body = alice();
    body["email"] = json!(format!("new-{number}@example.com"));
    body
}

/// The role that an address has, if it has an account.
async fn role_of(app: &TestApp, email: &str) -> Option<Role> {
    let found = app.store.read().accounts().find_by_email(&email.parse().unwrap()).await.unwrap();
    found.map(|account| account.role())
}

#[actix_web::test]
async fn a_registration_waits_for_the_code_of_a_mail() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let mail = app.mails(ALICE).await.remove(0).mail.content;
    assert_eq!(mail.subject, "Verification OTP");
    let code = code(&app, ALICE).await;
    for words in ["inscription", "le 2026-03-01 12:00:00 UTC, avec un mot de passe", "10 minutes"] {
        assert!(mail.text.contains(words), "{}", mail.text);
    }
    assert_failed(&login(&app, ALICE, PASSWORD).await, UNVERIFIED);
    assert_verified(&verify(&app, ALICE, &code).await);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn every_missing_field_is_told_and_the_first_in_the_message() {
    let app = TestApp::new().await;
    let all = ["Champ requis: firstname", "Champ requis: lastname", "Champ requis: email", "Champ requis: password"];
    assert_unfit(&app.post(REGISTER, &json!({})).await, &all);
    for (key, message) in ["firstname", "lastname", "email", "password"].into_iter().zip(all) {
        for value in [json!(null), json!(1), json!(["x"]), json!({}), json!(true)] {
            assert_unfit(&with(&app, key, value).await, &[message]);
        }
        let mut body = alice();
        body.as_object_mut().unwrap().remove(key);
        assert_unfit(&app.post(REGISTER, &body).await, &[message]);
    }
    let misspelt = json!({ "firstanme": "Alice", "lastname": "Martin", "email": ALICE, "password": PASSWORD });
    assert_unfit(&app.post(REGISTER, &misspelt).await, &["Champ requis: firstname"]);
}

#[actix_web::test]
async fn what_is_missing_comes_before_what_is_unfit() {
    let app = TestApp::new().await;
    let body = json!({ "role": "king", "email": "none", "phoneNumber": "x", "password": "1234", "firstname": "" });
    let messages = [
        "Champ requis: lastname",
        "Champ invalide: role",
        "Ce format d'email est invalid",
        "Champ invalide: phoneNumber",
        SHORT,
        "Champ invalide: firstname",
    ];
    assert_unfit(&app.post(REGISTER, &body).await, &messages);
}

#[actix_web::test]
async fn each_unfit_field_has_its_answer() {
    let app = TestApp::new().await;
    for (key, value) in [
        ("role", json!("USER")),
        ("role", json!("root")),
        ("role", json!("")),
        ("role", json!(1)),
        ("phoneNumber", json!("call me")),
        ("phoneNumber", json!("12")),
        ("phoneNumber", json!(225_010_203)),
        ("firstname", json!(" ")),
        ("lastname", json!("M\u{0}")),
        ("lastname", json!("n".repeat(501))),
    ] {
        let message = format!("Champ invalide: {key}");
        assert_unfit(&with(&app, key, value).await, &[&message]);
    }
    for (password, why) in [("1234", SHORT), ("", SHORT), (&"é".repeat(37), LONG), ("pass\u{0}word", NUL)] {
        assert_unfit(&with(&app, "password", json!(password)).await, &[why]);
    }
    for email in ["", "alice", "a\u{0}@example.com", "Alice <a@b.test>"] {
        assert_failed(&with(&app, "email", json!(email)).await, (400, 1010, "Ce format d'email est invalid"));
    }
    let body = json!({ "firstname": "A", "lastname": "M", "email": "none", "password": "1", "role": "user" });
    assert_failed(&app.post(REGISTER, &body).await, (400, 1010, "Ce format d'email est invalid"));
    assert_eq!(role_of(&app, ALICE).await, None);
}

#[actix_web::test]
async fn optional_fields_may_be_null_and_others_are_ignored() {
    let app = TestApp::new().await;
    let mut body = alice();
    for (key, value) in [("role", json!(null)), ("phoneNumber", json!(null)), ("isSuperuser", json!(true))] {
        body[key] = value;
    }
    assert_registered(&app.post(REGISTER, &body).await);
}

#[actix_web::test]
async fn the_shortest_password_is_a_setting_of_the_dialect() {
    let ego = EgoOptions { password_min: 8, ..EgoOptions::default() };
    let options = HttpOptions::default().with(Mount::new(ego));
    let app = TestApp::with(Setup { options, ..Setup::default() }).await;
    assert_unfit(&with(&app, "password", json!("7 chars")).await, &[&SHORT.replace('5', "8")]);
    assert_registered(&with(&app, "password", json!("8 chars!")).await);
}

#[actix_web::test]
async fn a_verified_address_is_taken_in_any_case() {
    let app = TestApp::without_limits().await;
    verified_alice(&app).await;
    for email in [ALICE, "Alice@Example.COM"] {
        assert_failed(&with(&app, "email", json!(email)).await, USER_EXISTS);
    }
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_pending_account_is_replaced_with_its_password_and_code() {
    let app = TestApp::new().await;
    register_alice(&app).await;
    let old = code(&app, ALICE).await;
    app.wait(Duration::seconds(61));
    assert_registered(&with(&app, "password", json!(NEW_PASSWORD)).await);
    let new = code(&app, ALICE).await;
    assert_eq!(verify(&app, ALICE, &old).await.status, 400);
    assert_verified(&verify(&app, ALICE, &new).await);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
    assert_eq!(login(&app, ALICE, NEW_PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_telephone_number_belongs_to_one_account_however_it_is_written() {
    let app = TestApp::new().await;
    assert_registered(&with(&app, "phoneNumber", json!(" +225 01 02-03 ")).await);
    for phone in ["+225010203", "+225 (01) 02.03"] {
        let mut body = one(1);
        body["phoneNumber"] = json!(phone);
        assert_failed(&app.post(REGISTER, &body).await, PHONE_TAKEN);
    }
    assert_eq!(role_of(&app, "new-1@example.com").await, None);
    let mut body = one(1);
    body["phoneNumber"] = json!("225010203");
    assert_registered(&app.post(REGISTER, &body).await);
}

#[actix_web::test]
async fn of_many_registrations_with_one_number_one_gets_it() {
    let app = TestApp::without_limits().await;
    let bodies: Vec<Value> = (0..8).map(one).collect();
    let answers = join_all(bodies.into_iter().map(|mut body| {
        body["phoneNumber"] = json!("+33 1 23 45");
        let app = &app;
        async move { app.post(REGISTER, &body).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_failed(answer, PHONE_TAKEN);
    }
}

#[actix_web::test]
async fn without_a_token_every_role_is_a_users() {
    let app = TestApp::new().await;
    for (number, role) in ["user", "admin", "superadmin"].into_iter().enumerate() {
        let mut body = one(number);
        body["role"] = json!(role);
        assert_registered(&app.post(REGISTER, &body).await);
        assert_eq!(role_of(&app, &format!("new-{number}@example.com")).await, Some(Role::User));
    }
}

#[actix_web::test]
async fn with_a_token_a_role_is_given_or_refused_by_the_callers_role() {
    let app = TestApp::without_limits().await;
    let roles = [("user", Role::User), ("admin", Role::Admin), ("superadmin", Role::Root)];
    for (caller, allowed) in
        [(Role::User, [true, false, false]), (Role::Admin, [true, false, false]), (Role::Root, [true, true, false])]
    {
        let token = session_of(&app, 1, caller).await.access;
        for ((word, role), allowed) in roles.into_iter().zip(allowed) {
            let mut body = one(1);
            body["role"] = json!(word);
            let answer = app.post_as(&token, REGISTER, &body).await;
            if allowed {
                assert_registered(&answer);
                assert_eq!(role_of(&app, "new-1@example.com").await, Some(role), "{caller:?} {word}");
            } else {
                assert_failed(&answer, FORBIDDEN);
            }
        }
        body_without_a_role_makes_a_user(&app, &token).await;
    }
}

async fn body_without_a_role_makes_a_user(app: &TestApp, token: &str) {
    assert_registered(&app.post_as(token, REGISTER, &one(1)).await);
    assert_eq!(role_of(app, "new-1@example.com").await, Some(Role::User));
}

#[actix_web::test]
async fn a_bad_token_matters_only_where_a_right_is_asked_for() {
    let app = TestApp::without_limits().await;
    let root = account(1, Role::Root).status(AccountStatus::Active).build();
    app.put(&root).await;
    let token = super::session(&app, "user-1@example.com").await;
    let with_role = |number: usize, role: &str| {
        let mut body = one(number);
        body["role"] = json!(role);
        body
    };
    for (number, bad) in (10..).step_by(3).zip(["x", "a.b.c", "undefined", &token.refresh]) {
        assert_registered(&app.post_as(bad, REGISTER, &one(number)).await);
        assert_registered(&app.post_as(bad, REGISTER, &with_role(number + 1, "user")).await);
        assert_refused(&app.post_as(bad, REGISTER, &with_role(number + 2, "admin")).await);
        let by_name = post(REGISTER).insert_header(("authentication", bad.to_owned()));
        assert_refused(&app.send(by_name.set_payload(with_role(number + 2, "admin").to_string())).await);
    }
    app.wait(Duration::minutes(31));
    assert_refused(&app.post_as(&token.access, REGISTER, &with_role(50, "admin")).await);
    assert_registered(&app.post_as(&token.access, REGISTER, &one(50)).await);
}

#[actix_web::test]
async fn an_admin_may_not_have_a_common_password() {
    let app = TestApp::without_limits().await;
    let token = session_of(&app, 1, Role::Root).await.access;
    let mut body = one(1);
    body["password"] = json!(COMMON);
    body["role"] = json!("admin");
    assert_unfit(&app.post_as(&token, REGISTER, &body).await, &[TOO_COMMON]);
    body["role"] = json!("user");
    assert_registered(&app.post_as(&token, REGISTER, &body).await);
}
