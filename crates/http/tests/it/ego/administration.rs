//! `GET /all/` and `POST /superadmin/`.

use serde_json::{Value, json};
use vestibule_domain::{AccountStatus, Role};

use super::{
    ALL, FORBIDDEN, PROFILE, SUPERADMIN, UPDATE, account, assert_failed, assert_said, assert_sentence, assert_unfit,
    register_alice, session_of,
};
use crate::support::{Answer, TestApp, get, post};

const NO_TOKEN: &str = "Attention le token n'est pas present";

async fn list(app: &TestApp, token: &str, query: &str) -> Answer {
    app.get_as(token, &format!("{ALL}{query}")).await
}

/// The addresses on a page, shortened to what tells them apart.
fn emails(answer: &Answer) -> Vec<String> {
    let users = answer.json()["data"]["allUser"].as_array().expect("users").clone();
    users.iter().map(|user| user["email"].as_str().unwrap().split('@').next().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn every_cell_of_the_table_of_roles() {
    let app = TestApp::without_limits().await;
    let request = |name: &str| match name {
        "superadmin" => post(SUPERADMIN),
        "all" => get(ALL),
        _ => get(PROFILE),
    };
    for name in ["profile", "all", "superadmin"] {
        assert_sentence(&app.send(request(name)).await, 401, NO_TOKEN);
    }
    for (number, role, may_list, is_root) in
        [(1, Role::User, false, false), (2, Role::Admin, true, false), (3, Role::Root, true, true)]
    {
        let token = session_of(&app, number, role).await.access;
        assert_eq!(app.get_as(&token, PROFILE).await.status, 200);
        let listed = list(&app, &token, "").await;
        if may_list {
            assert_eq!(listed.status, 200, "{}", listed.text);
        } else {
            assert_failed(&listed, FORBIDDEN);
            assert_failed(&list(&app, &token, "?page=x").await, FORBIDDEN);
        }
        let asked = app.post_as(&token, SUPERADMIN, &json!({})).await;
        if is_root {
            assert_said(&asked, "success", "Vous etes un super admin");
        } else {
            assert_failed(&asked, FORBIDDEN);
        }
    }
}

#[actix_web::test]
async fn a_list_shows_users_of_every_kind_as_they_are_shown_to_themselves() {
    let app = TestApp::without_limits().await;
    let token = session_of(&app, 1, Role::Admin).await.access;
    app.put(&account(2, Role::User).status(AccountStatus::Disabled).build()).await;
    app.put(&account(3, Role::User).mailbox_proven_at(None).build()).await;
    register_alice(&app).await;
    let answer = list(&app, &token, "").await;
    assert!(answer.text.starts_with(r#"{"status":"success","data":{"allUser":[{"address":null,"id":"#));
    assert!(answer.text.ends_with(r#"}],"totalUsers":4,"page":1,"totalPages":1}}"#), "{}", answer.text);
    assert!(!answer.text.contains("instant:") && !answer.text.contains("password"));
    let users = answer.json()["data"]["allUser"].as_array().unwrap().clone();
    let own = app.post_as(&token, UPDATE, &json!({ "firstname": "First" })).await.json()["data"].clone();
    assert_eq!(users[0], own);
    let flags: Vec<[&Value; 3]> =
        users.iter().map(|user| [&user["status"], &user["isVerified"], &user["isBlocked"]]).collect();
    let row = |status: &str, verified: bool, blocked: bool| [json!(status), json!(verified), json!(blocked)];
    let expected = [
        row("active", true, false),
        row("blocked", true, true),
        row("active", false, false),
        row("inactive", false, false),
    ];
    assert_eq!(flags, expected.each_ref().map(<[Value; 3]>::each_ref));
}

#[actix_web::test]
async fn a_list_comes_in_pages_of_at_most_a_hundred() {
    let app = TestApp::without_limits().await;
    let token = session_of(&app, 1, Role::Root).await.access;
    for number in 2..=105 {
        app.put(&account(number, Role::User).build()).await;
    }
    for (query, first, count, page, pages) in [
        ("", Some("user-1"), 10, 1, 11),
        ("?page=2", Some("user-11"), 10, 2, 11),
        ("?page=11&limit=10", Some("user-101"), 5, 11, 11),
        ("?page=12", None, 0, 12, 11),
        ("?limit=100", Some("user-1"), 100, 1, 2),
        ("?limit=1000", Some("user-1"), 100, 1, 2),
        ("?limit=1000&page=2", Some("user-101"), 5, 2, 2),
        ("?limit=1&page=105", Some("user-105"), 1, 105, 105),
    ] {
        let answer = list(&app, &token, query).await;
        let (data, emails) = (answer.json()["data"].clone(), emails(&answer));
        assert_eq!((emails.first().map(String::as_str), emails.len()), (first, count), "{query}");
        assert_eq!(
            (&data["totalUsers"], &data["page"], &data["totalPages"]),
            (&json!(105), &json!(page), &json!(pages))
        );
    }
    assert_eq!(list(&app, &token, "?page=99999999999999999999&limit=99999999999999999999").await.status, 200);
}

#[actix_web::test]
async fn a_page_or_limit_that_is_none_is_told() {
    let app = TestApp::without_limits().await;
    let token = session_of(&app, 1, Role::Root).await.access;
    for wrong in ["0", "-1", "x", "1.5", ""] {
        for name in ["page", "limit"] {
            let answer = list(&app, &token, &format!("?{name}={wrong}")).await;
            assert_unfit(&answer, &[&format!("Champ invalide: {name}")]);
        }
        let both = list(&app, &token, &format!("?limit={wrong}&page={wrong}")).await;
        assert_unfit(&both, &["Champ invalide: page", "Champ invalide: limit"]);
    }
}

#[actix_web::test]
async fn a_promotion_counts_at_once() {
    let app = TestApp::without_limits().await;
    let token = session_of(&app, 1, Role::User).await.access;
    assert_failed(&list(&app, &token, "").await, FORBIDDEN);
    app.put(&account(1, Role::Root).build()).await;
    assert_eq!(list(&app, &token, "").await.status, 200);
    assert_eq!(app.post_as(&token, SUPERADMIN, &json!({})).await.status, 200);
    app.put(&account(1, Role::User).build()).await;
    assert_failed(&app.post_as(&token, SUPERADMIN, &json!({})).await, FORBIDDEN);
}
