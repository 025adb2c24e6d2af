//! Whatever is sent is answered in the dialect's envelope.

use actix_web::test::TestRequest;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use vestibule_http::Kind;

use super::{alices, assert_failed, routes::rows};
use crate::support::{Answer, TestApp, bearer, path_of};

fn is_in_shape(answer: &Answer) -> bool {
    let body = answer.json();
    answer.status < 400
        || (body["success"] == false && body["message"].is_string() && body.as_object().unwrap().len() == 2)
}

/// Values that no client should send.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        Just(json!("\u{0}")),
        Just(json!("2020-01-01")),
        Just(json!("alice@example.com")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key =
            "(personal|contact|company|document|code|username|email|password|city|taxId|dateofbirth|status|role|x)";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn any_body_is_answered_in_the_dialects_shape() {
    let system = actix_web::rt::System::new();
    let app = system.block_on(TestApp::without_limits());
    let alice = system.block_on(alices(&app));
    let rows: Vec<_> = rows().into_iter().filter(|row| row.method != "GET" && row.method != "DELETE").collect();
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let keys = prop::collection::btree_map(
        "(personal|contact|company|document|code|userId|otp|email|username|password|status|role|currentPassword|userChats|adminChats|seq|clientId|time)",
        anything(),
        0..7,
    );
    let result = runner.run(&(keys, 0..rows.len()), |(body, row)| {
        let row = &rows[row];
        let body = Value::Object(body.into_iter().collect()).to_string();
        let request = TestRequest::with_uri(&path_of(row, &alice.id)).method(row.method.clone());
        let request = request.insert_header(bearer(&alice.token)).insert_header(("Content-Type", "application/json"));
        let answer = system.block_on(app.send(request.set_payload(body)));
        prop_assert!(answer.status < 500 && is_in_shape(&answer), "{} {} {}", row.path, answer.status, answer.text);
        Ok(())
    });
    result.unwrap();
}

#[actix_web::test]
async fn what_is_no_json_object_or_of_another_type_is_refused_on_every_route() {
    let app = TestApp::without_limits().await;
    let alice = alices(&app).await;
    let admin = super::client_of(&app, 9, vestibule_domain::Role::Admin).await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16));
    let bodies: [&[u8]; 8] = [b"{", b"[]", b"null", b"\"text\"", b"{\"a\":1,}", b"email=a", b"\xff", deep.as_bytes()];
    let takes_json = |row: &vestibule_http::RouteRow| {
        matches!(row.kind, Kind::Json { .. }) && row.method != "GET" && row.method != "DELETE"
    };
    for row in rows().into_iter().filter(takes_json) {
        let by = if row.path.contains("admin") { &admin } else { &alice };
        let request = || {
            TestRequest::with_uri(&path_of(&row, &alice.id)).method(row.method.clone()).insert_header(bearer(&by.token))
        };
        for body in bodies {
            let answer = app.send(request().set_payload(body.to_vec())).await;
            assert_failed(&answer, 400, "Invalid request body");
        }
        let compressed = app.send(request().insert_header(("Content-Encoding", "gzip")).set_payload("{}")).await;
        assert_failed(&compressed, 400, "Invalid request body");
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let answer = app.send(request().insert_header(("Content-Type", content_type)).set_payload("{}")).await;
            assert_failed(&answer, 415, "Unsupported media type");
        }
        let large = app.send(request().set_payload(format!("{{\"x\":\"{}\"}}", "y".repeat(100 * 1_024)))).await;
        assert_failed(&large, 413, "Request body too large");
    }
}
