//! Whatever a client sends, the answer is JSON in this dialect's shape and never a 5xx.

use actix_web::{http::Method, rt::System, test::TestRequest};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value};
use vestibule_domain::Role;

use super::{account, routes::rows, token};
use crate::support::{TestApp, bearer, get};

const FIELDS: &[&str] = &[
    "username",
    "email",
    "password",
    "firstName",
    "lastName",
    "code",
    "user",
    "tokenPurpose",
    "refreshToken",
    "refreshUser",
    "currentPassword",
    "role",
    "status",
    "permissions",
    "__proto__",
];

const PARAMETERS: &[&str] =
    &["limit", "skip", "sort", "username", "email", "firstName", "status", "role", "permissions", "[x]"];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z]{4,8}",
        "[a-z]{1,8}@[a-z]{1,8}\\.test",
        Just("\u{0}".to_owned()),
        Just("\u{202e}\u{200b}\u{feff}\u{fffd}".to_owned()),
        Just("x".repeat(50_000)),
        Just("correct horse".to_owned()),
        Just("verify-email".to_owned()),
        Just("root".to_owned()),
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

#[test]
fn anything_at_all_is_answered_in_the_dialects_shape() {
    let system = System::new();
    let app = system.block_on(super::with(|options| options.verify_email = true));
    let (admin, user) = (account(1, Role::Admin, &[]).build(), account(2, Role::User, &[]).build());
    system.block_on(app.put(&admin));
    let token = token(&app, &admin);
    let rows: Vec<_> = rows().into_iter().filter(|row| row.method != Method::DELETE).collect();
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let result = runner.run(&(prop::sample::select(rows), bodies()), |(row, body)| {
        system.block_on(app.put(&user));
        let path = row.path.replace("{token}", "x").replace("{userId}", &user.id().hex());
        let request = TestRequest::with_uri(&path).method(row.method).insert_header(bearer(&token));
        let answer = system.block_on(app.send(request.insert_header(("Content-Type", "x")).set_payload(body)));
        prop_assert!(answer.status < 500, "{} {}", answer.status, answer.text);
        let message = &answer.json()["error"]["message"];
        prop_assert_eq!(answer.status >= 400, message.is_string(), "{}", answer.text);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn any_query_of_the_list_is_answered() {
    let system = System::new();
    let app = system.block_on(TestApp::without_limits());
    let root = account(1, Role::Root, &[]).build();
    system.block_on(app.put(&root));
    let token = token(&app, &root);
    let pairs = prop::collection::vec((prop::sample::select(PARAMETERS), "[a-zA-Z0-9%=+.\\[\\]-]{0,12}"), 0..4);
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let result = runner.run(&pairs, |pairs| {
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = get(&format!("/api/users?{}", query.join("&"))).insert_header(bearer(&token));
        let answer = system.block_on(app.send(request));
        prop_assert!([200, 400].contains(&answer.status), "{} {}", answer.status, answer.text);
        Ok(())
    });
    result.unwrap();
}
