//! Signing in, staying in, signing out.

use serde_json::json;
use vestibule_domain::Role;

use super::{EMAIL, FIRST_NAME, LAST_NAME, bad, good, lacking, said, shapes, tokens, unfit};
use crate::{
    dialects::ego::{
        errors::Failure,
        requests::{Login, MAX_RETRY_KEY, RefreshToken},
        responses::{RootSession, Session, Success, Tokens},
        words,
    },
    shared::{
        describe::{Answer, Description, Parameter},
        shape::{object, optional, required, text},
    },
};

pub(crate) fn sign_in_with_password() -> Description {
    let session = Session {
        firstname: Some(FIRST_NAME.to_owned()),
        lastname: Some(LAST_NAME.to_owned()),
        email: EMAIL.to_owned(),
        role: words::role(Role::User),
        token: tokens(),
    };
    sign_in("ego_login", "Sign in", good("signed in", session, shapes::session()))
}

pub(crate) fn sign_in_as_root() -> Description {
    let session = RootSession { email: EMAIL.to_owned(), token: tokens() };
    sign_in("ego_ad_login", "Sign in as a superadmin", good("signed in", session, shapes::root_session()))
}

fn sign_in(operation: &'static str, summary: &'static str, signed_in: Answer) -> Description {
    let body = json!({ "email": EMAIL, "password": "12345" });
    let answers = vec![
        signed_in,
        lacking::<Login>("a field is missing or no text", &body, "email"),
        bad("the mailbox is not proven yet", &Failure::UNVERIFIED),
        bad("unknown address, wrong password, blocked account or too low a role", &Failure::INVALID_CREDENTIALS),
    ];
    let shape = object([required("email", text()), required("password", text())]);
    Description::new(operation, summary, answers).taking(body, shape)
}

pub(crate) fn use_refresh_token() -> Description {
    let body = json!({ "refreshToken": "<jwt>", "retryKey": "0b5c2f9e" });
    let answers = vec![
        good("the old one is spent", Tokens { token: tokens() }, object([required("token", shapes::tokens())])),
        lacking::<RefreshToken>("the token is missing or no text", &body, "refreshToken"),
        unfit::<RefreshToken>("the key has more than 255 characters", &body, "retryKey", "x".repeat(256)),
        bad("no refresh token, or one that has ended or was used before", &Failure::INVALID_TOKEN),
    ];
    let summary = "Trade a refresh token for new tokens, once; a retry with the same `Idempotency-Key` or `retryKey`, or \
                   without a key within 10 s, gets the same refresh token again";
    let key = || text().no_more_than(MAX_RETRY_KEY);
    Description::new("ego_refresh_token", summary, answers)
        .taking(body, object([required("refreshToken", text()), optional("retryKey", key().or_null())]))
        .heeding(Parameter::new("Idempotency-Key", "0b5c2f9e", key()))
}

pub(crate) fn sign_out() -> Description {
    Description::new("ego_logout", "End every session of the account", vec![said(&Success::SIGNED_OUT)])
}
