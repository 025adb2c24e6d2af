//! Whether what is answered is what the OpenAPI document says: every answer of every test is held against it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_web::http::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use vestibule_domain::PasswordRules;
use vestibule_http::HttpOptions;

use crate::support::Answer;

/// The operations of a document.
pub(crate) struct Truth(Vec<Operation>);

/// A method of a path.
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// A dialect, or the server itself.
    pub(crate) tag: String,
    pub(crate) path: String,
    /// How many of the last segments may be missing, which no document can tell.
    optional: usize,
    /// The whole of it.
    pub(crate) told: Value,
}

impl Operation {
    /// The contents of a status by their types: none if the status is not told.
    pub(crate) fn contents(&self, status: &str) -> Option<&Value> {
        self.told["responses"].get(status).map(|response| &response["content"])
    }

    /// The one example of a status.
    pub(crate) fn example(&self, status: &str) -> &Value {
        &self.told["responses"][status]["content"]["application/json"]["example"]
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Which segments of the path are words: the least comes first. None if a path is another one.
    fn fits(&self, path: &str) -> Option<Vec<bool>> {
        let (own, given) = (segments(&self.path), segments(path));
        let is_parameter = |own: &&str| own.starts_with('{');
        let fits = (own.len() - self.optional..=own.len()).contains(&given.len())
            && own.iter().zip(&given).all(|(own, given)| is_parameter(own) || own.eq_ignore_ascii_case(given));
        fits.then(|| own.iter().map(is_parameter).collect())
    }
}

impl Truth {
    pub(crate) fn of(options: &HttpOptions, rules: PasswordRules) -> Self {
        let document = serde_json::to_value(vestibule_http::openapi_document(options, rules)).unwrap();
        let items = document["paths"].as_object().unwrap().iter();
        let of_item = |(path, item): (&String, &Value)| {
            let operation = |(method, told): (&String, &Value)| Operation {
                method: method.to_uppercase().parse().unwrap(),
                tag: told["tags"][0].as_str().unwrap().to_owned(),
                path: path.clone(),
                optional: optional(path),
                told: told.clone(),
            };
            item.as_object().unwrap().iter().map(operation).collect::<Vec<_>>()
        };
        Self(items.flat_map(of_item).collect())
    }

    pub(crate) fn into_operations(self) -> Vec<Operation> {
        self.0
    }

    /// Fails if the document tells of the path and the method, but not of such an answer.
    pub(crate) fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let Some(operation) = self.find(method, path) else { return };
        self::check(operation, method, answer);
    }

    fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        let asked = if method == Method::HEAD { &Method::GET } else { method };
        let best = self.0.iter().filter_map(|operation| operation.fits(path)).min()?;
        self.0.iter().find(|operation| operation.method == asked && operation.fits(path).as_ref() == Some(&best))
    }
}

fn check(operation: &Operation, method: &Method, answer: &Answer) {
    let (name, status) = (operation.name(), answer.status.to_string());
    let contents = operation.contents(&status).unwrap_or_else(|| panic!("{name} does not tell of {answer:?}"));
    let Some(contents) = contents.as_object() else {
        assert!(answer.text.is_empty(), "{name} tells of no body of {status}, but {answer:?}");
        return;
    };
    let media_type = answer.header("content-type").split(';').next().unwrap().trim();
    if media_type.is_empty() && method == Method::HEAD {
        return;
    }
    let content = contents.get(media_type).unwrap_or_else(|| panic!("{name} tells of no such type: {answer:?}"));
    if method != Method::HEAD && media_type.ends_with("json") {
        let faults = faults(&content["schema"], &answer.json());
        assert!(faults.is_empty(), "{name} {status}: {faults:?} in {}", answer.text);
    }
}

fn optional(path: &str) -> usize {
    let row = vestibule_http::routes().into_iter().find(|(_, row)| path.ends_with(row.path) && row.optional > 0);
    row.map_or(0, |(_, row)| row.optional)
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// What is wrong with a value, where a field that is not told of is wrong too.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let faults = |validator: &Validator| {
        let fault = |error: jsonschema::ValidationError<'_>| format!("{error} at {}", error.instance_path());
        validator.iter_errors(value).map(fault).collect()
    };
    faults(&validator(&closed(schema.clone())))
}

fn validator(schema: &Value) -> Validator {
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(schema).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

/// The same schema for objects without other fields than those it tells of.
fn closed(mut schema: Value) -> Value {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            *property = closed(property.take());
        }
        schema["additionalProperties"] = json!(false);
    }
    if schema.get("items").is_some() {
        schema["items"] = closed(schema["items"].take());
    }
    for any in schema.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        *any = closed(any.take());
    }
    schema
}

fn answered(status: u16, media_type: &'static str, text: &str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    Answer { status, headers, text: text.to_owned() }
}

#[test]
fn an_answer_as_it_is_told_passes() {
    let truth = Truth::of(&HttpOptions::default(), PasswordRules::default());
    let live = answered(200, "application/json; charset=utf-8", r#"{"status":"live"}"#);
    truth.check(&Method::GET, "/health/live", &live);
    truth.check(&Method::GET, "/Health//Live/", &live);
    truth.check(&Method::HEAD, "/health/live", &answered(200, "application/json", ""));
    // No operation is at this path.
    truth.check(&Method::GET, "/nothing", &answered(418, "text/plain", ""));
}

#[test]
fn an_answer_that_is_not_told_is_found() {
    for (status, media_type, text) in [
        (418, "application/json", r#"{"status":"live"}"#),
        (200, "text/plain", r#"{"status":"live"}"#),
        (200, "application/json", r#"{"status":"dead"}"#),
        (200, "application/json", r#"{"status":1}"#),
        (200, "application/json", "{}"),
        (200, "application/json", r#"{"status":"live","more":1}"#),
    ] {
        let truth = Truth::of(&HttpOptions::default(), PasswordRules::default());
        let answer = answered(status, media_type, text);
        let check = AssertUnwindSafe(|| truth.check(&Method::GET, "/health/live", &answer));
        assert!(catch_unwind(check).is_err(), "{status} {media_type} {text}");
    }
}
