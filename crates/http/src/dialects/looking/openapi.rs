//! The routes as OpenAPI: each example is an answer that is sent, with the values of the document.

pub(super) mod places;
pub(super) mod profiles;
pub(super) mod resets;
pub(super) mod sessions;
mod shapes;
pub(super) mod users;

use serde::Serialize;
use serde_json::Value;
use time::{OffsetDateTime, macros::datetime};

use super::{
    errors::Failure,
    requests::{self, Request},
    responses,
    words::pictures,
};
use crate::shared::{
    chapter::{Chapter, Token},
    describe::{Answer, Parameter},
    routes::Access,
    shape::{Shape, any_id, count, either, exactly, one_of, text},
};

const AT: OffsetDateTime = datetime!(2024-01-15 10:30:00 UTC);
const TOKEN: &str = "<jwt>";

/// The dialect's part of the document.
pub(super) const CHAPTER: Chapter = Chapter {
    token: Some(Token {
        scheme: "looking_token",
        told: "The `token` of a sign-in or of `POST /auth/session`; 1 hour, 15 minutes from each refresh.",
    }),
    common,
    segment,
};

fn segment(name: &str) -> Option<Parameter> {
    const ID: &str = "507f1f77bcf86cd799439011";
    let number = || either([count(), exactly("null")]);
    Some(match name {
        "id" => Parameter::new("id", ID, any_id()),
        "profileId" => Parameter::new("profileId", ID, any_id()),
        "messageId" => Parameter::new("messageId", ID, any_id()),
        "token" => Parameter::new("token", "<the token of the mailed link>", text().no_fewer_than(1)),
        "limit" => Parameter::new("limit", 1_000, number()),
        "skip" => Parameter::new("skip", 0, number()),
        "min" => Parameter::new("min", 18, number()),
        "max" => Parameter::new("max", 99, number()),
        "pos" => Parameter::new("pos", "Top|Versatile", text().no_fewer_than(1)),
        "lkng" => Parameter::new("lkng", "Dates", text().no_fewer_than(1)),
        "tribes" => Parameter::new("tribes", "Geek", text().no_fewer_than(1)),
        "ethnos" => Parameter::new("ethnos", "null", text().no_fewer_than(1)),
        "folder" => Parameter::new("folder", "profile", one_of(["profile", "message"])),
        "name" => Parameter::new("name", "<as the profile has it>.jpg", text().matching(pictures::NAME_PATTERN)),
        "field" => Parameter::new("field", "location", exactly("location")),
        _ => return None,
    })
}

fn common(access: Access, takes_body: bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut guard = |refusal: Failure| {
        answers.extend(of_guard());
        answers.push(bad("the permission is missing", &refusal));
    };
    match access {
        // A route that only asks for a token may answer a bad one in its own words.
        Access::Public | Access::Optional | Access::Bearer => {}
        Access::Owner | Access::Privileged => guard(Failure::missing_super()),
        Access::Permitted(permission) | Access::PermittedOrAnonymous(permission) => guard(Failure::missing(permission)),
    }
    if takes_body {
        answers.extend([
            bad("not a JSON object", &Failure::INVALID_BODY),
            bad("more than 100 KiB", &Failure::TOO_LARGE),
            bad("in UTF-16 or UTF-32", &Failure::UNSUPPORTED_CHARSET),
            limited(),
        ]);
    }
    answers.extend([
        bad("another method; `Allow` names the right ones", &Failure::METHOD_NOT_ALLOWED),
        bad("something inside failed", &Failure::INTERNAL),
        bad("overloaded, or the store is unreachable; `Retry-After` says when", &Failure::UNAVAILABLE),
    ]);
    answers
}

/// What a bad token gets on a guarded route.
fn of_guard() -> [Answer; 5] {
    [
        bad("no token", &Failure::NO_TOKEN),
        bad("a token of another dialect or with another signature", &Failure::BAD_SIGNATURE),
        bad("no token of ours", &Failure::MALFORMED_TOKEN),
        bad("an expired token", &Failure::expired(AT)),
        bad("a revoked token", &Failure::REVOKED_TOKEN),
    ]
}

fn limited() -> Answer {
    bad("too many requests; `Retry-After` says when", &Failure::TOO_MANY_REQUESTS)
}

fn good(when: &'static str, body: impl Serialize, shape: Shape) -> Answer {
    Answer::of(when, responses::ok(body), shape)
}

fn bad(when: &'static str, failure: &Failure) -> Answer {
    Answer::shaped(when, failure.response(), shapes::failure)
}

/// A refusal of a body.
fn refused<R: Request>(when: &'static str, body: Value) -> Answer {
    bad(when, &requests::refusal::<R>(body))
}
