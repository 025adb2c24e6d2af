//! Signing in, staying in, signing out.

use serde::Serialize;
use serde_json::json;
use vestibule_domain::Role;

use super::{EMAIL, FIRST_NAME, LAST_NAME, bad, good, lacking, said, tokens, unfit};
use crate::{
    dialects::ego::{
        errors::Failure,
        requests::{Login, RefreshToken},
        responses::{RootSession, Session, Success, Tokens},
        words,
    },
    shared::describe::Description,
};

pub(crate) fn sign_in_with_password() -> Description {
    let session = Session {
        firstname: Some(FIRST_NAME.to_owned()),
        lastname: Some(LAST_NAME.to_owned()),
        email: EMAIL.to_owned(),
        role: words::role(Role::User),
        token: tokens(),
    };
    sign_in("ego_login", "Sign in", session)
}

pub(crate) fn sign_in_as_root() -> Description {
    let session = RootSession { email: EMAIL.to_owned(), token: tokens() };
    sign_in("ego_ad_login", "Sign in as a superadmin", session)
}

fn sign_in(operation: &'static str, summary: &'static str, session: impl Serialize) -> Description {
    let body = json!({ "email": EMAIL, "password": "12345" });
    let answers = vec![
        good("signed in", session),
        lacking::<Login>("a field is missing or no text", &body, "email"),
        bad("the mailbox is not proven yet", &Failure::UNVERIFIED),
        bad("unknown address, wrong password, blocked account or too low a role", &Failure::INVALID_CREDENTIALS),
    ];
    Description::new(operation, summary, answers).taking(body)
}

pub(crate) fn use_refresh_token() -> Description {
    let body = json!({ "refreshToken": "<jwt>", "retryKey": "0b5c2f9e" });
    let answers = vec![
        good("the old one is spent", Tokens { token: tokens() }),
        lacking::<RefreshToken>("the token is missing or no text", &body, "refreshToken"),
        unfit::<RefreshToken>("the key has more than 255 characters", &body, "retryKey", "x".repeat(256)),
        bad("no refresh token, or one that has ended or was used before", &Failure::INVALID_TOKEN),
    ];
    let summary = "Trade a refresh token for new tokens, once; a retry with the same `Idempotency-Key` or `retryKey`, or \
                   without a key within 10 s, gets the same refresh token again";
    Description::new("ego_refresh_token", summary, answers).taking(body)
}

pub(crate) fn sign_out() -> Description {
    Description::new("ego_logout", "End every session of the account", vec![said(&Success::SIGNED_OUT)])
}
