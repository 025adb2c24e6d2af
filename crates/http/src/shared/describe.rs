//! Describes a route for OpenAPI by examples: the schema of a body is that of its example.

use actix_web::{HttpResponse, body::MessageBody, http::Method};
use serde_json::Value;
use utoipa::openapi::{
    Content, ContentBuilder, HttpMethod, PathItem, RefOr, Required, Response, Schema,
    example::ExampleBuilder,
    path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItemBuilder},
    request_body::RequestBodyBuilder,
    response::ResponseBuilder,
    schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, SchemaType, Type},
    security::SecurityRequirement,
};

use super::kind::Kind;

/// What every refusal is.
const JSON: &str = "application/json";

/// What is told of a route beside its method, its path and what it asks for.
pub(crate) struct Description {
    /// Unique among all dialects.
    operation: &'static str,
    summary: &'static str,
    /// An example of the body, where there is one.
    request: Option<Value>,
    /// What the query may have, with an example of each.
    query: &'static [(&'static str, &'static str)],
    answers: Vec<Answer>,
}

/// What a route answers in one case. It is made of an answer alone, so that no example differs from what is sent.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    /// When.
    when: &'static str,
    /// An example of the body.
    body: Value,
}

impl Answer {
    /// The answer that is sent, as an example of what is sent in a case.
    pub(crate) fn of(when: &'static str, response: HttpResponse) -> Self {
        let status = response.status().as_u16();
        let bytes = response.into_body().try_into_bytes().unwrap_or_default();
        Self { status, when, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }
}

impl Description {
    /// A route without a body or a query.
    pub(crate) const fn new(operation: &'static str, summary: &'static str, answers: Vec<Answer>) -> Self {
        Self { operation, summary, request: None, query: &[], answers }
    }

    /// The same with an example of the body.
    pub(crate) fn taking(self, request: Value) -> Self {
        Self { request: Some(request), ..self }
    }

    /// The same with what the query may have, and an example of each.
    pub(crate) fn filtered_by(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }

    pub(crate) const fn takes_body(&self) -> bool {
        self.request.is_some()
    }

    /// The same with more answers.
    pub(crate) fn answering(mut self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.answers.extend(answers);
        self
    }

    /// The route as an item of the document. Cases of one status are examples of one response.
    pub(crate) fn item(self, (method, kind): (&Method, Kind), path: &str, tag: &str, scheme: Option<&str>) -> PathItem {
        let in_path = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let in_path = in_path.map(|name| parameter(name, ParameterIn::Path, Required::True));
        let in_query = self.query.iter().map(|(name, example)| {
            parameter(name, ParameterIn::Query, Required::False).example(Some(Value::from(*example)))
        });
        let parameters: Vec<Parameter> = in_path.chain(in_query).map(ParameterBuilder::build).collect();
        let mut operation = OperationBuilder::new()
            .tag(tag)
            .operation_id(Some(self.operation))
            .summary(Some(self.summary))
            .parameters((!parameters.is_empty()).then_some(parameters))
            .request_body(self.request.map(|example| {
                RequestBodyBuilder::new()
                    .content(kind.request_type(), content(example))
                    .required(Some(Required::True))
                    .build()
            }));
        if let Some(scheme) = scheme {
            operation = operation.security(SecurityRequirement::new::<_, [&str; 0], &str>(scheme, []));
        }
        let statuses: std::collections::BTreeSet<u16> = self.answers.iter().map(|answer| answer.status).collect();
        for status in statuses {
            let cases: Vec<&Answer> = self.answers.iter().filter(|answer| answer.status == status).collect();
            operation = operation.response(status.to_string(), response(type_of(status, kind), &cases));
        }
        PathItemBuilder::new().operation(name_of(method), operation.build()).build()
    }
}

fn name_of(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        Method::PATCH => HttpMethod::Patch,
        _ => HttpMethod::Get,
    }
}

fn parameter(name: &str, place: ParameterIn, required: Required) -> ParameterBuilder {
    let schema = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(schema))
}

/// The content type of an answer: a success is what its route gives, a refusal JSON.
const fn type_of(status: u16, kind: Kind) -> &'static str {
    if status < 300 { kind.success_type() } else { JSON }
}

fn response(content_type: &str, cases: &[&Answer]) -> Response {
    let when = cases.iter().map(|case| case.when).collect::<Vec<_>>().join("; ");
    let content = match cases {
        [case] => content(case.body.clone()),
        cases => {
            let example =
                |case: &&Answer| ExampleBuilder::new().summary(case.when).value(Some(case.body.clone())).build();
            let examples = cases.iter().map(|case| (key_of(case.when), example(case)));
            ContentBuilder::new().schema(Some(schema_of_any(cases))).examples_from_iter(examples).build()
        }
    };
    ResponseBuilder::new().description(when).content(content_type, content).build()
}

fn content(example: Value) -> Content {
    ContentBuilder::new().schema(Some(schema_of(&example))).example(Some(example)).build()
}

/// What an example is called: when it comes, up to the first comma, in lower case and hyphens. Short, and the same for as
/// long as the case is.
fn key_of(when: &str) -> String {
    let begin = when.split([',', ';']).next().unwrap_or(when).to_lowercase();
    let words = begin.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// The schema that each case follows: the same one, or one of several.
fn schema_of_any(cases: &[&Answer]) -> RefOr<Schema> {
    let mut schemas: Vec<RefOr<Schema>> = Vec::new();
    for schema in cases.iter().map(|case| schema_of(&case.body)) {
        if !schemas.contains(&schema) {
            schemas.push(schema);
        }
    }
    match <[_; 1]>::try_from(schemas) {
        Ok([schema]) => schema,
        Err(schemas) => schemas.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).into(),
    }
}

/// The schema that an example follows: every key is required.
fn schema_of(example: &Value) -> RefOr<Schema> {
    let simple = |kind: Type| ObjectBuilder::new().schema_type(SchemaType::new(kind)).into();
    match example {
        Value::Null => simple(Type::Null),
        Value::Bool(_) => simple(Type::Boolean),
        Value::Number(number) if number.is_f64() => simple(Type::Number),
        Value::Number(_) => simple(Type::Integer),
        Value::String(_) => simple(Type::String),
        Value::Array(items) => {
            let items = items.first().map_or_else(|| simple(Type::Object), schema_of);
            ArrayBuilder::new().items(items).into()
        }
        Value::Object(fields) => fields
            .iter()
            .fold(ObjectBuilder::new(), |object, (name, value)| object.property(name, schema_of(value)).required(name))
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_an_example_names_each_key_and_its_type() {
        let example = serde_json::json!({ "ok": true, "list": ["a"], "none": null, "n": 1 });
        let schema = serde_json::to_value(schema_of(&example)).unwrap();
        assert_eq!(schema["required"].as_array().unwrap().len(), 4);
        assert_eq!(schema["properties"]["list"]["items"]["type"], "string");
        assert_eq!(schema["properties"]["none"]["type"], "null");
    }

    #[test]
    fn an_answer_has_the_status_and_the_body_that_are_sent() {
        let sent = HttpResponse::Conflict().json(serde_json::json!({ "message": "a" }));
        let answer = Answer::of("it is taken", sent);
        assert_eq!((answer.status, &answer.body["message"]), (409, &Value::from("a")));
    }

    #[test]
    fn cases_of_one_status_are_named_examples_and_each_has_its_schema() {
        let case = |when, body| Answer { status: 400, when, body };
        let text = case("no token, or a bad one", serde_json::json!({ "message": "a" }));
        let same = case("`id` is no id", serde_json::json!({ "message": "b" }));
        let other = case("both", serde_json::json!({ "message": "c", "errors": [] }));
        let one = serde_json::to_value(response(JSON, &[&text])).unwrap();
        assert_eq!(one["content"][JSON]["example"]["message"], "a");
        let alike = serde_json::to_value(response(JSON, &[&text, &same])).unwrap();
        let content = &alike["content"][JSON];
        assert_eq!(content["examples"]["no-token"]["value"]["message"], "a");
        assert_eq!(content["examples"]["id-is-no-id"]["summary"], "`id` is no id");
        assert_eq!((&content["example"], &content["schema"]["type"]), (&Value::Null, &Value::from("object")));
        let unlike = serde_json::to_value(response(JSON, &[&text, &same, &other])).unwrap();
        assert_eq!(unlike["content"][JSON]["schema"]["anyOf"].as_array().unwrap().len(), 2);
    }
}
