//! Whatever a client sends, the answer is in the envelope and never a 5xx.

use actix_web::{http::Method, rt::System, test::TestRequest};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};
use vestibule_http::RouteRow;

use super::{ALICE, REGISTER, assert_enveloped, assert_failed, register_alice};
use crate::support::{Answer, TestApp, bearer, post};

const FIELDS: &[&str] =
    &["fullName", "email", "password", "otp", "resetToken", "newPassword", "identifiers", "__proto__"];

fn rows() -> Vec<RouteRow> {
    super::routes::rows().into_iter().filter(|row| row.method == Method::POST).collect()
}

/// Texts of every kind, the ones that stores and parsers stumble over among them.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z]{1,8}@[a-z]{1,8}\\.test",
        "[0-9]{6}",
        Just("\u{0}".to_owned()),
        Just("Alice\u{0}Martin".to_owned()),
        Just("\u{202e}\u{200b}\u{feff}\u{fffd}".to_owned()),
        Just("x".repeat(50_000)),
        Just("'; drop table accounts; --".to_owned()),
        Just(ALICE.to_owned()),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((texts(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// An object with some of the fields that the routes look at.
fn objects() -> impl Strategy<Value = Value> {
    let field = (prop::sample::select(FIELDS), values()).prop_map(|(name, value)| (name.to_owned(), value));
    prop::collection::vec(field, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()))
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => objects().prop_map(|body| body.to_string().into_bytes()),
        2 => values().prop_map(|body| body.to_string().into_bytes()),
        1 => any::<Vec<u8>>(),
    ]
}

/// What was taken for storage has nothing in it that a store refuses.
fn assert_storable(answer: &Answer) {
    if answer.status == 201 {
        let stored = [answer.data("fullName"), answer.data("email")];
        assert!(stored.iter().all(|text| !text.chars().any(char::is_control)), "{}", answer.text);
    }
}

#[test]
fn anything_at_all_is_answered_in_the_envelope() {
    let system = System::new();
    let app = system.block_on(TestApp::without_limits());
    let token = system.block_on(register_alice(&app)).data("token");
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let result = runner.run(&(prop::sample::select(rows()), bodies()), |(row, body)| {
        let request = post(row.path).insert_header(bearer(&token)).set_payload(body);
        let answer = system.block_on(app.send(request));
        prop_assert!(answer.status < 500, "{} {}", answer.status, answer.text);
        assert_enveloped(&answer);
        assert_storable(&answer);
        Ok(())
    });
    result.unwrap();
}

#[actix_web::test]
async fn what_is_no_json_object_is_refused_on_every_route() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16));
    let unclosed = "[".repeat(100_000);
    let bodies: [&[u8]; 12] = [
        b"{",
        b"[]",
        b"null",
        b"1",
        b"\"text\"",
        b"{\"a\":1,}",
        b"{} {}",
        b"fullName=Alice",
        b"\xff\xfe",
        b"{\"fullName\":\"\\ud800\"}",
        deep.as_bytes(),
        unclosed.as_bytes(),
    ];
    for row in rows() {
        for body in bodies {
            let request = post(row.path).insert_header(bearer(&token)).set_payload(body.to_vec());
            assert_failed(&app.send(request).await, 400, "Invalid request body");
        }
    }
}

#[actix_web::test]
async fn a_compressed_body_is_refused_on_every_route() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    for row in rows() {
        let request = post(row.path).insert_header(bearer(&token)).insert_header(("Content-Encoding", "gzip"));
        assert_failed(&app.send(request.set_payload("{}")).await, 400, "Invalid request body");
    }
}

#[actix_web::test]
async fn unknown_fields_are_ignored() {
    let app = TestApp::new().await;
    let body =
        json!({ "fullName": "Alice", "email": ALICE, "password": "correct horse", "phone": [1], "x": { "y": null } });
    assert_eq!(app.post(REGISTER, &body).await.status, 201);
}

#[actix_web::test]
async fn headers_that_make_no_sense_do_no_harm() {
    let app = TestApp::new().await;
    for (name, value) in [
        ("Authorization", &b"Bearer \xff\xfe"[..]),
        ("Authorization", b"Bearer a.b.c"),
        ("Content-Length", b"-1"),
        ("Content-Type", b"\xff"),
        ("X-Forwarded-For", b"\xff, 1.2.3.4"),
        ("Forwarded", b"for=;for=\"[::\";=,"),
        ("X-Request-Id", b"\xff"),
    ] {
        for row in super::routes::rows() {
            let value = actix_web::http::header::HeaderValue::from_bytes(value).unwrap();
            let request = TestRequest::with_uri(row.path).method(row.method.clone()).insert_header((name, value));
            let answer = app.send(request).await;
            assert_enveloped(&answer);
            assert!(answer.status < 500, "{name} {}", answer.text);
        }
    }
}
