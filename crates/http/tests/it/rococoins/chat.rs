//! The chat between an account and the staff.

use actix_web::http::Method;
use serde_json::{Value, json};
use vestibule_domain::Role;

use super::{Client, NOBODY, alices, assert_failed, client_of, put};
use crate::support::{Answer, TestApp};

/// Alice, and an admin.
pub(crate) async fn both_sides(app: &TestApp) -> (Client, Client) {
    (alices(app).await, client_of(app, 9, Role::Admin).await)
}

pub(crate) async fn say(app: &TestApp, alice: &Client, text: &str) -> Answer {
    let body = json!({ "userId": alice.id, "userChats": text, "time": "10:30 AM" });
    put(app, alice, &format!("/user/user_chat/{}", alice.id), &body).await
}

pub(crate) async fn answer(app: &TestApp, admin: &Client, alice: &Client, text: &str) -> Answer {
    let body = json!({ "userId": alice.id, "adminChats": text });
    put(app, admin, &format!("/user/admin_chat/{}", alice.id), &body).await
}

async fn read(app: &TestApp, by: &Client, whom: &Client, query: &str) -> Value {
    let answer = app.get_as(&by.token, &format!("{}/chat{query}", whom.path())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn numbers(list: &Value) -> Vec<u64> {
    list["chats"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect()
}

async fn mark(app: &TestApp, by: &Client, whom: &Client, seq: u64) -> Value {
    let answer = put(app, by, &format!("{}/chat/read", whom.path()), &json!({ "seq": seq })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[actix_web::test]
async fn entries_of_both_sides_have_exactly_their_keys() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    assert_eq!(say(&app, &alice, "Hello").await.status, 200);
    let answered = answer(&app, &admin, &alice, "Good\nmorning").await;
    insta::assert_snapshot!(answered.redacted());
    let shown = app.get_as(&alice.token, &alice.path()).await.json();
    assert_eq!(shown["chats"], answered.json()["chats"]);
    assert!(app.get_as(&admin.token, "/user").await.json()[0].get("chats").is_none());
    insta::assert_snapshot!(app.get_as(&alice.token, &format!("{}/chat", alice.path())).await.redacted());
}

#[actix_web::test]
async fn each_side_is_written_by_its_own_alone() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    let stranger = client_of(&app, 2, Role::User).await;
    for by in [&admin, &stranger] {
        for body in [json!({ "userId": alice.id, "userChats": "x" }), json!({})] {
            assert_failed(&put(&app, by, &format!("/user/user_chat/{}", alice.id), &body).await, 403, "Forbidden");
        }
    }
    for by in [&alice, &stranger] {
        let body = json!({ "userId": alice.id, "adminChats": "x" });
        assert_failed(&put(&app, by, &format!("/user/admin_chat/{}", alice.id), &body).await, 403, "Forbidden");
    }
    for path in ["chat", "chat/events"] {
        let answer = app.get_as(&stranger.token, &format!("{}/{path}", alice.path())).await;
        assert_failed(&answer, 403, "Forbidden");
    }
    let marked = put(&app, &stranger, &format!("{}/chat/read", alice.path()), &json!({ "seq": 1 })).await;
    assert_failed(&marked, 403, "Forbidden");
    assert_eq!(read(&app, &alice, &alice, "").await["lastSeq"], 0);
}

#[actix_web::test]
async fn an_admin_is_the_owner_in_its_own_conversation() {
    let app = TestApp::without_limits().await;
    let (_, admin) = both_sides(&app).await;
    assert_eq!(say(&app, &admin, "mine").await.json()["chats"][0]["userChats"], "mine");
    assert_eq!(answer(&app, &admin, &admin, "theirs").await.json()["chats"][1]["adminChats"], "theirs");
    let list = read(&app, &admin, &admin, "").await;
    assert_eq!((&list["unread"], numbers(&list)), (&json!(1), vec![1, 2]));
    assert_eq!(mark(&app, &admin, &admin, 2).await["readUpTo"], json!({ "user": 2, "admin": 0 }));
}

#[actix_web::test]
async fn what_is_no_message_is_refused_and_leaves_no_gap() {
    let app = TestApp::without_limits().await;
    let (alice, _) = both_sides(&app).await;
    for (body, message) in [
        (json!({}), "userId is required"),
        (json!({ "userId": NOBODY, "userChats": "x" }), "userId is invalid"),
        (json!({ "userId": "x", "userChats": "x" }), "userId is invalid"),
        (json!({ "userId": alice.id }), "userChats is required"),
        (json!({ "userId": alice.id, "adminChats": "x" }), "userChats is required"),
        (json!({ "userId": alice.id, "userChats": "" }), "userChats is invalid"),
        (json!({ "userId": alice.id, "userChats": " \n\t " }), "userChats is invalid"),
        (json!({ "userId": alice.id, "userChats": "a\u{0}" }), "userChats is invalid"),
        (json!({ "userId": alice.id, "userChats": 7 }), "userChats is invalid"),
        (json!({ "userId": alice.id, "userChats": "é".repeat(4_001) }), "userChats is invalid"),
        (json!({ "userId": alice.id, "userChats": "x", "time": "x".repeat(41) }), "time is invalid"),
        (json!({ "userId": alice.id, "userChats": "x", "time": 1 }), "time is invalid"),
        (json!({ "userId": alice.id, "userChats": "x", "clientId": "" }), "clientId is invalid"),
        (json!({ "userId": alice.id, "userChats": "x", "clientId": "x".repeat(65) }), "clientId is invalid"),
    ] {
        let refused = put(&app, &alice, &format!("/user/user_chat/{}", alice.id), &body).await;
        assert_failed(&refused, 400, message);
    }
    let longest = "é".repeat(4_000);
    assert_eq!(say(&app, &alice, &longest).await.json()["chats"][0]["seq"], 1);
}

#[actix_web::test]
async fn an_admin_writes_to_accounts_that_exist() {
    let app = TestApp::without_limits().await;
    let (_, admin) = both_sides(&app).await;
    let body = json!({ "userId": NOBODY, "adminChats": "x" });
    let sent = put(&app, &admin, &format!("/user/admin_chat/{NOBODY}"), &body).await;
    assert_failed(&sent, 404, "User not found");
    for path in ["chat", "chat/events"] {
        let read = app.get_as(&admin.token, &format!("/user/{NOBODY}/{path}")).await;
        assert_failed(&read, 404, "User not found");
    }
    let marked = put(&app, &admin, &format!("/user/{NOBODY}/chat/read"), &json!({ "seq": 1 })).await;
    assert_failed(&marked, 404, "User not found");
}

#[actix_web::test]
async fn a_client_id_makes_a_repeated_message_one_and_never_comes_back() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    let path = format!("/user/user_chat/{}", alice.id);
    let body = json!({ "userId": alice.id, "userChats": "Hello", "clientId": "a1" });
    let first = put(&app, &alice, &path, &body).await;
    let again = put(&app, &alice, &path, &body).await;
    assert_eq!((again.status, again.json()), (200, first.json()));
    assert!(!first.text.contains("a1"));
    let other = json!({ "userId": alice.id, "userChats": "Other", "clientId": "a1" });
    assert_failed(&put(&app, &alice, &path, &other).await, 409, "clientId already used");
    let body = json!({ "userId": alice.id, "adminChats": "Other", "clientId": "a1" });
    let staff = put(&app, &admin, &format!("/user/admin_chat/{}", alice.id), &body).await;
    assert_eq!(numbers(&staff.json()), [1, 2]);
}

#[actix_web::test]
async fn a_chat_is_read_in_parts() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    for number in 1..=120 {
        say(&app, &alice, &format!("{number}")).await;
    }
    let range = |from: u64, to: u64| (from..=to).collect::<Vec<_>>();
    for (query, expected) in [
        ("", range(21, 120)),
        ("?limit=3", range(118, 120)),
        ("?after=0&limit=3", range(1, 3)),
        ("?after=118", range(119, 120)),
        ("?after=120", vec![]),
        ("?before=4", range(1, 3)),
        ("?before=50&limit=2", range(48, 49)),
        ("?before=1", vec![]),
        ("?after=2&before=5", range(3, 4)),
        ("?limit=500", range(1, 120)),
        ("?after=99999999999999999999", vec![]),
        ("?before=99999999999999999999&limit=1", range(120, 120)),
    ] {
        assert_eq!(numbers(&read(&app, &admin, &alice, query).await), expected, "{query}");
    }
    for (query, message) in [
        ("?limit=0", "limit is invalid"),
        ("?limit=501", "limit is invalid"),
        ("?after=-1", "after is invalid"),
        ("?before=x", "before is invalid"),
    ] {
        let refused = app.get_as(&alice.token, &format!("{}/chat{query}", alice.path())).await;
        assert_failed(&refused, 400, message);
    }
    let shown = app.get_as(&alice.token, &alice.path()).await.json();
    assert_eq!(numbers(&shown), range(21, 120));
    assert_eq!(numbers(&say(&app, &alice, "121").await.json()), range(22, 121));
}

#[actix_web::test]
async fn unread_are_the_entries_of_the_other_side_above_the_cursor_which_never_goes_back() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    for text in ["1", "2"] {
        say(&app, &alice, text).await;
    }
    for text in ["3", "4", "5"] {
        answer(&app, &admin, &alice, text).await;
    }
    let unread = async |by: &Client| read(&app, by, &alice, "").await["unread"].clone();
    assert_eq!((unread(&alice).await, unread(&admin).await), (json!(3), json!(2)));
    let marked = mark(&app, &alice, &alice, 4).await;
    let expected = json!({ "success": true, "lastSeq": 5, "unread": 1, "readUpTo": { "user": 4, "admin": 0 } });
    assert_eq!(marked, expected);
    assert_eq!(mark(&app, &alice, &alice, 2).await, expected);
    assert_eq!(mark(&app, &admin, &alice, 9_999).await["readUpTo"], json!({ "user": 4, "admin": 5 }));
    assert_eq!((unread(&alice).await, unread(&admin).await), (json!(1), json!(0)));
    for (body, message) in [
        (json!({}), "seq is required"),
        (json!({ "seq": -1 }), "seq is invalid"),
        (json!({ "seq": 1.5 }), "seq is invalid"),
        (json!({ "seq": "1" }), "seq is invalid"),
        (json!({ "seq": null }), "seq is invalid"),
    ] {
        assert_failed(&put(&app, &alice, &format!("{}/chat/read", alice.path()), &body).await, 400, message);
    }
}

#[actix_web::test]
async fn a_removed_account_takes_its_chat_along() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    say(&app, &alice, "Hello").await;
    app.send_as(&alice.token, Method::DELETE, &alice.path(), &json!({})).await;
    let read = app.get_as(&admin.token, &format!("{}/chat", alice.path())).await;
    assert_failed(&read, 404, "User not found");
}
