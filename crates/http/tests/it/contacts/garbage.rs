//! Whatever a client sends, the answer is in the envelope and never a 5xx; and whatever is stored can be read back.

use std::{cell::Cell, sync::Arc};

use actix_web::{
    http::Method,
    rt::{System, SystemRunner},
    test::TestRequest,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use vestibule_domain::Role;
use vestibule_http::{Kind, RouteRow};
use vestibule_memory::MemoryStore;
use vestibule_ports::Store;
use vestibule_sqlite::{SqliteOptions, SqliteStore};

use super::{ALICE, CHECK, ME, PASSWORD, REGISTER, assert_enveloped, assert_failed, register_alice};
use crate::{
    mern,
    support::{Answer, Setup, TestApp, bearer, post},
};

const FIELDS: &[&str] =
    &["fullName", "email", "password", "otp", "resetToken", "newPassword", "identifiers", "__proto__"];
/// What parsers and stores take for something else, in parts of texts: letters whose lower case has more bytes, marks that
/// stand alone, what ends or turns a text, characters of four bytes.
const PIECES: &[&str] = &[
    "a", "A", "7", ".", "-", "+", " ", "Ⱥ", "Ⱦ", "İ", "ẞ", "Σ", "\u{301}", "e\u{301}", "\u{0}", "\u{202e}", "\u{200d}",
    "\u{2028}", "\u{fdfa}", "😀", "𝔄", "𐐀", "'", "%", "_",
];

fn rows() -> Vec<RouteRow> {
    super::routes::rows()
        .into_iter()
        .filter(|row| row.method == Method::POST && matches!(row.kind, Kind::Json { .. }))
        .collect()
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

/// A path of the dialect and a body for it.
fn requests() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    (prop::sample::select(rows()).prop_map(|row| row.path), bodies())
}

/// A few pieces, some of them so often that the text is too long for most places.
fn pieced() -> impl Strategy<Value = String> {
    let repeated = (prop::sample::select(PIECES), prop_oneof![4 => 1..4_usize, 1 => 28..70_usize]);
    prop::collection::vec(repeated, 1..4)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, times)| piece.repeat(times)).collect())
}

/// Registrations that lack nothing, most of them with a good password.
fn registrations() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let domain = prop_oneof![2 => Just("x".to_owned()), 1 => pieced()];
    let limits = [("Ⱥ".repeat(32), "x"), ("Ⱦ".repeat(21), "x"), ("a".repeat(64), "x"), ("a".to_owned(), "İ")];
    let limits = limits.map(|(local, domain)| format!("{local}@{domain}.test"));
    let email = prop_oneof![
        4 => (pieced(), domain).prop_map(|(local, domain)| format!("{local}@{domain}.test")),
        1 => prop::sample::select(limits.to_vec()),
    ];
    let password = prop_oneof![8 => Just(PASSWORD.to_owned()), 1 => pieced()];
    (pieced(), email, password).prop_map(|(full_name, email, password)| {
        let body = json!({ "fullName": full_name, "email": email, "password": password });
        (REGISTER, body.to_string().into_bytes())
    })
}

/// The service on a store, with somebody who has an account and a root who may list all.
struct Ground {
    system: SystemRunner,
    app: TestApp,
    token: String,
    root: String,
    _directory: Option<TempDir>,
}

impl Ground {
    fn memory() -> Self {
        Self::new(System::new(), Arc::new(MemoryStore::new()), None)
    }

    fn sqlite() -> Self {
        let (system, directory) = (System::new(), tempfile::tempdir().unwrap());
        let options = SqliteOptions { create: true, ..SqliteOptions::default() };
        let store = system.block_on(SqliteStore::open(&directory.path().join("vestibule.db"), options)).unwrap();
        Self::new(system, Arc::new(store), Some(directory))
    }

    fn new(system: SystemRunner, store: Arc<dyn Store>, directory: Option<TempDir>) -> Self {
        let (app, token, root) = system.block_on(async {
            store.migrate().await.unwrap();
            let app = TestApp::with(Setup { limits: false, store, ..Setup::default() }).await;
            let token = register_alice(&app).await.data("token");
            let root = mern::account(1, Role::Root, &[]).build();
            app.put(&root).await;
            let root = mern::token(&app, &root);
            (app, token, root)
        });
        Self { system, app, token, root, _directory: directory }
    }

    /// Asserts that whatever is sent is answered in the envelope; how many accounts came of it.
    fn assert_served(&self, cases: u32, requests: &impl Strategy<Value = (&'static str, Vec<u8>)>) -> u32 {
        let registered = Cell::new(0);
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let result = runner.run(requests, |(path, body)| {
            let request = post(path).insert_header(bearer(&self.token)).set_payload(body);
            let answer = self.system.block_on(self.app.send(request));
            prop_assert!(answer.status < 500, "{} {}", answer.status, answer.text);
            assert_enveloped(&answer);
            if answer.status == 201 {
                registered.set(registered.get() + 1);
                self.system.block_on(self.assert_stored(&answer));
            }
            Ok(())
        });
        if let Err(TestError::Fail(reason, (path, body))) = &result {
            panic!("{path} {:?}: {reason}", String::from_utf8_lossy(body));
        }
        result.unwrap();
        registered.get()
    }

    /// Asserts that a registration has nothing in it that a store refuses, and that its account can be read back: alone,
    /// by its address, and among all.
    async fn assert_stored(&self, registered: &Answer) {
        let (name, email) = (registered.data("fullName"), registered.data("email"));
        assert!(![&name, &email].iter().any(|text| text.chars().any(char::is_control)), "{}", registered.text);
        let me = self.app.get_as(&registered.data("token"), ME).await;
        assert_eq!((me.status, me.data("fullName"), me.data("email")), (200, name, email.clone()));
        let found = self.app.post_as(&self.token, CHECK, &json!({ "identifiers": [email] })).await;
        assert_eq!(found.json()["data"]["registeredUsers"].as_array().map(Vec::len), Some(1), "{}", found.text);
        let listed = self.app.get_as(&self.root, &format!("{}?limit=1000", mern::USERS)).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        let listed = listed.json();
        let mut users = listed["users"].as_array().unwrap().iter();
        assert!(users.any(|user| user["email"] == *email), "{email} is not among all");
    }
}

#[test]
fn anything_at_all_is_answered_in_the_envelope() {
    Ground::memory().assert_served(300, &requests());
}

#[test]
fn anything_at_all_is_answered_in_the_envelope_by_a_database() {
    Ground::sqlite().assert_served(60, &requests());
}

#[test]
fn whoever_is_registered_can_be_read_back() {
    let registered = Ground::memory().assert_served(200, &registrations());
    assert!(registered >= 20, "{registered} only: too few are taken to tell anything");
}

#[test]
fn whoever_is_registered_can_be_read_back_from_a_database() {
    let registered = Ground::sqlite().assert_served(60, &registrations());
    assert!(registered >= 6, "{registered} only: too few are taken to tell anything");
}

#[actix_web::test]
async fn what_is_no_json_object_is_refused_on_every_route() {
    let app = TestApp::new().await;
    let token = register_alice(&app).await.data("token");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16));
    let unclosed = "[".repeat(100_000);
    let bodies: [&[u8]; 11] = [
        b"{",
        b"[]",
        b"null",
        b"1",
        b"\"text\"",
        b"{\"a\":1,}",
        b"{} {}",
        b"fullName=Alice",
        b"\xff",
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
