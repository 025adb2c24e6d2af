//! The last `super`, who stays, also in a race and through the doors of other dialects.

use futures_util::future::join_all;
use serde_json::json;
use vestibule_domain::{AccountStatus, Role};

use super::{USERS, a_super, a_user, account, assert_last_super, client};
use crate::support::TestApp;

/// How many active roots there are.
async fn supers(app: &TestApp) -> usize {
    let mut unit = app.store.write().await.unwrap();
    unit.accounts().lock_active_roots().await.unwrap().len()
}

#[actix_web::test]
async fn the_last_super_can_be_neither_stripped_nor_deleted() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    app.put(&account(3).role(Role::Root).status(AccountStatus::Disabled).build()).await;
    for can in [json!([]), json!(null), json!(["view", "add", "edit", "update", "delete", "manage"])] {
        assert_last_super(&root.put(&app, &root.path(), &json!({ "can": can })).await);
    }
    assert_last_super(&root.delete(&app, &root.path()).await);
    let kept = json!({ "can": ["super"], "name": { "first": "A" } });
    assert_eq!(root.put(&app, &root.path(), &kept).await.status, 200);
    assert_eq!(supers(&app).await, 1);
}

#[actix_web::test]
async fn granting_super_makes_a_root_and_taking_it_unmakes_one() {
    let app = TestApp::without_limits().await;
    let (root, alice) = (a_super(&app).await, a_user(&app).await);
    assert_eq!(root.put(&app, &alice.path(), &json!({ "can": ["super"] })).await.status, 200);
    assert_eq!(supers(&app).await, 2);
    assert_eq!(app.get_as(&alice.token, USERS).await.status, 200, "rights are read with each request");
    assert_eq!(alice.put(&app, &root.path(), &json!({ "can": ["view"] })).await.status, 200);
    assert_eq!(app.get_as(&root.token, USERS).await.status, 403);
    assert_last_super(&alice.delete(&app, &alice.path()).await);
    let made = json!({
        "username": "third", "email": "third@example.com", "password": super::PASSWORD,
        "confirmPassword": super::PASSWORD, "can": ["super"],
    });
    assert_eq!(app.post_as(&alice.token, USERS, &made).await.status, 201);
    assert_eq!(alice.delete(&app, &alice.path()).await.status, 200);
    assert_eq!(supers(&app).await, 1);
}

#[actix_web::test]
async fn of_supers_that_take_each_other_away_at_once_one_stays() {
    for round in 0..8 {
        let app = TestApp::without_limits().await;
        let one = client(&app, account(1).role(Role::Root)).await;
        let other = client(&app, account(2).role(Role::Root)).await;
        let (one_path, other_path) = (one.path(), other.path());
        let strip = json!({ "can": [] });
        let answers = if round % 2 == 0 {
            join_all([one.put(&app, &other_path, &strip), other.put(&app, &one_path, &strip)]).await
        } else {
            join_all([one.delete(&app, &other_path), other.delete(&app, &one_path)]).await
        };
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        assert_eq!(supers(&app).await, 1);
    }
}

#[actix_web::test]
async fn the_guard_is_that_of_the_other_dialects() {
    for round in 0..8 {
        let app = TestApp::without_limits().await;
        let one = client(&app, account(1).role(Role::Root)).await;
        let other = client(&app, account(2).role(Role::Root)).await;
        let credentials = json!({ "email": other.email, "password": super::PASSWORD });
        let elsewhere = super::token(&app.post("/user/login", &credentials).await);
        let admin_update = format!("/user/admin/{}", one.id);
        let (path, strip, disable) = (other.path(), json!({ "can": [] }), json!({ "status": "suspended" }));
        let here = one.put(&app, &path, &strip);
        let there = app.send_as(&elsewhere, actix_web::http::Method::PUT, &admin_update, &disable);
        let answers = if round % 2 == 0 {
            let (here, there) = futures_util::future::join(here, there).await;
            [here, there]
        } else {
            let (there, here) = futures_util::future::join(there, here).await;
            [here, there]
        };
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        assert_eq!(supers(&app).await, 1);
    }
}
