//! The routes as OpenAPI: each example is an answer that is sent, with the values of the document.

pub(super) mod accounts;
pub(super) mod chat;
pub(super) mod codes;
pub(super) mod documents;
mod shapes;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    errors::Failure,
    requests::{self, Request},
    responses::{self, Success, User},
    words,
};
use crate::shared::{
    chapter::{Chapter, Token},
    describe::{Answer, Parameter},
    routes::Access,
    shape::{Shape, any_id, one_of},
};

const ID: &str = "65b2f0000000000000000001";

/// The dialect's part of the document.
pub(super) const CHAPTER: Chapter = Chapter {
    token: Some(Token { scheme: "rococoins_token", told: "The `token` of a login; 1 hour." }),
    common,
    segment,
};

fn segment(name: &str) -> Option<Parameter> {
    match name {
        "id" => Some(Parameter::new("id", ID, any_id())),
        "field" => Some(Parameter::new("field", "taxId", one_of(words::DOCUMENTS.map(|(name, _)| name)))),
        _ => None,
    }
}

fn common(access: Access, takes_body: bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    if access.needs_token() {
        answers.extend([
            bad("no token", &Failure::NO_TOKEN),
            bad("an invalid, expired or revoked token, or a suspended account", &Failure::INVALID_TOKEN),
        ]);
    }
    match access {
        Access::Owner => answers.push(bad("the account is another one, and the caller no admin", &Failure::FORBIDDEN)),
        Access::Privileged => answers.push(bad("the caller is no admin", &Failure::FORBIDDEN)),
        // Nobody is permitted anything singly here.
        Access::Public | Access::Optional | Access::Bearer | Access::Permitted(_) | Access::PermittedOrAnonymous(_) => {
        }
    }
    if takes_body {
        answers.extend([
            bad("not a JSON object", &Failure::INVALID_BODY),
            bad("more than 100 KiB", &Failure::TOO_LARGE),
            bad("another content type", &Failure::UNSUPPORTED_TYPE),
            bad("too many requests; `Retry-After` says when", &Failure::TOO_MANY_REQUESTS),
        ]);
    }
    answers.extend([
        bad("another method; `Allow` names the right ones", &Failure::METHOD_NOT_ALLOWED),
        bad("something inside failed", &Failure::INTERNAL),
        bad("overloaded, or the store is unreachable; `Retry-After` says when", &Failure::UNAVAILABLE),
    ]);
    answers
}

fn good(when: &'static str, body: impl Serialize, shape: Shape) -> Answer {
    Answer::of(when, responses::ok(body), shape)
}

fn done(success: &Success) -> Answer {
    Answer::of(success.message, success.response(), shapes::envelope(true))
}

fn shown(success: &Success, user: User, shape: Shape) -> Answer {
    Answer::of(success.message, success.with_user(user), shapes::with_user(shape))
}

fn bad(when: &'static str, failure: &Failure) -> Answer {
    Answer::of(when, failure.response(), shapes::envelope(false))
}

/// A refusal of a body.
fn refused<R: Request>(when: &'static str, body: Value) -> Answer {
    bad(when, &requests::refusal::<R>(body))
}

/// What the paths with an id answer beside their own cases.
fn of_user(answers: Vec<Answer>) -> Vec<Answer> {
    let common =
        [bad("not 24 hexadecimal digits", &Failure::INVALID_USER_ID), bad("no such account", &Failure::USER_NOT_FOUND)];
    answers.into_iter().chain(common).collect()
}

fn groups() -> Value {
    json!({
        "personal": { "firstname": "Alice", "lastname": "Martin", "dateofbirth": "1990-05-17" },
        "contact": { "city": "NY", "phone": "0000000000" },
        "company": { "legalBussinessName": "ABC LTD" },
    })
}

fn user() -> User {
    example([])
}

/// The same as admins see it.
fn user_with_code() -> User {
    example([("code", vec![("rcode", "R-1")])])
}

fn example<const N: usize>(code: [(&'static str, Vec<(&'static str, &str)>); N]) -> User {
    let mut groups = vec![
        ("personal", vec![("username", "alice"), ("email", "alice@example.com")]),
        ("contact", vec![("phone", "0000000000"), ("city", "NY")]),
        ("company", vec![("legalBussinessName", "ABC LTD")]),
    ];
    groups.splice(1..1, code);
    User::example(ID, groups)
}
