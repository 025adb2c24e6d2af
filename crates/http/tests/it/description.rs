//! The OpenAPI document against what is answered, and the page that shows it.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};
use vestibule_domain::PasswordRules;
use vestibule_http::HttpOptions;
use vestibule_testkit::BrokenStore;

use crate::{
    contacts, ego, looking, mern, rococoins,
    support::{Answer, TestApp, get},
    truth::{Operation, Truth, faults},
};

/// Where no operation of the document is: pages for people, and what only a developer has.
const PAGES: [&str; 4] = ["/docs", "/docs/{asset}", "/dev/mailbox", "/dev/mailbox/messages"];

fn operations() -> Vec<Operation> {
    Truth::of(&HttpOptions::default(), PasswordRules::default()).into_operations()
}

fn dialects() -> impl Iterator<Item = Operation> {
    operations().into_iter().filter(|operation| operation.tag != "server")
}

#[test]
fn the_document_has_the_rows_of_the_tables_and_no_other() {
    let described = operations().into_iter().map(|operation| {
        let needs_token = operation.told["security"] == json!([{ &scheme(&operation): [] }]);
        (operation.tag, operation.method.to_string(), operation.path, needs_token)
    });
    let rows = vestibule_http::routes()
        .into_iter()
        .map(|(name, row)| (name.to_owned(), row.method.to_string(), row.path.to_owned(), row.access.needs_token()));
    let server = vestibule_http::server_routes().into_iter().filter(|row| !PAGES.contains(&row.path));
    let server = server.map(|row| ("server".to_owned(), row.method.to_string(), row.path.to_owned(), false));
    let (mut described, mut table): (Vec<_>, Vec<_>) = (described.collect(), rows.chain(server).collect());
    described.sort();
    table.sort();
    assert_eq!(described, table);
}

fn scheme(operation: &Operation) -> String {
    let security = operation.told["security"].as_array().and_then(|schemes| schemes.last()?.as_object());
    security.and_then(|scheme| scheme.keys().next().cloned()).unwrap_or_default()
}

/// Fails unless a schema says of every value what it is, and of every field whether it has to be there.
fn assert_is_whole(schema: &Value, place: &str) {
    if let Some(any) = schema["anyOf"].as_array() {
        assert!(any.len() > 1, "{place}: {schema}");
        return any.iter().for_each(|schema| assert_is_whole(schema, place));
    }
    assert!(schema["type"].is_string() || schema["type"].is_array(), "{place} has no type: {schema}");
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(!schema["properties"][name.as_str().unwrap()].is_null(), "{place} does not tell of {name}: {schema}");
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        assert_is_whole(property, &format!("{place}.{name}"));
    }
    if schema["type"] == "array" {
        assert_is_whole(&schema["items"], &format!("{place}[]"));
    }
}

#[test]
fn every_body_and_parameter_has_a_whole_schema_and_examples_that_follow_it() {
    for operation in operations() {
        let Operation { told, path, .. } = &operation;
        let place = told["operationId"].as_str().unwrap();
        for (media_type, content) in told["requestBody"]["content"].as_object().into_iter().flatten() {
            assert_is_whole(&content["schema"], place);
            if media_type == "application/json" {
                assert_eq!(faults(&content["schema"], &content["example"]), [""; 0], "{place}: its request");
            }
        }
        let parameters = told["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.clone() {
            assert_is_whole(&parameter["schema"], place);
            let has_example =
                parameter["in"] != "path" || !parameter["example"].as_str().unwrap_or("").starts_with('<');
            assert!(
                !has_example || faults(&parameter["schema"], &parameter["example"]).is_empty(),
                "{place}: {parameter}"
            );
        }
        let in_path: Vec<&str> =
            parameters.filter(|parameter| parameter["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
        let asked: Vec<&str> =
            path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(in_path, asked, "{place}");
        for (status, response) in told["responses"].as_object().unwrap() {
            for content in response["content"].as_object().into_iter().flatten().map(|(_, content)| content) {
                assert_is_whole(&content["schema"], &format!("{place} {status}"));
            }
        }
    }
}

#[test]
fn every_case_of_a_status_is_an_example_that_follows_the_schema() {
    for operation in operations() {
        for (status, response) in operation.told["responses"].as_object().unwrap() {
            let place = format!("{} {status}", operation.path);
            let Some(contents) = response["content"].as_object() else {
                assert_eq!(status, "304", "{place} has no content");
                continue;
            };
            for (media_type, content) in contents {
                let Some(examples) = content["examples"].as_object() else {
                    let is_json = media_type.ends_with("json");
                    assert!(!is_json || faults(&content["schema"], &content["example"]).is_empty(), "{place}");
                    continue;
                };
                assert!(examples.len() > 1 && content["example"].is_null(), "{place}");
                for (name, example) in examples {
                    assert_eq!(faults(&content["schema"], &example["value"]), [""; 0], "{place}: {name}");
                }
                if contents.len() > 1 {
                    continue;
                }
                // The description is the cases one after another: of two with one key, one would be missing.
                let cases: usize = examples.values().map(|example| example["summary"].as_str().unwrap().len()).sum();
                let separators = 2 * (examples.len() - 1);
                assert_eq!(response["description"].as_str().unwrap().len(), cases + separators, "{place}");
            }
        }
    }
}

#[test]
fn every_operation_tells_of_what_its_kind_can_answer() {
    for operation in dialects() {
        let (place, told) = (&operation.path, &operation.told);
        let tells = |status: &str| operation.contents(status).is_some();
        let takes_body = !told["requestBody"].is_null();
        for status in ["500", "503"] {
            assert!(tells(status), "{place}: {status}");
        }
        for status in ["413", "415"] {
            assert_eq!(tells(status), takes_body, "{place}: {status}");
        }
        // What a body is refused for: in `looking` and `mern` not every body has to be JSON of some form.
        assert!(!takes_body || tells("400"), "{place}: 400");
        if told["security"].as_array().is_some_and(|schemes| schemes.len() == 1) && operation.path != "/auth/logout" {
            assert!(tells("401"), "{place}: 401");
        }
        let successes = ["200", "201"].into_iter().filter(|status| tells(status)).count();
        assert_eq!(successes, 1, "{place}");
    }
}

#[test]
fn the_examples_of_a_status_have_short_names() {
    let register = operations().into_iter().find(|operation| operation.path == contacts::REGISTER).unwrap();
    let examples = &register.told["responses"]["400"]["content"]["application/json"]["examples"];
    let names: Vec<&String> = examples.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "a-field-is-missing",
            "not-a-json-object",
            "not-an-address",
            "the-address-is-taken",
            "the-name-is-too-long",
            "the-password-has-a-nul",
            "the-password-has-few-characters-and-too-many-bytes",
            "the-password-is-too-short-or-too-long",
        ]
    );
    assert_eq!(examples["the-address-is-taken"]["value"]["message"], "User already exists");
}

#[actix_web::test]
async fn every_operation_says_what_it_answers_to_another_method() {
    let app = TestApp::new().await;
    for operation in dialects() {
        let path = operation.path.replace("{userId}", "x").replace("{token}", "x");
        let answer = app.send(TestRequest::with_uri(&path).method(Method::PATCH)).await;
        if operation.tag == "mern" {
            assert!(answer.status != 405 && operation.contents("405").is_none(), "{path}");
        } else {
            assert_eq!((answer.status, &answer.json()), (405, operation.example("405")), "{path}");
        }
    }
}

#[actix_web::test]
async fn every_operation_says_what_it_answers_when_something_inside_fails_or_is_away() {
    let of = |store| async move {
        [
            ("contacts", contacts::faults::answers_on(store).await.remove(0)),
            ("mern", mern::faults::answers_on(store).await.remove(0)),
            ("ego", ego::faults::answers_on(store).await.remove(0)),
            ("rococoins", rococoins::faults::answers_on(store).await.remove(0)),
            ("looking", looking::faults::answers_on(store).await.remove(0)),
        ]
    };
    let answered = |answers: &[(&str, Answer)], dialect: &str| {
        answers.iter().find(|(name, _)| *name == dialect).map(|(_, answer)| answer.json()).unwrap()
    };
    let (failed, away) = (of(BrokenStore::Failing).await, of(BrokenStore::Away).await);
    for operation in dialects() {
        for (status, case, answers) in [("500", "something-inside-failed", &failed), ("503", "overloaded", &away)] {
            let content = &operation.told["responses"][status]["content"]["application/json"];
            let example = content["examples"].get(case).map_or(&content["example"], |example| &example["value"]);
            assert_eq!(*example, answered(answers, &operation.tag), "{}", operation.path);
        }
    }
}

#[actix_web::test]
async fn every_part_that_the_page_names_is_served() {
    let app = TestApp::new().await;
    let page = app.send(get("/docs")).await.text;
    let named = |attribute| page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
    let parts: Vec<&str> = named("href=\"").chain(named("src=\"")).collect();
    assert_eq!(parts.len(), 4, "{parts:?}");
    for part in parts {
        let answer = app.send(get(part)).await;
        let kind = if part.contains("css") { "text/css" } else { "text/javascript" };
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{part}");
        assert!(!answer.text.is_empty(), "{part}");
    }
    assert!(app.send(get("/docs/swagger-initializer.js")).await.text.contains("/openapi.json"));
    assert_eq!(app.send(get("/docs/nothing.js")).await.status, 404);
}

#[test]
fn the_constraints_are_those_that_the_code_checks() {
    let (at_least_twelve, options) = (PasswordRules::at_least(12), HttpOptions::default());
    let operations = Truth::of(&options, at_least_twelve).into_operations();
    let asked = |id: &str, field: &str| {
        let operation = operations.iter().find(|operation| operation.told["operationId"] == id).unwrap();
        let (_, content) = operation.told["requestBody"]["content"].as_object().unwrap().iter().next().unwrap();
        let schema = content["schema"].clone();
        field.split('.').fold(schema, |schema, name| schema["properties"][name].clone())
    };
    let identifiers = asked("contacts_check_registered", "identifiers");
    assert_eq!((&identifiers["minItems"], &identifiers["maxItems"]), (&json!(1), &json!(500)));
    for (id, field, least) in [
        ("contacts_register", "password", 12),
        ("mern_signup", "password", 12),
        ("rococoins_create", "personal.password", 12),
        ("looking_create_user", "password", 12),
        // The dialect has rules of its own.
        ("ego_register", "password", 5),
    ] {
        let password = asked(id, field);
        assert_eq!((&password["minLength"], &password["maxLength"]), (&json!(least), &json!(72)), "{id}");
    }
    assert_eq!(asked("mern_signup", "username")["minLength"], 4);
    assert_eq!(asked("rococoins_user_chat", "userChats")["maxLength"], 4_000);
    assert_eq!(asked("looking_create_profile", "details.age")["maximum"], 150);
    assert_eq!(asked("mern_send_token", "tokenPurpose")["enum"], json!(["verify-email", "reset-password"]));
}
