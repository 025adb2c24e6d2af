//! Describes a route for OpenAPI: each body has an example, which is what is sent, and the shape that every such body has.

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::{Method, header},
};
use serde_json::Value;
use utoipa::openapi::{
    Content, ContentBuilder, HttpMethod, PathItem, Required, Response,
    example::ExampleBuilder,
    path::{OperationBuilder, Parameter as ParameterItem, ParameterBuilder, ParameterIn, PathItemBuilder},
    request_body::RequestBodyBuilder,
    response::ResponseBuilder,
    security::SecurityRequirement,
};
use vestibule_domain::PasswordRules;

use super::{
    kind::Kind,
    shape::{Shape, either},
};

/// What is told of a route beside its method, its path and what it asks for.
pub(crate) struct Description {
    /// Unique among all dialects.
    operation: &'static str,
    summary: &'static str,
    request: Option<Request>,
    query: Vec<Parameter>,
    headers: Vec<Parameter>,
    answers: Vec<Answer>,
}

/// A body that a route takes.
struct Request {
    example: Value,
    shape: RequestShape,
}

/// What a body must look like.
pub(crate) enum RequestShape {
    Fixed(Box<Shape>),
    /// It has a new password, for which there are rules.
    WithPassword(fn(PasswordRules) -> Shape),
}

impl From<Shape> for RequestShape {
    fn from(shape: Shape) -> Self {
        Self::Fixed(Box::new(shape))
    }
}

/// What the path, the query or a header may have.
pub(crate) struct Parameter {
    name: &'static str,
    example: Value,
    shape: Shape,
}

impl Parameter {
    /// With an example.
    pub(crate) fn new(name: &'static str, example: impl Into<Value>, shape: Shape) -> Self {
        Self { name, example: example.into(), shape }
    }

    fn item(&self, place: ParameterIn, required: Required) -> ParameterItem {
        let parameter = ParameterBuilder::new().name(self.name).parameter_in(place).required(required);
        parameter.schema(Some(self.shape.clone())).example(Some(self.example.clone())).build()
    }
}

/// What a route answers in one case. It is made of an answer alone, so that no example differs from what is sent.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    when: &'static str,
    body: Option<Body>,
}

/// The body of an answer.
#[derive(Clone)]
struct Body {
    media_type: String,
    /// None for what is no JSON.
    example: Option<Value>,
    shape: Shape,
}

/// Where a route is in the document.
pub(crate) struct Place<'a> {
    pub(crate) method: &'a Method,
    pub(crate) kind: Kind,
    pub(crate) path: &'a str,
    pub(crate) tag: &'a str,
    /// How its token travels, if it takes one.
    pub(crate) scheme: Option<&'a str>,
    /// Whether it does without one.
    pub(crate) is_optional: bool,
    /// What a segment of a path may be.
    pub(crate) segment: fn(&str) -> Option<Parameter>,
    /// The rules of new passwords.
    pub(crate) rules: PasswordRules,
}

impl Answer {
    /// The answer that is sent, as an example of what is sent in a case, and the shape of all that are.
    pub(crate) fn of(when: &'static str, response: HttpResponse, shape: Shape) -> Self {
        let status = response.status().as_u16();
        let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next()).map(|value| value.trim().to_owned());
        let bytes = response.into_body().try_into_bytes().unwrap_or_default();
        let body =
            media_type.map(|media_type| Body { media_type, example: serde_json::from_slice(&bytes).ok(), shape });
        Self { status, when, body }
    }

    /// The same with the shape that its example asks for.
    pub(crate) fn shaped(when: &'static str, response: HttpResponse, shape: impl FnOnce(&Value) -> Shape) -> Self {
        let answer = Self::of(when, response, super::shape::null());
        let body = answer.body.map(|body| {
            let shape = shape(body.example.as_ref().unwrap_or(&Value::Null));
            Body { shape, ..body }
        });
        Self { body, ..answer }
    }

    /// The same, and one for each other media type that it may have.
    pub(crate) fn also_as(self, media_types: &[&str]) -> Vec<Self> {
        let other = |media_type: &&str| {
            let body = self.body.clone().map(|body| Body { media_type: (*media_type).to_owned(), ..body });
            Self { body, ..self.clone() }
        };
        let others: Vec<Self> = media_types.iter().map(other).collect();
        [self].into_iter().chain(others).collect()
    }
}

impl Description {
    /// A route without a body or a query.
    pub(crate) const fn new(operation: &'static str, summary: &'static str, answers: Vec<Answer>) -> Self {
        Self { operation, summary, request: None, query: Vec::new(), headers: Vec::new(), answers }
    }

    /// The same with an example of the body, and what every body must look like.
    pub(crate) fn taking(self, example: Value, shape: impl Into<RequestShape>) -> Self {
        Self { request: Some(Request { example, shape: shape.into() }), ..self }
    }

    /// The same where the body has a new password.
    pub(crate) fn taking_password(self, example: Value, shape: fn(PasswordRules) -> Shape) -> Self {
        self.taking(example, RequestShape::WithPassword(shape))
    }

    /// The same with what the query may have.
    pub(crate) fn filtered_by(self, query: impl IntoIterator<Item = Parameter>) -> Self {
        Self { query: query.into_iter().collect(), ..self }
    }

    /// The same with a header that is listened to.
    pub(crate) fn heeding(self, header: Parameter) -> Self {
        Self { headers: vec![header], ..self }
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
    pub(crate) fn item(self, place: &Place<'_>) -> PathItem {
        let in_path = place.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let in_path = in_path.filter_map(|name| (place.segment)(name));
        let in_path = in_path.map(|parameter| parameter.item(ParameterIn::Path, Required::True));
        let in_query = self.query.iter().map(|parameter| parameter.item(ParameterIn::Query, Required::False));
        let in_header = self.headers.iter().map(|parameter| parameter.item(ParameterIn::Header, Required::False));
        let parameters: Vec<ParameterItem> = in_path.chain(in_query).chain(in_header).collect();
        let request = self.request.map(|Request { example, shape }| {
            let shape = match shape {
                RequestShape::Fixed(shape) => *shape,
                RequestShape::WithPassword(shape) => shape(place.rules),
            };
            let required = if shape.needs_a_field() { Required::True } else { Required::False };
            let content = content(&shape, Some(example));
            RequestBodyBuilder::new().content(place.kind.request_type(), content).required(Some(required)).build()
        });
        let mut operation = OperationBuilder::new()
            .tag(place.tag)
            .operation_id(Some(self.operation))
            .summary(Some(self.summary))
            .parameters((!parameters.is_empty()).then_some(parameters))
            .request_body(request);
        if place.is_optional {
            operation = operation.security(SecurityRequirement::default());
        }
        if let Some(scheme) = place.scheme {
            operation = operation.security(SecurityRequirement::new::<_, [&str; 0], &str>(scheme, []));
        }
        let statuses: std::collections::BTreeSet<u16> = self.answers.iter().map(|answer| answer.status).collect();
        for status in statuses {
            let cases: Vec<&Answer> = self.answers.iter().filter(|answer| answer.status == status).collect();
            operation = operation.response(status.to_string(), response(&cases));
        }
        PathItemBuilder::new().operation(name_of(place.method), operation.build()).build()
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

/// The cases of a status: each media type has a content of its own, with those that have it.
fn response(cases: &[&Answer]) -> Response {
    let mut whens: Vec<&str> = Vec::new();
    for case in cases {
        if !whens.contains(&case.when) {
            whens.push(case.when);
        }
    }
    let mut response = ResponseBuilder::new().description(whens.join("; "));
    let mut media_types: Vec<&str> = Vec::new();
    for body in cases.iter().filter_map(|case| case.body.as_ref()) {
        if !media_types.contains(&body.media_type.as_str()) {
            media_types.push(&body.media_type);
            response = response.content(&body.media_type, content_of(&body.media_type, cases));
        }
    }
    response.build()
}

fn content_of(media_type: &str, cases: &[&Answer]) -> Content {
    let bodies = cases.iter().filter_map(|case| Some((case.when, case.body.as_ref()?)));
    let bodies: Vec<_> = bodies.filter(|(_, body)| body.media_type == media_type).collect();
    let shape = either(bodies.iter().map(|(_, body)| body.shape.clone()));
    match bodies.as_slice() {
        [(_, body)] => content(&shape, body.example.clone()),
        bodies => {
            let example = |(when, body): &(&str, &Body)| {
                (key_of(when), ExampleBuilder::new().summary(*when).value(body.example.clone()).build())
            };
            let examples = bodies.iter().map(example);
            ContentBuilder::new().schema(Some(shape)).examples_from_iter(examples).build()
        }
    }
}

fn content(shape: &Shape, example: Option<Value>) -> Content {
    ContentBuilder::new().schema(Some(shape.clone())).example(example).build()
}

/// What an example is called: when it comes, up to the first comma, in lower case and hyphens. Short, and the same for as
/// long as the case is.
fn key_of(when: &str) -> String {
    let begin = when.split([',', ';']).next().unwrap_or(when).to_lowercase();
    let words = begin.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::shape::{flag, list, object, required, text};

    fn case(status: u16, when: &'static str, body: Value, shape: Shape) -> Answer {
        let status = actix_web::http::StatusCode::from_u16(status).unwrap();
        Answer::of(when, HttpResponse::build(status).json(body), shape)
    }

    fn message() -> Shape {
        object([required("message", text())])
    }

    #[test]
    fn an_answer_has_the_status_the_type_and_the_body_that_are_sent() {
        let answer = case(409, "it is taken", serde_json::json!({ "message": "a" }), message());
        let body = answer.body.unwrap();
        assert_eq!((answer.status, body.media_type.as_str()), (409, "application/json"));
        assert_eq!(body.example.unwrap()["message"], "a");
    }

    #[test]
    fn cases_of_one_status_are_named_examples_and_each_has_its_schema() {
        let text = case(400, "no token, or a bad one", serde_json::json!({ "message": "a" }), message());
        let same = case(400, "`id` is no id", serde_json::json!({ "message": "b" }), message());
        let other = case(400, "both", serde_json::json!({ "errors": [] }), object([required("errors", list(flag()))]));
        let one = serde_json::to_value(response(&[&text])).unwrap();
        assert_eq!(one["content"]["application/json"]["example"]["message"], "a");
        let alike = serde_json::to_value(response(&[&text, &same])).unwrap();
        let content = &alike["content"]["application/json"];
        assert_eq!(content["examples"]["no-token"]["value"]["message"], "a");
        assert_eq!(content["examples"]["id-is-no-id"]["summary"], "`id` is no id");
        assert_eq!((&content["example"], &content["schema"]["type"]), (&Value::Null, &Value::from("object")));
        let unlike = serde_json::to_value(response(&[&text, &same, &other])).unwrap();
        assert_eq!(unlike["content"]["application/json"]["schema"]["anyOf"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn another_media_type_is_another_content_and_no_body_is_none() {
        let picture = HttpResponse::Ok().content_type("image/jpeg").finish();
        let both = Answer::of("the picture", picture, super::super::shape::bytes()).also_as(&["image/png"]);
        let both = serde_json::to_value(response(&both.iter().collect::<Vec<_>>())).unwrap();
        assert_eq!(both["content"].as_object().unwrap().len(), 2);
        assert_eq!(both["description"], "the picture");
        let none = Answer::of("known", HttpResponse::NotModified().finish(), message());
        assert_eq!(serde_json::to_value(response(&[&none])).unwrap().get("content"), None);
    }
}
