//! What admins set of an account.

use serde_json::{Value, json};
use vestibule_domain::Role;

use super::{NOBODY, alices, assert_failed, client_of, put};
use crate::support::{Answer, TestApp};

fn shown(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["user"].clone()
}

#[actix_web::test]
async fn codes_merge_and_are_answered() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = client_of(&app, 9, Role::Admin).await;
    let path = format!("/user/admin/{}", alice.id);
    let set = async |body: Value| shown(&put(&app, &admin, &path, &body).await)["code"].clone();
    assert_eq!(set(json!({ "code": { "rcode": "R", "tcode": "T" } })).await, json!({ "rcode": "R", "tcode": "T" }));
    let merged = set(json!({ "code": { "pcode": "P", "tcode": null } })).await;
    assert_eq!(merged, json!({ "rcode": "R", "pcode": "P" }));
}

#[actix_web::test]
async fn at_least_one_key_is_set_and_no_other_one() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = client_of(&app, 9, Role::Admin).await;
    let path = format!("/user/admin/{}", alice.id);
    for (body, message) in [
        (json!({}), "status, role or code is required"),
        (json!({ "code": {} }), "status, role or code is required"),
        (json!({ "status": "active", "contact": {} }), "contact is invalid"),
        (json!({ "status": "blocked" }), "status is invalid"),
        (json!({ "role": "root" }), "role is invalid"),
        (json!({ "role": 1 }), "role is invalid"),
        (json!({ "code": "x" }), "code is invalid"),
        (json!({ "code": { "rcode": 1 } }), "code.rcode is invalid"),
    ] {
        assert_failed(&put(&app, &admin, &path, &body).await, 400, message);
    }
}

#[actix_web::test]
async fn only_a_root_gives_roles_and_changes_admins() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let (root, admin) = (client_of(&app, 1, Role::Root).await, client_of(&app, 8, Role::Admin).await);
    let peer = client_of(&app, 9, Role::Admin).await;
    for (whom, body) in [
        (&peer, json!({ "status": "suspended" })),
        (&peer, json!({ "role": "user" })),
        (&root, json!({ "status": "suspended" })),
        (&alice, json!({ "role": "admin" })),
    ] {
        assert_failed(&put(&app, &admin, &format!("/user/admin/{}", whom.id), &body).await, 403, "Forbidden");
    }
    for (whom, body, role) in [
        (&alice, json!({ "role": "admin" }), "admin"),
        (&peer, json!({ "role": "user" }), "user"),
        (&root, json!({ "role": "admin" }), "admin"),
    ] {
        let answer = put(&app, &root, &format!("/user/admin/{}", whom.id), &body).await;
        assert_eq!(shown(&answer)["role"], role);
    }
    // That she is an admin now counts for the token that she had before.
    assert_eq!(app.get_as(&alice.token, "/user").await.status, 200);
    let last = put(&app, &root, &format!("/user/admin/{}", root.id), &json!({ "role": "user" })).await;
    assert_failed(&last, 409, "Last admin");
}

#[actix_web::test]
async fn a_user_administers_nobody_and_an_unknown_account_is_told_to_admins() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = client_of(&app, 9, Role::Admin).await;
    let body = json!({ "status": "active" });
    for id in [&*alice.id, NOBODY] {
        assert_failed(&put(&app, &alice, &format!("/user/admin/{id}"), &body).await, 403, "Forbidden");
    }
    assert_failed(&put(&app, &admin, &format!("/user/admin/{NOBODY}"), &body).await, 404, "User not found");
    assert_failed(&put(&app, &admin, "/user/admin/x", &body).await, 400, "Invalid user id");
}
