//! What an account changes of itself, or an admin of it, and removing accounts.

use actix_web::http::Method;
use serde_json::{Value, json};
use vestibule_domain::Role;

use super::{
    ALICE, Client, NEW_PASSWORD, PASSWORD, VERIFY, alices, assert_failed, assert_said, client_of, login, put, token,
};
use crate::support::TestApp;

const WRONG: &str = "Current password is incorrect";

async fn updated(app: &TestApp, by: &Client, whom: &Client, body: &Value) -> Value {
    let answer = put(app, by, &whom.path(), body).await;
    assert_eq!(
        (answer.status, &answer.json()["message"]),
        (200, &json!("User updated successfully")),
        "{}",
        answer.text
    );
    answer.json()["user"].clone()
}

#[actix_web::test]
async fn groups_merge_field_by_field_and_null_or_nothing_takes_a_field_away() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let body = json!({ "contact": { "city": "NY", "phone": "1" }, "personal": { "firstname": "Alice" } });
    updated(&app, &alice, &alice, &body).await;
    let body =
        json!({ "contact": { "city": "LA" }, "personal": { "lastname": "Martin", "dateofbirth": "1990-05-17" } });
    let user = updated(&app, &alice, &alice, &body).await;
    assert_eq!(user["contact"], json!({ "phone": "1", "city": "LA" }));
    let personal = json!({ "username": "alice", "email": ALICE, "firstname": "Alice", "lastname": "Martin",
        "dateofbirth": "1990-05-17T00:00:00.000Z" });
    assert_eq!(user["personal"], personal);
    let body =
        json!({ "contact": { "city": null, "phone": " " }, "personal": { "firstname": null, "dateofbirth": "" } });
    let user = updated(&app, &alice, &alice, &body).await;
    assert_eq!((user.get("contact"), user["personal"].get("firstname")), (None, None));
    assert_eq!(updated(&app, &alice, &alice, &json!({})).await, user);
}

#[actix_web::test]
async fn what_is_never_taken_is_ignored() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let body = json!({ "role": "admin", "status": "suspended", "code": { "rcode": "x" }, "_id": "x", "chats": [],
        "createdAt": "x", "permissions": 63, "contact": { "city": "NY" } });
    let user = updated(&app, &alice, &alice, &body).await;
    assert_eq!((&user["role"], &user["status"], user.get("code")), (&json!("user"), &json!("active"), None));
}

#[actix_web::test]
async fn a_client_may_send_back_what_it_got() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    updated(&app, &alice, &alice, &json!({ "company": { "dateOfIncorperation": "2020-01-02" } })).await;
    let shown = app.get_as(&alice.token, &alice.path()).await.json();
    let user = updated(&app, &alice, &alice, &shown).await;
    assert_eq!(user["company"], json!({ "dateOfIncorperation": "2020-01-02T00:00:00.000Z" }));
}

#[actix_web::test]
async fn a_new_password_needs_the_present_one_and_ends_earlier_tokens() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = client_of(&app, 9, Role::Admin).await;
    let body = |current: Value| json!({ "personal": { "password": NEW_PASSWORD }, "currentPassword": current });
    for (by, current) in [(&alice, Value::Null), (&alice, json!("wrong horse")), (&admin, json!(PASSWORD))] {
        assert_failed(&put(&app, by, &alice.path(), &body(current)).await, 403, WRONG);
    }
    updated(&app, &alice, &alice, &body(json!(PASSWORD))).await;
    assert_failed(&app.get_as(&alice.token, VERIFY).await, 401, "Invalid or expired token");
    assert_failed(&login(&app, ALICE, PASSWORD).await, 401, "Invalid credentials");
    token(&app, ALICE, NEW_PASSWORD).await;
}

#[actix_web::test]
async fn another_address_needs_the_present_password_and_is_to_be_proven() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let body = json!({ "personal": { "email": "new@example.com" } });
    assert_failed(&put(&app, &alice, &alice.path(), &body).await, 403, WRONG);
    let body = json!({ "personal": { "email": "new@example.com" }, "currentPassword": PASSWORD });
    assert_eq!(updated(&app, &alice, &alice, &body).await["personal"]["email"], "new@example.com");
    assert_eq!(app.get_as(&alice.token, VERIFY).await.status, 200);
    assert_eq!(login(&app, "new@example.com", PASSWORD).await.status, 200);
    assert_failed(&login(&app, ALICE, PASSWORD).await, 401, "Invalid credentials");
}

#[actix_web::test]
async fn a_taken_name_or_address_conflicts_and_changes_nothing() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let other = client_of(&app, 2, Role::User).await;
    let body = json!({ "personal": { "username": "ALICE" }, "contact": { "city": "NY" } });
    assert_failed(&put(&app, &other, &other.path(), &body).await, 409, "User already exists");
    let body = json!({ "personal": { "email": ALICE }, "currentPassword": PASSWORD });
    assert_failed(&put(&app, &other, &other.path(), &body).await, 409, "User already exists");
    assert!(app.get_as(&other.token, &other.path()).await.json().get("contact").is_none());
    for field in ["username", "email"] {
        let body = json!({ "personal": { field: null } });
        let message = format!("personal.{field} is required");
        assert_failed(&put(&app, &alice, &alice.path(), &body).await, 400, &message);
    }
}

#[actix_web::test]
async fn a_stranger_edits_and_removes_nothing_and_learns_nothing() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let stranger = client_of(&app, 2, Role::User).await;
    for path in [alice.path(), format!("/user/{}", super::NOBODY)] {
        for body in [json!({}), json!({ "company": 1 })] {
            assert_failed(&put(&app, &stranger, &path, &body).await, 403, "Forbidden");
        }
        let removal = app.send_as(&stranger.token, Method::DELETE, &path, &json!({})).await;
        assert_failed(&removal, 403, "Forbidden");
    }
}

#[actix_web::test]
async fn an_admin_edits_users_and_no_admin() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let (admin, peer) = (client_of(&app, 8, Role::Admin).await, client_of(&app, 9, Role::Admin).await);
    let body = json!({ "contact": { "city": "NY" }, "personal": { "email": ALICE } });
    assert_eq!(updated(&app, &admin, &alice, &body).await["contact"]["city"], "NY");
    assert_failed(&put(&app, &admin, &peer.path(), &json!({})).await, 403, "Forbidden");
    assert_failed(&put(&app, &admin, &format!("/user/{}", super::NOBODY), &json!({})).await, 404, "User not found");
}

#[actix_web::test]
async fn a_removed_account_is_gone_everywhere() {
    let app = TestApp::without_limits().await;
    let (alice, other) = (alices(&app).await, client_of(&app, 2, Role::User).await);
    let admin = client_of(&app, 9, Role::Admin).await;
    let deleted = "User deleted successfully";
    assert_said(&app.send_as(&alice.token, Method::DELETE, &alice.path(), &json!({})).await, deleted);
    assert_failed(&app.get_as(&alice.token, VERIFY).await, 401, "Invalid or expired token");
    assert_said(&app.send_as(&admin.token, Method::DELETE, &other.path(), &json!({})).await, deleted);
    let again = app.send_as(&admin.token, Method::DELETE, &other.path(), &json!({})).await;
    assert_failed(&again, 404, "User not found");
    let root = client_of(&app, 1, Role::Root).await;
    let last = app.send_as(&root.token, Method::DELETE, &root.path(), &json!({})).await;
    assert_failed(&last, 409, "Last admin");
}

#[actix_web::test]
async fn a_group_that_is_null_is_taken_away_and_lines_of_an_address_are_kept() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let body = json!({ "contact": { "street": "1 Main St\r\nFlat 4", "city": "NY" }, "company": { "legalBussinessName": "ABC" } });
    let user = updated(&app, &alice, &alice, &body).await;
    assert_eq!(user["contact"]["street"], "1 Main St\r\nFlat 4");
    let user = updated(&app, &alice, &alice, &json!({ "contact": null, "ownership": null })).await;
    assert_eq!((user.get("contact"), &user["company"]["legalBussinessName"]), (None, &json!("ABC")));
    let refused = put(&app, &alice, &alice.path(), &json!({ "personal": null })).await;
    assert_failed(&refused, 400, "personal.username is required");
    let created = app
        .post(
            "/user",
            &json!({ "personal": { "username": "other", "email": "o@example.com",
        "password": PASSWORD }, "company": null }),
        )
        .await;
    assert_eq!(created.status, 201, "{}", created.text);
}

#[actix_web::test]
async fn a_bad_token_is_told_before_a_bad_id() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    app.remove(&alice.id).await;
    for path in ["/user/x", "/user/x/chat", "/user/x/documents/x"] {
        assert_failed(&app.get_as(&alice.token, path).await, 401, "Invalid or expired token");
    }
}
