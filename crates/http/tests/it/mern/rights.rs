//! The rights table of the document, every cell of it: caller × target × action.

use actix_web::http::Method;
use serde_json::json;
use vestibule_domain::{Account, Permission, Role};

use super::{account, assert_done, assert_failed, token};
use crate::support::{Answer, TestApp};

const READ: Permission = Permission::UserRead;
const MODIFY: Permission = Permission::UserModify;

/// The rows: who asks, whether it reads, and whether it modifies a root, an admin, a user without and with `userModify`,
/// and itself.
const CALLERS: [(Role, &[Permission], bool, [bool; 5]); 8] = [
    (Role::Root, &[], true, [true, true, true, true, true]),
    (Role::Root, &[READ, MODIFY], true, [true, true, true, true, true]),
    (Role::Admin, &[], true, [false, false, true, true, false]),
    (Role::Admin, &[READ, MODIFY], true, [false, false, true, true, false]),
    (Role::User, &[READ], true, [false, false, false, false, false]),
    (Role::User, &[MODIFY], false, [false, false, true, false, false]),
    (Role::User, &[READ, MODIFY], true, [false, false, true, false, false]),
    (Role::User, &[], false, [false, false, false, false, false]),
];

/// The columns, but for oneself.
const TARGETS: [(Role, &[Permission]); 4] =
    [(Role::Root, &[]), (Role::Admin, &[]), (Role::User, &[READ]), (Role::User, &[MODIFY])];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    List,
    Read,
    Update,
    Delete,
}

const ACTIONS: [Action; 4] = [Action::List, Action::Read, Action::Update, Action::Delete];

async fn act(app: &TestApp, action: Action, caller: &Account, target: &Account) -> Answer {
    let token = token(app, caller);
    let path = format!("/api/users/{}", target.id().hex());
    match action {
        Action::List => app.get_as(&token, "/api/users").await,
        Action::Read => app.get_as(&token, &path).await,
        Action::Update => app.send_as(&token, Method::PUT, &path, &json!({})).await,
        Action::Delete => app.send_as(&token, Method::DELETE, &path, &json!({})).await,
    }
}

#[track_caller]
fn assert_allowed(answer: &Answer, action: Action, is_full: bool) {
    let body = answer.json();
    match action {
        Action::List => assert!(body["usersCount"].is_u64(), "{}", answer.text),
        Action::Delete => assert_done(answer, 200, "User deleted."),
        Action::Read | Action::Update => {
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(body["user"]["email"].is_string(), is_full, "{}", answer.text);
        }
    }
}

#[actix_web::test]
async fn every_cell_of_the_rights_table_holds() {
    let mut cells = 0;
    for (role, permissions, reads, modifies) in CALLERS {
        for (column, may_modify) in modifies.into_iter().enumerate() {
            for action in ACTIONS {
                let app = TestApp::without_limits().await;
                // Another root, so that no cell is about the last one.
                app.put(&account(9, Role::Root, &[]).build()).await;
                let caller = account(1, role, permissions).build();
                app.put(&caller).await;
                let target = match TARGETS.get(column) {
                    Some((role, permissions)) => account(2, *role, permissions).build(),
                    None => caller.clone(),
                };
                app.put(&target).await;
                let answer = act(&app, action, &caller, &target).await;
                let allowed = match action {
                    Action::List | Action::Read => reads,
                    Action::Update | Action::Delete => may_modify,
                };
                if allowed {
                    assert_allowed(&answer, action, reads || target == caller);
                } else {
                    assert_failed(&answer, 403, "Forbidden action");
                }
                cells += 1;
            }
        }
    }
    assert_eq!(cells, CALLERS.len() * 5 * 4);
}

#[actix_web::test]
async fn checks_come_in_the_documents_order() {
    let app = TestApp::without_limits().await;
    let (plain, admin) = (account(1, Role::User, &[]).build(), account(2, Role::Admin, &[]).build());
    app.put(&plain).await;
    app.put(&admin).await;
    let path = format!("/api/users/{}", plain.id().hex());
    let bad = json!({ "role": "x" });
    let put = |caller: &Account, path: String, body| {
        let token = token(&app, caller);
        let app = &app;
        async move { app.send_as(&token, Method::PUT, &path, &body).await }
    };
    let request = actix_web::test::TestRequest::put().uri("/api/users/x");
    assert_failed(&app.send(request).await, 401, "No auth token");
    assert_failed(&put(&plain, "/api/users/x".to_owned(), bad.clone()).await, 422, "Invalid user ID");
    let unknown = "/api/users/507f1f77bcf86cd799439011".to_owned();
    assert_failed(&put(&plain, unknown, bad.clone()).await, 422, "User ID does not exist");
    assert_failed(&put(&plain, path.clone(), bad.clone()).await, 403, "Forbidden action");
    assert_failed(&put(&admin, path.clone(), bad).await, 400, r#""role" must be one of [admin, root, user]"#);
    let both = json!({ "role": "root", "status": "x" });
    let statuses = r#""status" must be one of [active, disabled, unverified-email]"#;
    assert_failed(&put(&admin, path.clone(), both).await, 400, statuses);
    assert_failed(&put(&admin, path.clone(), json!({ "role": "root" })).await, 403, "Forbidden action");
    assert_eq!(put(&admin, path, json!({ "role": "user" })).await.status, 200);
    assert_failed(&app.get_as(&token(&app, &plain), "/api/users?limit=x").await, 403, "Forbidden action");
}

#[actix_web::test]
async fn only_a_root_gives_roles() {
    for (caller, roles) in [(Role::Root, ["admin", "root", "user"].as_slice()), (Role::Admin, &["user"])] {
        for role in ["admin", "root", "user"] {
            let app = TestApp::without_limits().await;
            let caller = account(1, caller, &[]).build();
            let target = account(2, Role::User, &[]).build();
            app.put(&caller).await;
            app.put(&target).await;
            let path = format!("/api/users/{}", target.id().hex());
            let answer = app.send_as(&token(&app, &caller), Method::PUT, &path, &json!({ "role": role })).await;
            if roles.contains(&role) {
                assert_eq!(answer.json()["user"]["role"], role);
            } else {
                assert_failed(&answer, 403, "Forbidden action");
            }
        }
    }
}

#[actix_web::test]
async fn a_caller_grants_and_takes_only_what_it_has() {
    let flags = ["userInsert", "userModify", "userRead", "postInsert", "postModify", "postRead"];
    let callers: [(Role, &[Permission], &[&str]); 4] = [
        (Role::Root, &[], &flags),
        (Role::Admin, &[], &flags),
        (Role::User, &[MODIFY], &["userModify"]),
        (Role::User, &[MODIFY, READ, Permission::PostRead], &["userModify", "userRead", "postRead"]),
    ];
    for (role, permissions, has) in callers {
        for flag in flags {
            for granted in [true, false] {
                let app = TestApp::without_limits().await;
                let caller = account(1, role, permissions).build();
                let target = account(2, Role::User, &[]).build();
                app.put(&caller).await;
                app.put(&target).await;
                let path = format!("/api/users/{}", target.id().hex());
                let body = json!({ "permissions": { flag: granted } });
                let answer = app.send_as(&token(&app, &caller), Method::PUT, &path, &body).await;
                if has.contains(&flag) {
                    assert_eq!(answer.status, 200, "{role:?} {flag}: {}", answer.text);
                    let stored = app.app.show_account(target.id()).await.unwrap().unwrap();
                    assert_eq!(stored.permissions().bits() != 0, granted);
                } else if granted {
                    assert_failed(&answer, 403, "Forbidden action");
                } else {
                    // As it is stored: no change.
                    assert_eq!(answer.status, 200, "{role:?} {flag}: {}", answer.text);
                }
            }
        }
    }
}

#[actix_web::test]
async fn the_last_active_root_stays_whatever_it_does_to_itself() {
    let app = TestApp::without_limits().await;
    let root = account(1, Role::Root, &[]).build();
    app.put(&root).await;
    let disabled = account(2, Role::Root, &[]).status(vestibule_domain::AccountStatus::Disabled).build();
    app.put(&disabled).await;
    let (token, path) = (token(&app, &root), format!("/api/users/{}", root.id().hex()));
    for body in [json!({ "role": "user" }), json!({ "status": "disabled" }), json!({ "status": "unverified-email" })] {
        assert_failed(&app.send_as(&token, Method::PUT, &path, &body).await, 403, "Forbidden action");
    }
    assert_failed(&app.send_as(&token, Method::DELETE, &path, &json!({})).await, 403, "Forbidden action");
    app.put(&account(3, Role::Root, &[]).build()).await;
    assert_done(&app.send_as(&token, Method::DELETE, &path, &json!({})).await, 200, "User deleted.");
}

#[actix_web::test]
async fn of_two_last_roots_that_remove_each_other_one_stays() {
    let app = TestApp::without_limits().await;
    let roots = [1, 2].map(|number| account(number, Role::Root, &[]).build());
    for root in &roots {
        app.put(root).await;
    }
    let remove = |caller: usize, target: usize| {
        let (token, path) = (token(&app, &roots[caller]), format!("/api/users/{}", roots[target].id().hex()));
        let app = &app;
        async move { app.send_as(&token, Method::DELETE, &path, &json!({})).await.status }
    };
    let statuses = futures_util::future::join(remove(0, 1), remove(1, 0)).await;
    assert!(matches!(statuses, (200, 401 | 403) | (401 | 403, 200)), "{statuses:?}");
    assert!(app.app.has_root().await.unwrap());
}
