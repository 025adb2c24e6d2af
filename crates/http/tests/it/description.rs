//! The OpenAPI document against what is answered, and the page that shows it.

use actix_web::{http::Method, test::TestRequest};
use serde_json::Value;
use vestibule_http::HttpOptions;
use vestibule_testkit::BrokenStore;

use crate::{
    contacts, ego, looking, mern, rococoins,
    support::{Answer, TestApp, get},
};

struct Operation {
    dialect: String,
    path: String,
    responses: Value,
}

impl Operation {
    /// The one example of a status.
    fn example(&self, status: &str) -> &Value {
        &self.responses[status]["content"]["application/json"]["example"]
    }
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(vestibule_http::openapi_document(&HttpOptions::default())).unwrap();
    let items = document["paths"].as_object().unwrap().iter();
    let of_item = |(path, item): (&String, &Value)| {
        let operation = |operation: &Value| Operation {
            dialect: operation["tags"][0].as_str().unwrap().to_owned(),
            path: path.clone(),
            responses: operation["responses"].clone(),
        };
        item.as_object().unwrap().values().map(operation).collect::<Vec<_>>()
    };
    items.flat_map(of_item).collect()
}

/// Whether a value follows a schema, as far as the document's own schemas go.
fn follows(value: &Value, schema: &Value) -> bool {
    if let Some(schemas) = schema["anyOf"].as_array() {
        return schemas.iter().any(|schema| follows(value, schema));
    }
    match (schema["type"].as_str().unwrap(), value) {
        ("object", Value::Object(fields)) => {
            let properties = schema["properties"].as_object();
            fields.len() == properties.map_or(0, serde_json::Map::len)
                && fields.iter().all(|(name, value)| {
                    let property = properties.and_then(|properties| properties.get(name));
                    property.is_some_and(|schema| follows(value, schema))
                })
        }
        ("array", Value::Array(items)) => items.iter().all(|item| follows(item, &schema["items"])),
        ("null", Value::Null) | ("boolean", Value::Bool(_)) | ("string", Value::String(_)) => true,
        ("integer", number) => number.is_i64(),
        ("number", number) => number.is_number(),
        _ => false,
    }
}

#[test]
fn every_case_of_a_status_is_an_example_that_follows_the_schema() {
    for operation in operations() {
        for (status, response) in operation.responses.as_object().unwrap() {
            let place = format!("{} {status}", operation.path);
            let Some(content) = response["content"].as_object().and_then(|content| content.values().next()) else {
                panic!("{place} has no content");
            };
            let Some(examples) = content["examples"].as_object() else {
                assert!(follows(&content["example"], &content["schema"]), "{place}");
                continue;
            };
            assert!(examples.len() > 1 && content["example"].is_null(), "{place}");
            assert!(examples.values().all(|example| follows(&example["value"], &content["schema"])), "{place}");
            // The description is the cases one after another: of two with one key, one would be missing.
            let cases: usize = examples.values().map(|example| example["summary"].as_str().unwrap().len()).sum();
            let separators = 2 * (examples.len() - 1);
            assert_eq!(response["description"].as_str().unwrap().len(), cases + separators, "{place}");
        }
    }
}

#[test]
fn the_examples_of_a_status_have_short_names() {
    let register = operations().into_iter().find(|operation| operation.path == contacts::REGISTER).unwrap();
    let examples = &register.responses["400"]["content"]["application/json"]["examples"];
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
    for operation in operations() {
        let path = operation.path.replace("{userId}", "x").replace("{token}", "x");
        let answer = app.send(TestRequest::with_uri(&path).method(Method::PATCH)).await;
        if operation.dialect == "mern" {
            assert!(answer.status != 405 && operation.responses["405"].is_null(), "{path}");
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
    for operation in operations() {
        for (status, case, answers) in [("500", "something-inside-failed", &failed), ("503", "overloaded", &away)] {
            let content = &operation.responses[status]["content"]["application/json"];
            let example = content["examples"].get(case).map_or(&content["example"], |example| &example["value"]);
            assert_eq!(*example, answered(answers, &operation.dialect), "{}", operation.path);
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
