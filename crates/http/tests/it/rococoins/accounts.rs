//! Making accounts, showing and listing them.

use serde_json::{Value, json};
use vestibule_domain::Role;

use super::{ALICE, NOBODY, PASSWORD, USER, VERIFY, alice, alices, assert_failed, client_of, put};
use crate::support::TestApp;

/// A sign-up with every field of every group.
fn whole() -> Value {
    json!({
        "personal": {
            "username": "alice", "email": ALICE, "password": PASSWORD, "firstname": "Alice", "lastname": "Martin",
            "dateofbirth": "1990-05-17", "nationality": "FR", "gender": "female", "type": "business"
        },
        "code": { "rcode": "never" },
        "contact": {
            "contactEmail": "desk@example.com", "phone": "0000000000", "city": "NY", "state": "NY", "country": "US",
            "street": "1 Main St"
        },
        "company": {
            "legalBussinessName": "ABC LTD", "bussinesType": "LLC", "dateOfIncorperation": "2020-01-02T03:04:05.678+02:00",
            "registrationNumber": "007", "registratedAddress": "2 Main St", "workEmail": "work@example.com",
            "workPhone": "+1 555", "companyWebsite": "https://abc.test"
        },
        "ownership": {
            "ownerFullname": "Alice Martin", "role": "CEO", "ownerDataOfBirth": "1990-05-17",
            "residentialAddress": "3 Main St", "ownerNationality": "FR"
        },
        "document": {
            "certificateOfIncorporation": "/a.pdf", "bussinesLicience": "/b.pdf", "proofOfRegistratedAddress": "/c.pdf",
            "taxId": "/d.pdf"
        },
        "representative": { "repFullname": "Bob", "position": "CFO", "idNumber": "42", "idType": "passport" },
        "role": "admin", "status": "suspended", "chats": [{ "userChats": "x" }], "_id": NOBODY, "unknown": 1
    })
}

#[actix_web::test]
async fn a_user_has_every_group_as_it_was_sent_but_for_what_is_never_taken() {
    let app = TestApp::new().await;
    let created = app.post(USER, &whole()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    insta::assert_snapshot!(created.redacted());
}

#[actix_web::test]
async fn a_user_with_the_required_fields_has_no_other_groups() {
    let app = TestApp::new().await;
    insta::assert_snapshot!(app.post(USER, &alice()).await.redacted());
}

#[actix_web::test]
async fn an_account_is_shown_bare_to_its_owner_and_with_codes_to_an_admin() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = client_of(&app, 9, Role::Admin).await;
    let set = put(&app, &admin, &format!("/user/admin/{}", alice.id), &json!({ "code": { "rcode": "R-1" } })).await;
    assert_eq!(set.json()["user"]["code"], json!({ "rcode": "R-1" }), "{}", set.text);
    let own = app.get_as(&alice.token, &alice.path()).await.json();
    assert_eq!((&own["_id"], &own["code"]), (&json!(alice.id), &Value::Null));
    assert_eq!(app.get_as(&alice.token, VERIFY).await.json()["code"], Value::Null);
    assert_eq!(app.get_as(&admin.token, &alice.path()).await.json()["code"], json!({ "rcode": "R-1" }));
}

#[actix_web::test]
async fn verify_shows_the_account_of_the_token() {
    let app = TestApp::new().await;
    let alice = alices(&app).await;
    let shown = app.get_as(&alice.token, VERIFY).await;
    assert_eq!(shown.status, 200);
    let shown = shown.json();
    assert_eq!(shown["personal"], json!({ "username": "alice", "email": ALICE }));
    assert_eq!((&shown["_id"], &shown["role"], &shown["status"]), (&json!(alice.id), &json!("user"), &json!("active")));
    assert!(shown.get("chats").is_none());
}

#[actix_web::test]
async fn a_required_field_is_named_by_its_path_in_the_documents_order() {
    let app = TestApp::without_limits().await;
    for (body, message) in [
        (json!({}), "personal.username is required"),
        (json!({ "personal": { "username": null, "email": 1 } }), "personal.username is required"),
        (json!({ "personal": { "username": "al" } }), "personal.email is required"),
        (json!({ "personal": { "username": "al", "email": "x" } }), "personal.password is required"),
    ] {
        assert_failed(&app.post(USER, &body).await, 400, message);
    }
}

#[actix_web::test]
async fn a_value_that_is_none_is_named_by_its_path() {
    let app = TestApp::without_limits().await;
    let password = "personal.password must have 8 characters to 72 bytes";
    for (group, field, value, message) in [
        ("personal", "username", json!("al"), "personal.username is invalid"),
        ("personal", "username", json!("a b c"), "personal.username is invalid"),
        ("personal", "username", json!(7), "personal.username is invalid"),
        ("personal", "email", json!("x"), "personal.email is invalid"),
        ("personal", "password", json!("short"), password),
        ("personal", "password", json!("x".repeat(73)), password),
        ("personal", "firstname", json!("a\u{0}b"), "personal.firstname is invalid"),
        ("personal", "dateofbirth", json!("17/05/1990"), "personal.dateofbirth is invalid"),
        ("personal", "gender", json!("x".repeat(65)), "personal.gender is invalid"),
        ("contact", "city", json!(["NY"]), "contact.city is invalid"),
        ("contact", "city", json!("N\u{0}Y"), "contact.city is invalid"),
        ("company", "dateOfIncorperation", json!("2020-13-01"), "company.dateOfIncorperation is invalid"),
        ("document", "taxId", json!("x".repeat(513)), "document.taxId is invalid"),
    ] {
        let mut body = alice();
        body[group][field] = value;
        assert_failed(&app.post(USER, &body).await, 400, message);
    }
    let mut body = alice();
    body["company"] = json!("ABC LTD");
    assert_failed(&app.post(USER, &body).await, 400, "company is invalid");
}

#[actix_web::test]
async fn the_right_spelling_of_a_misspelt_field_is_an_unknown_field() {
    let app = TestApp::new().await;
    let mut body = alice();
    body["company"] = json!({ "legalBusinessName": "x", "businessType": "x", "dateOfIncorporation": "x" });
    body["document"] = json!({ "businessLicence": "x", "proofOfRegisteredAddress": "x" });
    body["Contact"] = json!({ "city": "x" });
    let created = app.post(USER, &body).await.json();
    assert!(created["user"].get("company").is_none() && created["user"].get("document").is_none());
    assert!(created["user"].get("contact").is_none());
}

#[actix_web::test]
async fn a_taken_user_name_or_address_is_taken_whatever_its_case() {
    let app = TestApp::without_limits().await;
    alices(&app).await;
    for (username, email) in [("ALICE", "other@example.com"), ("other", "Alice@Example.com")] {
        let body = json!({ "personal": { "username": username, "email": email, "password": PASSWORD } });
        assert_failed(&app.post(USER, &body).await, 409, "User already exists");
    }
    let body = json!({ "personal": { "username": "other", "email": "other@example.com", "password": PASSWORD },
        "contact": { "phone": "0000000000" } });
    assert_eq!(app.post(USER, &body).await.status, 201);
    let same_phone = json!({ "personal": { "username": "third", "email": "third@example.com", "password": PASSWORD },
        "contact": { "phone": "0000000000" } });
    assert_eq!(app.post(USER, &same_phone).await.status, 201, "several accounts may have a telephone number");
}

#[actix_web::test]
async fn of_many_sign_ups_at_once_one_wins() {
    let app = TestApp::without_limits().await;
    let body = alice();
    let answers = futures_util::future::join_all((0..8).map(|_| app.post(USER, &body))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[actix_web::test]
async fn only_the_owner_and_admins_are_shown_an_account_and_strangers_learn_nothing() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let stranger = client_of(&app, 8, Role::User).await;
    for (number, role) in [(1, Role::Admin), (2, Role::Root)] {
        let admin = client_of(&app, number, role).await;
        assert_eq!(app.get_as(&admin.token, &alice.path()).await.status, 200, "{role:?}");
        assert_failed(&app.get_as(&admin.token, &format!("/user/{NOBODY}")).await, 404, "User not found");
    }
    for path in [alice.path(), format!("/user/{NOBODY}")] {
        assert_failed(&app.get_as(&stranger.token, &path).await, 403, "Forbidden");
    }
    for wrong in ["x", "65b2f000000000000000000", "65b2f00000000000000000011", "%20"] {
        assert_failed(&app.get_as(&stranger.token, &format!("/user/{wrong}")).await, 400, "Invalid user id");
    }
}

#[actix_web::test]
async fn a_list_is_a_bare_array_oldest_first_for_admins() {
    let app = TestApp::without_limits().await;
    let admin = client_of(&app, 1, Role::Admin).await;
    for number in 2..6 {
        client_of(&app, number, Role::User).await;
    }
    let ids = |list: Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|user| user["_id"].as_str().unwrap().to_owned()).collect()
    };
    let all = ids(app.get_as(&admin.token, USER).await.json());
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted());
    assert_eq!(ids(app.get_as(&admin.token, "/user?limit=2&skip=1").await.json()), all[1..3]);
    assert_eq!(ids(app.get_as(&admin.token, "/user?skip=9").await.json()), Vec::<String>::new());
    for query in ["limit=0", "limit=201", "limit=x", "limit=-1"] {
        assert_failed(&app.get_as(&admin.token, &format!("/user?{query}")).await, 400, "limit is invalid");
    }
    assert_failed(&app.get_as(&admin.token, "/user?skip=-1").await, 400, "skip is invalid");
}
