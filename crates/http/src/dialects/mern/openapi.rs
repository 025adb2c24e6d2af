//! The endpoints as OpenAPI, with the examples of the document.

mod administration;
mod authentication;
mod own_account;

use serde_json::{Value, json};
use utoipa::openapi::{
    ComponentsBuilder, HttpMethod, PathsBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::shared::describe::{Answer, Endpoint, describe_all};

const TAG: &str = "mern";
const SCHEME: &str = "mern_token";
const ID: &str = "507f1f77bcf86cd799439011";

/// Adds this dialect's endpoints and its kind of token.
pub(crate) fn describe(
    prefix: &str,
    paths: PathsBuilder,
    components: ComponentsBuilder,
) -> (PathsBuilder, ComponentsBuilder) {
    let groups = [authentication::endpoints(), own_account::endpoints(), administration::endpoints()];
    let endpoints = groups.into_iter().flatten();
    let paths = describe_all(paths, &format!("{prefix}/api/"), endpoints, &of_every_endpoint());
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("The `token` of a sign-in; 60 days, or until the account ends its tokens.".to_owned());
    (paths, components.security_scheme(SCHEME, SecurityScheme::Http(bearer)))
}

/// A public endpoint with a body.
fn post(operation: &'static str, summary: &'static str, request: Value, mut answers: Vec<Answer>) -> Endpoint {
    answers.extend(of_every_body());
    answers.push(bad(429, "too many requests; `Retry-After` says when", TOO_MANY));
    Endpoint {
        method: HttpMethod::Post,
        tag: TAG,
        operation,
        summary,
        security: None,
        request: Some(request),
        query: Vec::new(),
        answers,
    }
}

/// An endpoint that asks for a token, without a body.
fn bearer(method: HttpMethod, operation: &'static str, summary: &'static str, mut answers: Vec<Answer>) -> Endpoint {
    answers.extend([
        bad(401, "no token", "No auth token"),
        bad(401, "an expired token", "jwt expired"),
        bad(401, "a token that was ended", "Invalid JWT token"),
        bad(401, "the account is disabled", "Account is disabled"),
    ]);
    Endpoint { method, tag: TAG, operation, summary, security: Some(SCHEME), request: None, query: Vec::new(), answers }
}

/// The same endpoint with a body.
fn taking(mut endpoint: Endpoint, request: Value) -> Endpoint {
    endpoint.answers.extend(of_every_body());
    Endpoint { request: Some(request), ..endpoint }
}

const TOO_MANY: &str = "Too many requests from this IP, please try again later.";

fn of_every_body() -> [Answer; 2] {
    [
        bad(400, "not valid JSON", "The body is not valid JSON"),
        bad(413, "more than 100 KiB", "request entity too large"),
    ]
}

/// Another method is no failure of its own here: nothing is found.
fn of_every_endpoint() -> [Answer; 2] {
    [
        bad(500, "something inside failed", "Internal server error"),
        bad(503, "overloaded, or the store is away; `Retry-After` says when", "Service unavailable"),
    ]
}

fn good(status: u16, when: &'static str, body: Value) -> Answer {
    Answer { status, when, body }
}

fn said(status: u16, message: &'static str) -> Answer {
    good(status, message, json!({ "message": message }))
}

fn bad(status: u16, when: &'static str, message: &'static str) -> Answer {
    Answer { status, when, body: json!({ "error": { "message": message } }) }
}

fn full_user() -> Value {
    json!({
        "id": ID, "username": "alice", "email": "alice@example.com", "status": "active",
        "firstName": "Alice", "lastName": "Martin", "role": "user",
        "permissions": {
            "userInsert": false, "userModify": false, "userRead": false,
            "postInsert": false, "postModify": false, "postRead": true,
        },
        "provider": { "local": { "userId": ID } },
        "createdAt": "2026-03-01T12:00:00.000Z", "updatedAt": "2026-03-01T12:00:00.000Z",
    })
}

fn public_user() -> Value {
    json!({
        "id": ID, "username": "alice", "firstName": "Alice", "lastName": "Martin",
        "createdAt": "2026-03-01T12:00:00.000Z",
    })
}
