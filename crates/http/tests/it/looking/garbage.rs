//! Whatever is sent is answered in one of the dialect's envelopes.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use vestibule_http::Kind;

use super::{
    a_super, assert_coded,
    routes::{request, rows},
};
use crate::support::{Answer, TestApp, bearer};

fn is_in_shape(answer: &Answer) -> bool {
    let body = answer.json();
    let keys = body.as_object().map_or(0, serde_json::Map::len);
    let message = body["message"].is_string();
    answer.status < 400
        || (message && keys == 2 && (body.get("err").is_some() || body["success"] == false || body["valid"] == false))
        || (message && keys == 1 && answer.status == 404)
        || (message && keys == 3 && body["authorized"] == false)
}

/// Values that no client should send.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        Just(json!("\u{0}")),
        Just(json!("super")),
        Just(json!("alice@example.com")),
        Just(json!("battery staple")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("(first|last|x)", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn any_body_is_answered_in_one_of_the_dialects_shapes() {
    let system = actix_web::rt::System::new();
    let app = system.block_on(TestApp::without_limits());
    let root = system.block_on(a_super(&app));
    let rows: Vec<_> = rows().into_iter().filter(|row| row.method != "GET" && row.method != "DELETE").collect();
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let keys = prop::collection::btree_map(
        "(username|email|password|confirmPassword|currentPassword|name|can|forceReset|x)",
        anything(),
        0..7,
    );
    let result = runner.run(&(keys, 0..rows.len()), |(body, row)| {
        let row = &rows[row];
        let body = Value::Object(body.into_iter().collect()).to_string();
        let request = request(row, &root.id).insert_header(bearer(&root.token)).set_payload(body);
        let answer = system.block_on(app.send(request));
        let is_expected =
            answer.status < 500 || ["NO_DATA", "IMAGE"].iter().any(|code| answer.json()["err"]["code"] == *code);
        prop_assert!(is_expected && is_in_shape(&answer), "{} {} {}", row.path, answer.status, answer.text);
        Ok(())
    });
    result.unwrap();
}

#[actix_web::test]
async fn what_is_no_json_object_is_refused_on_every_route_that_reads_one() {
    let app = TestApp::without_limits().await;
    let root = a_super(&app).await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16));
    let bodies: [&[u8]; 8] = [b"{", b"[]", b"null", b"\"text\"", b"{\"a\":1,}", b"email=a", b"\xff", deep.as_bytes()];
    let bodiless = ["/auth/logout", "/auth/session", "/profiles/approve/{id}", "/geocache/populate/{field}"];
    let reads = |row: &vestibule_http::RouteRow| {
        matches!(row.kind, Kind::Json { .. })
            && row.method != "GET"
            && row.method != "DELETE"
            && !bodiless.contains(&row.path)
    };
    for row in rows().into_iter().filter(reads) {
        let request = || request(&row, &root.id).insert_header(bearer(&root.token));
        for body in bodies {
            let answer = app.send(request().set_payload(body.to_vec())).await;
            assert_coded(&answer, 400, "Invalid request body", "INVALID_BODY");
        }
        let compressed = app.send(request().insert_header(("Content-Encoding", "gzip")).set_payload("{}")).await;
        assert_coded(&compressed, 400, "Invalid request body", "INVALID_BODY");
        let large = app.send(request().set_payload(format!("{{\"x\":\"{}\"}}", "y".repeat(100 * 1_024)))).await;
        assert_coded(&large, 413, "Request body too large", "TOO_LARGE");
    }
}
