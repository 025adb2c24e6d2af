//! The accounts, for a `super`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use vestibule_domain::Role;

use super::{
    COMMON, NOBODY, PASSWORD, USERS, WORDS, a_super, a_user, account, assert_body, assert_coded, assert_not_found,
    assert_not_saved, assert_taken, assert_unfit, client, editor, login, with_words,
};
use crate::support::{Answer, TestApp};

fn with(name: &str, value: Value) -> Value {
    let mut body = editor();
    body[name] = value;
    body
}

#[track_caller]
fn assert_invalid(answer: &Answer, message: &str) {
    assert_coded(answer, 400, message, "INVALID_FIELD");
}

#[actix_web::test]
async fn an_account_is_made_shown_and_listed() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let body = json!({
        "username": "Editor", "email": "Editor@example.com", "password": PASSWORD, "confirmPassword": PASSWORD,
        "name": { "first": "Jane", "last": "Doe" }, "can": ["edit", "view"], "x": 1,
    });
    let made = app.post_as(&root.token, USERS, &body).await;
    assert_eq!(made.status, 201);
    assert_snapshot!(made.redacted());
    let id = made.json()["user"]["_id"].as_str().unwrap().to_owned();
    let shown = app.get_as(&root.token, &format!("{USERS}/{id}")).await;
    assert_eq!(shown.status, 200);
    assert_snapshot!(shown.redacted());
    let listed = app.get_as(&root.token, USERS).await;
    assert_eq!((listed.status, listed.header("x-total-count")), (200, "2"));
    assert_eq!(listed.json()[1], shown.json());
    assert_eq!(login(&app, "editor", PASSWORD).await.json()["user"]["can"], json!(["view", "edit"]));
}

#[actix_web::test]
async fn a_name_and_words_may_be_left_out() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let id = app.post_as(&root.token, USERS, &editor()).await.json()["user"]["_id"].clone();
    let shown = app.get_as(&root.token, &format!("{USERS}/{}", id.as_str().unwrap())).await;
    assert_eq!((&shown.json()["name"], &shown.json()["can"]), (&json!({}), &json!([])));
}

#[actix_web::test]
async fn a_list_has_a_window_and_the_number_of_all() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    for number in 2..6 {
        app.put(&account(number).build()).await;
    }
    let names = async |query: &str| {
        let answer = app.get_as(&root.token, &format!("{USERS}?{query}")).await;
        assert_eq!((answer.status, answer.header("x-total-count")), (200, "5"), "{query}");
        answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("limit=2&skip=1").await, ["user-2", "user-3"]);
    assert_eq!(names("limit=0").await.len(), 5);
    assert_eq!(names("skip=5").await.len(), 0);
    for query in ["limit=-1", "limit=x", "skip=", "skip=1.5"] {
        let answer = app.get_as(&root.token, &format!("{USERS}?{query}")).await;
        assert_coded(&answer, 400, "Invalid filter", "INVALID_FILTER");
    }
}

#[actix_web::test]
async fn an_account_that_is_not_there_is_not_found_and_neither_is_what_is_no_id() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    for id in [NOBODY, "x", "507f1f77bcf86cd79943901", "507f1f77bcf86cd79943901g"] {
        let path = format!("{USERS}/{id}");
        assert_not_found(&app.get_as(&root.token, &path).await);
        assert_not_found(&root.put(&app, &path, &json!({ "name": { "first": "A" } })).await);
        assert_not_found(&root.delete(&app, &path).await);
    }
}

#[actix_web::test]
async fn what_is_missing_or_wrong_in_a_new_account_is_told() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let post = |body: Value| {
        let (app, root) = (&app, &root);
        async move { app.post_as(&root.token, USERS, &body).await }
    };
    for name in ["username", "email", "password"] {
        assert_invalid(&post(with(name, Value::Null)).await, &format!("{name} is required"));
        assert_invalid(&post(with(name, json!(1))).await, &format!("{name} is invalid"));
    }
    for (name, value) in [
        ("username", json!("a b")),
        ("email", json!("nowhere")),
        ("can", json!("view")),
        ("can", json!(["view", "fly"])),
        ("can", json!([1])),
        ("name", json!("Jane")),
    ] {
        assert_invalid(&post(with(name, value)).await, &format!("{name} is invalid"));
    }
    assert_invalid(&post(with("name", json!({ "first": 1 }))).await, "name.first is invalid");
    for again in [json!("other"), Value::Null, json!(1)] {
        assert_not_saved(&post(with("confirmPassword", again)).await);
    }
    let password = |password: &str| {
        let mut body = with("password", password.into());
        body["confirmPassword"] = password.into();
        body
    };
    for unfit in ["short12", &"x".repeat(73), "with\0nul-in-it"] {
        let answer = post(password(unfit)).await;
        if unfit.contains('\0') { assert_invalid(&answer, "password is invalid") } else { assert_unfit(&answer) }
    }
    let mut common = password(COMMON);
    assert_eq!(post(common.clone()).await.status, 201);
    (common["username"], common["email"], common["can"]) =
        ("other".into(), "other@example.com".into(), json!(["super"]));
    let refused = post(common).await;
    let message = "Password must not be one of the most common ones";
    assert_body(&refused, 400, &json!({ "success": false, "message": message }));
}

#[actix_web::test]
async fn a_taken_user_name_or_address_is_a_duplicate_key() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    assert_taken(&app.post_as(&root.token, USERS, &with("username", json!("USER-2"))).await, "username");
    assert_taken(&app.post_as(&root.token, USERS, &with("email", json!("USER-2@example.com"))).await, "email");
    assert_taken(&root.put(&app, &alice.path(), &json!({ "username": "user-1" })).await, "username");
    assert_taken(&root.put(&app, &alice.path(), &json!({ "email": "user-1@example.com" })).await, "email");
}

#[actix_web::test]
async fn an_account_of_a_super_signs_in_everywhere_at_once() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    assert_eq!(app.post_as(&root.token, USERS, &editor()).await.status, 201);
    let ego = json!({ "email": "editor@example.com", "password": PASSWORD });
    assert_eq!(app.post("/api/v1/users/login", &ego).await.status, 200, "the mailbox was vouched for");
}

#[actix_web::test]
async fn a_super_edits_everything_of_another_without_the_present_password() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    let body = json!({
        "username": "renamed", "email": "renamed@example.com", "name": { "first": "New", "last": null },
        "password": "battery staple", "confirmPassword": "battery staple", "can": ["delete", "add"],
    });
    let answer = root.put(&app, &alice.path(), &body).await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.redacted());
    assert_eq!(app.get_as(&root.token, &alice.path()).await.json(), answer.json()["user"]);
    assert_eq!(login(&app, "renamed", "battery staple").await.status, 200);
    assert_eq!(login(&app, "renamed", PASSWORD).await.status, 401);
    assert_eq!(app.get_as(&root.token, super::SESSION).await.status, 200, "its own session goes on");
}

#[actix_web::test]
async fn what_is_wrong_in_an_edit_is_told_and_nothing_at_all_is_refused() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    for body in [json!({}), json!({ "x": 1 }), json!({ "name": {} }), json!({ "currentPassword": "x" })] {
        let answer = root.put(&app, &alice.path(), &body).await;
        assert_coded(&answer, 500, "No profile id or data specified", "NO_DATA");
    }
    for (body, message) in [
        (json!({ "username": null }), "username is required"),
        (json!({ "email": null }), "email is required"),
        (json!({ "email": "x" }), "email is invalid"),
        (json!({ "forceReset": "yes" }), "forceReset is invalid"),
        (json!({ "can": ["x"] }), "can is invalid"),
        (json!({ "can": {} }), "can is invalid"),
        (json!({ "currentPassword": 1 }), "currentPassword is invalid"),
    ] {
        assert_invalid(&root.put(&app, &alice.path(), &body).await, message);
    }
    for body in [
        json!({ "password": "battery staple" }),
        json!({ "confirmPassword": "battery staple" }),
        json!({ "password": null, "confirmPassword": null }),
        json!({ "password": "battery staple", "confirmPassword": "Battery staple" }),
    ] {
        assert_not_saved(&root.put(&app, &alice.path(), &body).await);
    }
    assert_unfit(&root.put(&app, &alice.path(), &json!({ "password": "short12", "confirmPassword": "short12" })).await);
    assert_eq!(login(&app, "user-2", PASSWORD).await.status, 200, "nothing has changed");
}

#[actix_web::test]
async fn null_takes_a_name_the_words_and_a_reset_away() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let alice = client(&app, with_words(2, &["view"]).password_change_due()).await;
    let answer = root.put(&app, &alice.path(), &json!({ "name": null, "can": null, "forceReset": null })).await;
    let user = &answer.json()["user"];
    assert_eq!((&user["name"], &user["can"], &user["forceReset"]), (&json!({}), &json!([]), &json!(false)));
}

#[actix_web::test]
async fn each_word_is_shown_as_it_was_set_and_permissions_of_other_dialects_stay() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let alice = a_user(&app).await;
    for word in WORDS {
        let answer = root.put(&app, &alice.path(), &json!({ "can": [word] })).await;
        let shown = if word == "super" { json!(WORDS) } else { json!([word]) };
        assert_eq!(answer.json()["user"]["can"], shown, "{word}");
    }
    let stored =
        app.app.show_account(vestibule_domain::AccountId::from_hex(&alice.id).unwrap()).await.unwrap().unwrap();
    assert!(stored.permissions().contains(vestibule_domain::Permission::PostRead));
    assert_eq!(stored.role(), Role::User);
}

#[actix_web::test]
async fn an_admin_stays_one_with_all_its_words_and_is_none_with_fewer() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let admin = client(&app, account(2).role(Role::Admin)).await;
    let role = async || {
        let id = vestibule_domain::AccountId::from_hex(&admin.id).unwrap();
        app.app.show_account(id).await.unwrap().unwrap().role()
    };
    let shown = app.get_as(&root.token, &admin.path()).await.json()["can"].clone();
    assert_eq!(root.put(&app, &admin.path(), &json!({ "can": shown })).await.json()["user"]["can"], shown);
    assert_eq!(role().await, Role::Admin);
    let more = json!(["view", "add", "edit", "update", "delete", "manage", "manageAppPreferences"]);
    assert_eq!(root.put(&app, &admin.path(), &json!({ "can": more })).await.json()["user"]["can"], more);
    assert_eq!(role().await, Role::Admin);
    let fewer = json!(["view"]);
    assert_eq!(root.put(&app, &admin.path(), &json!({ "can": fewer })).await.json()["user"]["can"], fewer);
    assert_eq!(role().await, Role::User);
}

#[actix_web::test]
async fn an_account_is_deleted_for_good() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    let done = json!({ "message": "User deleted successfully" });
    assert_body(&root.delete(&app, &alice.path()).await, 200, &done);
    assert_not_found(&root.delete(&app, &alice.path()).await);
    assert_eq!(login(&app, "user-2", PASSWORD).await.status, 401);
}
