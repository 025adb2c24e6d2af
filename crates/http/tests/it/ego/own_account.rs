//! `GET /profile/`, `POST /update/`, `POST /delete/`, `PUT /update-password/`.

use actix_web::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};
use time::{Duration, macros::datetime};
use vestibule_domain::{
    Account, AccountId, Dossier, Role,
    dossier::{Acceptance, Detail, Document, Field, Value as FieldValue, Values, Verdict},
};
use vestibule_testkit::FixedClock;

use super::{
    ALICE, COMMON, DELETE, FORBIDDEN, NEW_PASSWORD, PASSWORD, PHONE_TAKEN, PROFILE, REFRESH_TOKEN, SHORT, TOO_COMMON,
    UPDATE, UPDATE_PASSWORD, account, alices_session, assert_failed, assert_refused, assert_said, assert_unfit, login,
    session, session_of,
};
use crate::support::{Answer, TestApp};

/// The keys of a user in the contract's order.
const KEYS: [&str; 32] = [
    "address",
    "id",
    "firstname",
    "lastname",
    "email",
    "phoneNumber",
    "role",
    "profession",
    "birth",
    "profilePhoto",
    "ipAdress",
    "deviceId",
    "status",
    "isVerified",
    "isApproved",
    "isBlocked",
    "referrralCode",
    "emailVerifiedAt",
    "profileComplete",
    "isSuperuser",
    "identificationType",
    "identificationExpiry",
    "documentIdentityImage",
    "statusKyc",
    "dateOfVerification",
    "sponsorShipCode",
    "lastLogin",
    "twoFactorAuth",
    "failedLoginAttempts",
    "lastFailedLogin",
    "createdAt",
    "updatedAt",
];

async fn update(app: &TestApp, token: &str, body: Value) -> Answer {
    app.post_as(token, UPDATE, &body).await
}

async fn change_password(app: &TestApp, token: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "currentPassword": current, "password": new });
    app.send_as(token, Method::PUT, UPDATE_PASSWORD, &body).await
}

/// What a client sees of a field after an update that succeeds.
async fn updated(app: &TestApp, token: &str, field: &str, value: Value) -> Value {
    let answer = update(app, token, json!({ field: value })).await;
    assert_eq!(answer.status, 200, "{field}: {}", answer.text);
    answer.json()["data"][field].clone()
}

/// Gives an account a dossier that has been checked.
async fn put_dossier(app: &TestApp, account: &Account) {
    let detail = |text: &str| Detail::parse(text).unwrap();
    let mut values = Values::default();
    for (field, value) in [
        (Field::IdentificationKind, FieldValue::Text(detail("passport"))),
        (Field::IdentificationExpiresOn, FieldValue::Day(datetime!(2030-01-02 03:04:05 UTC))),
        (Field::Identity, FieldValue::Document(Document::Path(detail("papers/1.png")))),
    ] {
        values.set(field, value).unwrap();
    }
    let good = values.iter().map(|(field, _)| (field, Some(Verdict::Accepted))).collect();
    let updated_at = Some(FixedClock::START + Duration::days(1));
    let mut dossier = Dossier { values, updated_at, ..Dossier::empty(account.id()) };
    let (reviewer, now) = (AccountId::new(FixedClock::START, [9; 6]), FixedClock::START);
    dossier.submit(&[], now).unwrap();
    dossier.hold(reviewer, now, now + Duration::minutes(30)).unwrap();
    dossier.set_verdicts(reviewer, now, good).unwrap();
    assert_eq!(dossier.accept(reviewer, now, false), Ok(Acceptance::Final));
    let mut unit = app.store.write().await.unwrap();
    unit.dossiers().replace(&dossier).await.unwrap();
    unit.commit().await.unwrap();
}

#[actix_web::test]
async fn a_profile_has_its_seven_keys() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    assert_snapshot!(app.get_as(&token, PROFILE).await.text);
    updated(&app, &token, "phoneNumber", json!("+225 01 02 03")).await;
    assert_eq!(app.get_as(&token, PROFILE).await.json()["data"]["phoneNumber"], "+225 01 02 03");
    let root = session_of(&app, 1, Role::Root).await.access;
    let data = app.get_as(&root, PROFILE).await.json()["data"].clone();
    assert_eq!((&data["role"], &data["isSuperuser"]), (&json!("superadmin"), &json!(true)));
}

#[actix_web::test]
async fn an_update_answers_the_whole_user_in_the_documents_order_without_a_password() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    app.wait(Duration::seconds(1));
    let body = json!({
        "firstname": " Alicia ", "lastname": "Durand", "phoneNumber": " +225 01 02-03 ", "profession": "Boulangère",
        "birth": "1990-05-17", "profilePhoto": "https://example.org/a.png",
        "address": { "street": "1 rue de la Paix", "city": "Abidjan", "country": "CI", "planet": 3 },
        "email": "mallory@example.com", "role": "superadmin", "isVerified": false, "password": "x",
    });
    let answer = update(&app, &token, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_snapshot!(answer.redacted());
    let (_, user) = answer.text.split_once("\"data\":").unwrap();
    let places: Vec<usize> = KEYS.iter().map(|key| user.find(&format!("\"{key}\":")).expect(key)).collect();
    assert!(places.is_sorted(), "{}", answer.text);
    let data = answer.json()["data"].clone();
    assert_eq!(data.as_object().unwrap().len(), KEYS.len());
    assert_eq!((&data["email"], &data["role"]), (&json!(ALICE), &json!("user")));
    assert!(!answer.text.contains("instant:") && !answer.text.contains("password"), "{}", answer.text);
}

#[actix_web::test]
async fn a_checked_dossier_shows() {
    let app = TestApp::new().await;
    let account = account(1, Role::Root).build();
    app.put(&account).await;
    put_dossier(&app, &account).await;
    let token = session(&app, "user-1@example.com").await.access;
    assert_snapshot!(update(&app, &token, json!({ "lastname": "Last 1" })).await.redacted());
}

#[actix_web::test]
async fn put_is_post() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    let answer = app.send_as(&token, Method::PUT, UPDATE, &json!({ "firstname": "Alicia" })).await;
    assert_eq!(answer.json()["data"]["firstname"], "Alicia");
}

#[actix_web::test]
async fn nothing_to_update_is_refused() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    for body in [json!({}), json!({ "role": "admin", "email": "x@example.com", "firstanme": "A" })] {
        assert_failed(&update(&app, &token, body).await, (400, 1006, "Aucune donne a mettre a jour saisie"));
    }
}

#[actix_web::test]
async fn null_takes_everything_away_but_the_names() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    for (field, value) in [
        ("phoneNumber", json!("+225 01 02 03")),
        ("profession", json!("Boulangère")),
        ("birth", json!("1990-05-17")),
        ("profilePhoto", json!("a.png")),
        ("address", json!({ "city": "Abidjan" })),
    ] {
        assert_ne!(updated(&app, &token, field, value).await, json!(null), "{field}");
        assert_eq!(updated(&app, &token, field, json!(null)).await, json!(null), "{field}");
    }
    let whole = json!({ "street": null, "city": "Abidjan", "zip": null, "area": null, "country": null });
    assert_eq!(updated(&app, &token, "address", json!({ "city": " Abidjan " })).await, whole);
    assert_eq!(updated(&app, &token, "address", json!({ "city": null })).await, json!(null));
    for name in ["firstname", "lastname"] {
        for value in [json!(null), json!(1), json!(""), json!("A\u{0}"), json!(["A"])] {
            let answer = update(&app, &token, json!({ name: value })).await;
            assert_unfit(&answer, &[&format!("Champ invalide: {name}")]);
        }
    }
}

#[actix_web::test]
async fn every_unfit_field_is_told_and_nothing_is_changed() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    let fields = ["firstname", "lastname", "phoneNumber", "profession", "birth", "profilePhoto", "address"];
    let body: Value =
        fields.into_iter().map(|field| (field.to_owned(), json!(1))).collect::<serde_json::Map<_, _>>().into();
    let messages = fields.map(|field| format!("Champ invalide: {field}"));
    assert_unfit(&update(&app, &token, body).await, &messages.each_ref().map(String::as_str));
    let half = json!({ "firstname": "Mallory", "birth": "soon" });
    assert_unfit(&update(&app, &token, half).await, &["Champ invalide: birth"]);
    assert_eq!(app.get_as(&token, PROFILE).await.json()["data"]["firstname"], "Alice");
}

#[actix_web::test]
async fn a_birth_is_a_day_or_a_time() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    for (birth, shown) in [
        ("1990-05-17", "1990-05-17T00:00:00.000Z"),
        (" 1990-05-17 ", "1990-05-17T00:00:00.000Z"),
        ("1990-05-17T01:02:03.456Z", "1990-05-17T01:02:03.456Z"),
        ("1990-05-17T01:02:03+02:00", "1990-05-16T23:02:03.000Z"),
        ("1990-05-17T01:02:03", "1990-05-17T01:02:03.000Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000Z"),
    ] {
        assert_eq!(updated(&app, &token, "birth", json!(birth)).await, shown, "{birth}");
    }
    for unfit in [
        json!(""),
        json!("17/05/1990"),
        json!("1990-02-30"),
        json!("1990-13-01"),
        json!("-0001-01-01"),
        json!("0001-01-01T00:00:00+02:00"),
        json!("9999-12-31T23:59:59-02:00"),
        json!("+99999-01-01"),
        json!(642_902_400_000_i64),
        json!({}),
    ] {
        let answer = update(&app, &token, json!({ "birth": unfit })).await;
        assert_unfit(&answer, &["Champ invalide: birth"]);
    }
}

#[actix_web::test]
async fn an_address_is_an_object_of_lines() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    for unfit in [json!("Abidjan"), json!([]), json!(true), json!({ "city": 1 }), json!({ "zip": "x".repeat(1_001) })] {
        assert_unfit(&update(&app, &token, json!({ "address": unfit })).await, &["Champ invalide: address"]);
    }
}

#[actix_web::test]
async fn a_taken_telephone_number_is_refused_and_nothing_is_changed() {
    let app = TestApp::new().await;
    let alice = alices_session(&app).await.access;
    updated(&app, &alice, "phoneNumber", json!("+225 01 02 03")).await;
    assert_eq!(updated(&app, &alice, "phoneNumber", json!("+225010203")).await, "+225010203");
    let other = session_of(&app, 1, Role::User).await.access;
    let answer = update(&app, &other, json!({ "firstname": "Mallory", "phoneNumber": "+225 (01) 0203" })).await;
    assert_failed(&answer, PHONE_TAKEN);
    assert_eq!(app.get_as(&other, PROFILE).await.json()["data"]["firstname"], "First");
    updated(&app, &alice, "phoneNumber", json!(null)).await;
    updated(&app, &other, "phoneNumber", json!("+225 01 02 03")).await;
}

#[actix_web::test]
async fn the_later_of_account_and_dossier_is_when_the_user_changed() {
    let app = TestApp::new().await;
    let token = alices_session(&app).await.access;
    app.wait(Duration::seconds(1));
    assert_eq!(updated(&app, &token, "firstname", json!("Alicia")).await, "Alicia");
    let at = |answer: &Answer| answer.json()["data"]["updatedAt"].clone();
    app.wait(Duration::seconds(1));
    let dossier = update(&app, &token, json!({ "profession": "Boulangère" })).await;
    assert_eq!(at(&dossier), "2026-03-01T12:00:02.123Z");
    app.wait(Duration::seconds(1));
    assert_eq!(at(&update(&app, &token, json!({ "profession": "Boulangère" })).await), at(&dossier));
    assert_eq!(at(&update(&app, &token, json!({ "lastname": "Durand" })).await), "2026-03-01T12:00:03.123Z");
}

#[actix_web::test]
async fn a_deleted_account_is_gone_with_its_tokens_and_its_number() {
    for method in [Method::POST, Method::DELETE] {
        let app = TestApp::without_limits().await;
        let tokens = alices_session(&app).await;
        updated(&app, &tokens.access, "phoneNumber", json!("+225 01 02 03")).await;
        assert_said(&app.send_as(&tokens.access, method, DELETE, &json!({})).await, "success", "suppression reussie");
        assert_refused(&app.get_as(&tokens.access, PROFILE).await);
        assert_refused(&app.post(REFRESH_TOKEN, &json!({ "refreshToken": tokens.refresh })).await);
        assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
        let other = session_of(&app, 1, Role::User).await.access;
        updated(&app, &other, "phoneNumber", json!("+225 01 02 03")).await;
    }
}

#[actix_web::test]
async fn the_last_superadmin_stays() {
    let app = TestApp::without_limits().await;
    let one = session_of(&app, 1, Role::Root).await.access;
    assert_failed(&app.post_as(&one, DELETE, &json!({})).await, FORBIDDEN);
    let two = session_of(&app, 2, Role::Root).await.access;
    let nothing = json!({});
    let (first, second) =
        futures_util::future::join(app.post_as(&one, DELETE, &nothing), app.post_as(&two, DELETE, &nothing)).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    assert!(app.app.has_root().await.unwrap());
}

#[actix_web::test]
async fn a_new_password_keeps_the_callers_session_and_ends_the_others() {
    let app = TestApp::without_limits().await;
    let own = alices_session(&app).await;
    let other = session(&app, ALICE).await;
    let contacts = app.post("/api/auth/login", &json!({ "email": ALICE, "password": PASSWORD })).await.data("token");
    app.wait(Duration::milliseconds(1));
    let answer = change_password(&app, &own.access, PASSWORD, NEW_PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["data"].as_object().unwrap().len(), KEYS.len());
    assert_eq!(app.get_as(&own.access, PROFILE).await.status, 200);
    assert_eq!(app.post(REFRESH_TOKEN, &json!({ "refreshToken": own.refresh })).await.status, 200);
    assert_refused(&app.get_as(&other.access, PROFILE).await);
    assert_refused(&app.post(REFRESH_TOKEN, &json!({ "refreshToken": other.refresh })).await);
    assert_eq!(app.get_as(&contacts, "/api/auth/me").await.status, 401);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 401);
    assert_eq!(login(&app, ALICE, NEW_PASSWORD).await.status, 200);
    assert_eq!(app.mails(ALICE).await[0].mail.content.subject, "Votre mot de passe a été modifié");
}

#[actix_web::test]
async fn a_new_password_needs_the_present_one_and_the_policy() {
    let app = TestApp::without_limits().await;
    let token = alices_session(&app).await.access;
    let wrong = (400, 1005, "Mot de passe Incorrect!");
    assert_failed(&change_password(&app, &token, "wrong", NEW_PASSWORD).await, wrong);
    assert_unfit(&change_password(&app, &token, "wrong", "1234").await, &[SHORT]);
    let both = ["Champ requis: currentPassword", "Champ requis: password"];
    assert_unfit(&app.send_as(&token, Method::PUT, UPDATE_PASSWORD, &json!({})).await, &both);
    let root = session_of(&app, 1, Role::Root).await.access;
    assert_unfit(&change_password(&app, &root, PASSWORD, COMMON).await, &[TOO_COMMON]);
    assert_eq!(login(&app, ALICE, PASSWORD).await.status, 200);
}
