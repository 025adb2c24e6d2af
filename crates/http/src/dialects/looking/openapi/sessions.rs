//! Signing in and out, and sessions.

use serde_json::json;
use time::Duration;

use super::{
    AT, TOKEN, bad, good, limited, of_guard, refused, shapes,
    users::{ID, USERNAME, signed_in_user},
};
use crate::{
    dialects::looking::{
        errors::Failure,
        requests::Login,
        responses::{Decoded, Refreshed, Said, Session, SignedIn},
    },
    shared::{
        describe::Description,
        shape::{object, required, text},
    },
};

pub(crate) fn sign_in_with_password() -> Description {
    let answers = vec![
        good("signed in", SignedIn::of(signed_in_user(), TOKEN.to_owned()), shapes::signed_in()),
        refused::<Login>("unknown, wrong or missing", json!({ "username": "admin" })),
    ];
    Description::new("looking_login", "Sign in by user name or address", answers).taking(
        json!({ "username": "admin", "password": "correct horse" }),
        object([required("username", text()), required("password", text())]),
    )
}

pub(crate) fn sign_out() -> Description {
    let summary = "End the session of the token; without one, or with a dead one, nothing is to be done";
    Description::new("looking_logout", summary, vec![good("signed out", Said::SIGNED_OUT, shapes::said())])
}

pub(crate) fn show() -> Description {
    let iat = AT.unix_timestamp();
    let decoded = Decoded {
        uid: Some(ID.to_owned()),
        username: Some(USERNAME.to_owned()),
        can: vec!["view".to_owned(), "edit".to_owned()],
        iat,
        exp: iat + 3_600,
    };
    let anonymous = Decoded { uid: None, username: None, can: vec!["view".to_owned()], iat, exp: iat + 3_600 };
    let answers = vec![
        good("the token of an account", Session::of(decoded), shapes::session()),
        good("an anonymous token", Session::of(anonymous), shapes::session()),
        bad("no token, or one that is no good", &Failure::NO_SESSION),
    ];
    Description::new("looking_session", "Check a token and show its claims", answers)
}

pub(crate) fn begin_anonymous() -> Description {
    let answers =
        vec![good("a token that may view", SignedIn::anonymous(TOKEN.to_owned()), shapes::anonymous()), limited()];
    Description::new("looking_anonymous", "Get a token without signing in", answers)
}

pub(crate) fn renew() -> Description {
    let shape = object([required("token", text()), required("expiresIn", text().matching("^[0-9]+[hms]$"))]);
    let mut answers = vec![good("a younger token", Refreshed::new(TOKEN.to_owned(), Duration::minutes(15)), shape)];
    answers.extend(of_guard());
    let summary = "Trade a token for a younger one of the same session, at most 24 hours after its beginning";
    Description::new("looking_refresh", summary, answers)
}
