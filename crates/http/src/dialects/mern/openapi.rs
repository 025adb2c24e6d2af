//! The routes as OpenAPI: each example is an answer that is sent, with the values of the document.

pub(super) mod administration;
pub(super) mod authentication;
pub(super) mod own_account;
mod shapes;

use serde::Serialize;
use serde_json::Value;
use vestibule_domain::{AccountStatus, Role};

use super::{
    errors::Failure,
    requests::{self, Request},
    responses::{self, FreshToken, FullUser, Permissions, ProviderEntry, Providers, PublicUser, Success},
    words,
};
use crate::shared::{
    chapter::{Chapter, Token},
    describe::{Answer, Parameter},
    routes::Access,
    shape::{Shape, any_id, text},
};

const ID: &str = "507f1f77bcf86cd799439011";
const AT: &str = "2026-03-01T12:00:00.000Z";

/// The dialect's part of the document.
pub(super) const CHAPTER: Chapter = Chapter {
    token: Some(Token {
        scheme: "mern_token",
        told: "The `token` of a sign-in; 60 days, or until the account ends its tokens.",
    }),
    common,
    segment,
};

fn segment(name: &str) -> Option<Parameter> {
    match name {
        "userId" => Some(Parameter::new("userId", ID, any_id())),
        "token" => Some(Parameter::new("token", "<the token of the mailed link>", text().no_fewer_than(1))),
        _ => None,
    }
}

/// Another method is no failure of its own here: nothing is found.
fn common(access: Access, takes_body: bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    if access.needs_token() {
        answers.extend([
            bad("no token", &Failure::NO_TOKEN),
            bad("an expired token", &Failure::TOKEN_EXPIRED),
            bad("a token that was ended", &Failure::REVOKED),
            bad("the account is gone, disabled or to be proven", &Failure::DISABLED),
        ]);
    }
    if takes_body {
        answers.extend([
            bad("not valid JSON", &Failure::INVALID_JSON),
            bad("more than 100 KiB", &Failure::BODY_TOO_LARGE),
            bad("in another charset than UTF-8, or encoded", &Failure::unsupported_charset("UTF-16")),
        ]);
        if !access.needs_token() {
            answers.push(too_many());
        }
    }
    answers.extend([
        bad("something inside failed", &Failure::INTERNAL),
        bad("overloaded, or the store is away; `Retry-After` says when", &Failure::UNAVAILABLE),
    ]);
    answers
}

fn too_many() -> Answer {
    bad("too many requests; `Retry-After` says when", &Failure::TOO_MANY_REQUESTS)
}

fn good(when: &'static str, body: &impl Serialize, shape: Shape) -> Answer {
    Answer::of(when, responses::ok(body), shape)
}

fn said(success: &Success) -> Answer {
    Answer::of(success.message, success.response(), shapes::message())
}

fn bad(when: &'static str, failure: &Failure) -> Answer {
    Answer::of(when, failure.response(), shapes::failure())
}

/// A refusal of the fields of a body.
fn unfit<R: Request>(when: &'static str, body: &Value) -> Answer {
    bad(when, &requests::refusal::<R>(body.as_object().cloned().unwrap_or_default()))
}

fn fresh_token() -> FreshToken {
    FreshToken { token: "<jwt>".to_owned(), expires_at: 1_777_550_400 }
}

fn full_user() -> FullUser {
    let PublicUser { id, username, first_name, last_name, created_at } = public_user();
    FullUser {
        id,
        username,
        email: "alice@example.com".to_owned(),
        status: words::status(AccountStatus::Active),
        first_name,
        last_name,
        role: words::role(Role::User),
        permissions: Permissions {
            user_insert: false,
            user_modify: false,
            user_read: false,
            post_insert: false,
            post_modify: false,
            post_read: true,
        },
        provider: Providers {
            local: Some(ProviderEntry { user_id: ID.to_owned(), picture: None }),
            ..Providers::default()
        },
        created_at,
        updated_at: AT.to_owned(),
    }
}

fn public_user() -> PublicUser {
    PublicUser {
        id: ID.to_owned(),
        username: Some("alice".to_owned()),
        first_name: Some("Alice".to_owned()),
        last_name: Some("Martin".to_owned()),
        created_at: AT.to_owned(),
    }
}
