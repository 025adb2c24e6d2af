//! The chat as Server-Sent Events.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use time::Duration;
use vestibule_domain::Role;

use super::{
    Client, assert_failed,
    chat::{answer, both_sides, say},
    client_of, put,
};
use crate::support::{OpenAnswer, TestApp, bearer};

/// A stream as a client reads it.
struct Reader {
    answer: OpenAnswer,
    /// The number after which it begins.
    began: u64,
    text: String,
}

/// An event with its fields.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    id: Option<u64>,
    name: String,
    data: Value,
}

impl Reader {
    async fn open(app: &TestApp, by: &Client, whom: &Client, last: Option<&str>) -> Self {
        let answer = app.open(request(by, whom, last)).await;
        assert_eq!(answer.status, 200);
        let mut reader = Self { answer, began: 0, text: String::new() };
        let opening = reader.answer.piece().await.expect("an opening");
        let began = opening.strip_prefix("id: ").and_then(|rest| rest.strip_suffix("\nretry: 2000\n\n"));
        reader.began = began.unwrap_or_else(|| panic!("{opening:?}")).parse().unwrap();
        reader
    }

    /// The next event, or none when the stream is over.
    async fn next(&mut self) -> Option<Read> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(event) = event(&block) {
                    return Some(event);
                }
            } else {
                self.text += &self.answer.piece().await?;
            }
        }
    }

    async fn message(&mut self) -> (u64, String) {
        let event = self.next().await.expect("a message");
        let text = event.data.get("userChats").or_else(|| event.data.get("adminChats"));
        assert_eq!((event.name.as_str(), event.id), ("message", event.data["seq"].as_u64()));
        (event.id.unwrap(), text.unwrap().as_str().unwrap().to_owned())
    }
}

fn request(by: &Client, whom: &Client, last: Option<&str>) -> TestRequest {
    let request = TestRequest::get().uri(&format!("{}/chat/events", whom.path())).insert_header(bearer(&by.token));
    match last {
        Some(last) => request.insert_header(("Last-Event-ID", last)),
        None => request,
    }
}

fn event(block: &str) -> Option<Read> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let data = serde_json::from_str(field("data")?).unwrap();
    Some(Read { id: field("id").map(|id| id.parse().unwrap()), name: field("event")?.to_owned(), data })
}

#[actix_web::test]
async fn an_event_is_the_entry_under_its_number() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    let mut reader = Reader::open(&app, &alice, &alice, None).await;
    for (name, value) in
        [("content-type", "text/event-stream"), ("x-accel-buffering", "no"), ("cache-control", "no-store")]
    {
        assert_eq!(reader.answer.headers.get(name).unwrap(), value);
    }
    let sent = answer(&app, &admin, &alice, "two\nlines").await.json();
    let event = reader.next().await.unwrap();
    assert_eq!(event, Read { id: Some(1), name: "message".to_owned(), data: sent["chats"][0].clone() });
}

#[actix_web::test]
async fn a_stream_goes_on_after_any_event_and_then_live() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    for number in 1..=150 {
        say(&app, &alice, &number.to_string()).await;
    }
    for (last, first) in [("0", 1), ("1", 2), ("149", 150), ("150", 151)] {
        let mut reader = Reader::open(&app, &admin, &alice, Some(last)).await;
        for number in first..=150 {
            assert_eq!(reader.message().await, (number, number.to_string()), "after {last}");
        }
    }
    let mut live = Reader::open(&app, &admin, &alice, None).await;
    let mut resumed = Reader::open(&app, &admin, &alice, Some("150")).await;
    say(&app, &alice, "151").await;
    assert_eq!(live.message().await, (151, "151".to_owned()));
    assert_eq!(resumed.message().await, (151, "151".to_owned()));
}

#[actix_web::test]
async fn a_stream_says_after_which_entry_it_begins() {
    let app = TestApp::without_limits().await;
    let (alice, _) = both_sides(&app).await;
    for text in ["1", "2", "3"] {
        say(&app, &alice, text).await;
    }
    // A number above the last one is of a store that has gone back.
    for (last, began) in [(None, 3), (Some("0"), 0), (Some("2"), 2), (Some("3"), 3), (Some("99"), 3)] {
        assert_eq!(Reader::open(&app, &alice, &alice, last).await.began, began, "{last:?}");
    }
}

#[actix_web::test]
async fn a_move_of_a_cursor_is_an_event_without_a_number() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    say(&app, &alice, "1").await;
    let mut reader = Reader::open(&app, &alice, &alice, None).await;
    put(&app, &admin, &format!("{}/chat/read", alice.path()), &json!({ "seq": 1 })).await;
    let event = reader.next().await.unwrap();
    assert_eq!(event, Read { id: None, name: "read".to_owned(), data: json!({ "user": 0, "admin": 1 }) });
}

#[actix_web::test]
async fn what_is_no_number_is_no_event_to_go_on_after() {
    let app = TestApp::without_limits().await;
    let (alice, _) = both_sides(&app).await;
    for wrong in ["x", "-1", "1.5", "1e3", "0x1"] {
        assert_failed(&app.send(request(&alice, &alice, Some(wrong))).await, 400, "Last-Event-ID is invalid");
    }
    let twice = request(&alice, &alice, Some("1")).append_header(("Last-Event-ID", "2"));
    assert_failed(&app.send(twice).await, 400, "Last-Event-ID is invalid");
    Reader::open(&app, &alice, &alice, Some("")).await;
}

#[actix_web::test]
async fn an_account_has_so_many_streams() {
    let app = TestApp::without_limits().await;
    let (alice, _) = both_sides(&app).await;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(Reader::open(&app, &alice, &alice, None).await);
    }
    let refused = app.send(request(&alice, &alice, None)).await;
    assert_failed(&refused, 429, "Too many requests");
    assert_ne!(refused.header("retry-after"), "");
    drop(open);
    Reader::open(&app, &alice, &alice, None).await;
}

#[actix_web::test]
async fn a_stream_ends_with_the_right_to_it() {
    let suspend = json!({ "status": "suspended" });
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    let root = client_of(&app, 1, Role::Root).await;
    let mut readers = [Reader::open(&app, &alice, &alice, None).await, Reader::open(&app, &admin, &alice, None).await];
    app.chat.watch_over().await.unwrap();
    put(&app, &root, &format!("/user/admin/{}", alice.id), &suspend).await;
    put(&app, &root, &format!("/user/admin/{}", admin.id), &json!({ "role": "user" })).await;
    app.chat.watch_over().await.unwrap();
    for reader in &mut readers {
        assert_eq!(reader.next().await, None);
    }
}

#[actix_web::test]
async fn a_stream_ends_with_its_token() {
    let app = TestApp::without_limits().await;
    let (alice, admin) = both_sides(&app).await;
    let mut reader = Reader::open(&app, &alice, &alice, None).await;
    app.wait(Duration::minutes(61));
    let admin = Client { token: super::token(&app, "user-9@example.com", super::PASSWORD).await, ..admin };
    answer(&app, &admin, &alice, "late").await;
    assert_eq!(reader.next().await, None);
}

#[actix_web::test]
async fn at_the_end_of_the_server_streams_are_told_to_come_back() {
    let app = TestApp::without_limits().await;
    let (alice, _) = both_sides(&app).await;
    let mut reader = Reader::open(&app, &alice, &alice, None).await;
    app.chat.close();
    assert_eq!(reader.answer.piece().await.as_deref(), Some("retry: 2000\n\n"));
    assert_eq!(reader.answer.piece().await, None);
    let refused = app.send(request(&alice, &alice, None)).await;
    assert_failed(&refused, 503, "Service unavailable");
}

#[actix_web::test]
async fn a_look_at_the_head_opens_no_stream() {
    let app = TestApp::without_limits().await;
    let (alice, _) = both_sides(&app).await;
    let head = request(&alice, &alice, None).method(actix_web::http::Method::HEAD);
    let answer = app.send(head).await;
    assert_eq!((answer.status, answer.header("content-type"), answer.text.as_str()), (200, "text/event-stream", ""));
    assert_eq!(app.chat.followers(), 0);
}
