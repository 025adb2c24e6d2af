//! Whatever a client sends, the answer is in this dialect's shape and never a 5xx.

use actix_web::{http::Method, rt::System, test::TestRequest};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value};
use vestibule_domain::Role;
use vestibule_http::RouteRow;

use super::{
    ALICE, ALL, alices_session, assert_failed, assert_registered,
    routes::{request, rows, rows_with_body},
    session_of,
};
use crate::support::{Answer, TestApp, bearer, get, post};

const FIELDS: &[&str] = &[
    "firstname",
    "lastname",
    "email",
    "password",
    "phoneNumber",
    "role",
    "otp",
    "token",
    "newPassword",
    "refreshToken",
    "retryKey",
    "currentPassword",
    "profession",
    "birth",
    "profilePhoto",
    "address",
    "__proto__",
];
const INVALID_BODY: (u16, u16, &str) = (400, 1017, "Requête invalide");

/// Texts of every kind, the ones that stores and parsers stumble over among them.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z]{1,8}@[a-z]{1,8}\\.test",
        "[0-9A-Fa-f]{6}",
        "\\+?[0-9 ()-]{3,20}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{1,12}(Z|[+-][0-9:]{1,6})?)?",
        "[+-][0-9]{4,6}-[0-9W]{1,3}-[0-9]{1,2}",
        Just("\u{0}".to_owned()),
        Just("\u{202e}\u{200b}\u{feff}\u{fffd}".to_owned()),
        Just("x".repeat(50_000)),
        Just("admin".to_owned()),
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
    let part = prop::sample::select(&["street", "city", "zip", "area", "country", "x"][..]);
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((part.clone().prop_map(str::to_owned), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let field = (prop::sample::select(FIELDS), values()).prop_map(|(name, value)| (name.to_owned(), value));
    let objects =
        prop::collection::vec(field, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()));
    prop_oneof![
        8 => objects.prop_map(|body| body.to_string().into_bytes()),
        2 => values().prop_map(|body| body.to_string().into_bytes()),
        1 => any::<Vec<u8>>(),
    ]
}

/// A sentence alone, an envelope of three keys, or a status with what it is about; each in its order.
fn is_in_shape(answer: &Answer) -> bool {
    let body = answer.json();
    let Some(object) = body.as_object() else { return false };
    let starts = |head: &str| answer.text.starts_with(head);
    match (answer.status, object.len()) {
        (200 | 401 | 404, 1) => object["message"].is_string(),
        (200 | 201, 2) => starts(r#"{"status":""#) && (object.contains_key("message") || object["data"].is_object()),
        (400.., 3) => starts(r#"{"message":""#) && object["errorCode"].is_u64() && object.contains_key("errors"),
        _ => false,
    }
}

#[test]
fn anything_at_all_is_answered_in_the_dialects_shape() {
    let system = System::new();
    let app = system.block_on(TestApp::without_limits());
    let token = system.block_on(alices_session(&app)).access;
    let lasting = |row: &RouteRow| !["delete", "logout"].iter().any(|name| row.path.ends_with(name));
    let rows: Vec<_> = rows().into_iter().filter(lasting).collect();
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let result = runner.run(&(prop::sample::select(rows), bodies()), |(row, body)| {
        let answer = system.block_on(app.send(request(&row).insert_header(bearer(&token)).set_payload(body)));
        prop_assert!(answer.status < 500, "{} {}", answer.status, answer.text);
        prop_assert!(is_in_shape(&answer), "{} {}", answer.status, answer.text);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn any_query_of_the_list_is_answered() {
    let system = System::new();
    let app = system.block_on(TestApp::without_limits());
    let token = system.block_on(session_of(&app, 1, Role::Root)).access;
    let pairs = prop::collection::vec(("(page|limit|x)", "[a-zA-Z0-9%=+.\\[\\]-]{0,25}"), 0..4);
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let result = runner.run(&pairs, |pairs| {
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer =
            system.block_on(app.send(get(&format!("{ALL}?{}", query.join("&"))).insert_header(bearer(&token))));
        prop_assert!([200, 400].contains(&answer.status) && is_in_shape(&answer), "{} {}", answer.status, answer.text);
        Ok(())
    });
    result.unwrap();
}

#[actix_web::test]
async fn what_is_no_json_object_or_compressed_is_refused_on_every_route() {
    let app = TestApp::without_limits().await;
    let token = alices_session(&app).await.access;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16));
    let bodies: [&[u8]; 10] =
        [b"{", b"[]", b"null", b"1", b"\"text\"", b"{\"a\":1,}", b"{} {}", b"email=a", b"\xff", deep.as_bytes()];
    for row in rows_with_body() {
        for body in bodies {
            let answer = app.send(request(&row).insert_header(bearer(&token)).set_payload(body.to_vec())).await;
            assert_failed(&answer, INVALID_BODY);
        }
        let compressed = request(&row).insert_header(bearer(&token)).insert_header(("Content-Encoding", "gzip"));
        assert_failed(&app.send(compressed.set_payload("{}")).await, INVALID_BODY);
    }
}

#[actix_web::test]
async fn of_two_fields_of_one_name_the_last_counts() {
    let app = TestApp::new().await;
    let body = r#"{"firstname":1,"firstname":"A","lastname":"M","email":"none","email":"a@b.test","password":"12345"}"#;
    assert_registered(&app.send(post(super::REGISTER).set_payload(body)).await);
}

#[actix_web::test]
async fn headers_that_make_no_sense_do_no_harm() {
    let app = TestApp::without_limits().await;
    for (name, value) in [
        ("Authorization", &b"Bearer \xff\xfe"[..]),
        ("Authorization", b"Bearer a.b.c"),
        ("authentication", b"\xff"),
        ("Idempotency-Key", b"\xff"),
        ("Content-Length", b"-1"),
        ("X-Forwarded-For", b"\xff, 1.2.3.4"),
    ] {
        for row in rows() {
            let value = actix_web::http::header::HeaderValue::from_bytes(value).unwrap();
            let request = TestRequest::with_uri(row.path).method(row.method.clone()).insert_header((name, value));
            let answer = app.send(request).await;
            assert!(answer.status < 500 && is_in_shape(&answer), "{name} {}", answer.text);
            assert!(answer.status >= 400 || row.method == Method::GET, "{name} {}", row.path);
        }
    }
}
