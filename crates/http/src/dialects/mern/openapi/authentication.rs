//! Signing up and in, links and tokens.

use serde_json::{Value, json};
use vestibule_application::CredentialRejection;
use vestibule_domain::Provider;

use super::{bad, fresh_token, full_user, good, said, shapes, too_many, unfit};
use crate::{
    dialects::mern::{
        errors::Failure,
        requests::{SignIn, SignUp, USERNAME_MIN, VerifyToken},
        responses::{self, CheckedToken, Session, Success},
        words::{LINK_PURPOSES, words},
    },
    shared::{
        describe::{Answer, Description},
        shape::{
            Shape, either, exactly, flag, new_email, new_password, new_username, object, one_of, optional, required,
            text,
        },
    },
};

pub(crate) fn alive() -> Description {
    let answers =
        vec![Answer::of("the server is there", responses::alive(), object([required("status", exactly("pass"))]))];
    Description::new("mern_alive", "Tell that the server is there", answers)
}

pub(crate) fn register_with_password() -> Description {
    let answers = vec![
        said(&Success::REGISTERED),
        said(&Success::REGISTERED_UNPROVEN),
        unfit::<SignUp>("a field is missing, of another form, or unknown", &json!({})),
        bad("the address is taken", &Failure::EMAIL_TAKEN),
        bad("the user name is taken", &Failure::USERNAME_TAKEN),
    ];
    Description::new("mern_signup", "Make an account", answers).taking_password(
        json!({
            "username": "alice", "email": "alice@example.com", "password": "correct horse",
            "firstName": "Alice", "lastName": "Martin",
        }),
        |rules| {
            let own = [required("username", new_username(USERNAME_MIN)), required("email", new_email())];
            object(own.into_iter().chain([required("password", new_password(rules))]).chain(shapes::names())).closed()
        },
    )
}

pub(crate) fn sign_in_with_password() -> Description {
    let answers = vec![
        signed_in("local"),
        unfit::<SignIn>("neither", &json!({ "password": "correct horse" })),
        bad("no such account, or one without a password", &Failure::UNKNOWN_ACCOUNT),
        bad("another password", &Failure::WRONG_PASSWORD),
        bad("a disabled account", &Failure::DISABLED),
        bad("an account whose mailbox is to be proven", &Failure::UNVERIFIED),
    ];
    let summary = "Sign in with exactly one of `username` and `email`, and the password";
    Description::new("mern_signin", summary, answers).taking(
        json!({ "username": "alice", "password": "correct horse" }),
        either(
            [required("username", new_username(USERNAME_MIN)), required("email", new_email())]
                .map(|identifier| object([identifier, required("password", given())]).closed()),
        ),
    )
}

pub(crate) fn sign_in_with_google() -> Description {
    let summary = "Sign in with an ID token of Google; there only if configured";
    social("mern_google", summary, Provider::Google)
        .taking(json!({ "idToken": "<jwt>" }), object([required("idToken", given())]).closed())
}

pub(crate) fn sign_in_with_facebook() -> Description {
    let summary = "Sign in with an access token of Facebook; there only if configured";
    social("mern_facebook", summary, Provider::Facebook).taking(
        json!({ "accessToken": "<token>" }),
        object([required("accessToken", given()), optional("refreshToken", given())]).closed(),
    )
}

pub(crate) fn sign_in_with_apple() -> Description {
    let summary = "Sign in with a code of Apple; there only if configured";
    let body: Value = json!({ "code": "<code>", "user": { "name": { "firstName": "Alice", "lastName": "Martin" } } });
    let name = object(["firstName", "lastName"].map(|name| optional(name, given().or_null())));
    let shape = object([required("code", text().matching(r"\S")), optional("user", object([optional("name", name)]))]);
    social("mern_apple", summary, Provider::Apple).taking(body, shape)
}

fn social(operation: &'static str, summary: &'static str, provider: Provider) -> Description {
    let answers = vec![
        signed_in(provider.as_str()),
        bad("a credential that is of no use", &Failure::of_credential(&CredentialRejection::Malformed, provider)),
        bad("a new identity whose address the provider does not vouch for", &Failure::UNVERIFIED),
        bad("a disabled account", &Failure::DISABLED),
        bad("not configured", &Failure::NOT_FOUND),
        bad("the provider does not answer; `Retry-After` says when", &Failure::PROVIDER_UNAVAILABLE),
    ];
    Description::new(operation, summary, answers)
}

fn signed_in(signed_in_with: &'static str) -> Answer {
    good("signed in", &Session { token: fresh_token(), signed_in_with, user: full_user() }, shapes::session())
}

pub(crate) fn send_link() -> Description {
    let answers = vec![
        said(&Success::VERIFICATION_SENT),
        said(&Success::RESET_SENT),
        bad("nobody's address", &Failure::UNKNOWN_EMAIL),
        bad("nothing to verify", &Failure::ALREADY_VERIFIED),
        bad("verification is switched off", &Failure::VERIFY_EMAIL_OFF),
        bad("resets are switched off", &Failure::RESET_PASSWORD_OFF),
    ];
    let summary = "Mail a link; `tokenPurpose` is `verify-email` or `reset-password`";
    Description::new("mern_send_token", summary, answers).taking(
        json!({ "email": "alice@example.com", "tokenPurpose": "reset-password" }),
        object([required("email", new_email()), required("tokenPurpose", one_of(words(LINK_PURPOSES)))]).closed(),
    )
}

pub(crate) fn verify_email_by_link() -> Description {
    let answers = vec![
        said(&Success::EMAIL_VERIFIED),
        bad("used, expired or unknown", &Failure::LINK_EXPIRED),
        bad("another password; the token still works", &Failure::LINK_PASSWORD),
        bad("verification is switched off", &Failure::VERIFY_EMAIL_OFF),
    ];
    let summary = "Prove the mailbox by the token of a mailed link and the password";
    Description::new("mern_verify_email", summary, answers)
        .taking(json!({ "password": "correct horse" }), object([required("password", given())]).closed())
}

pub(crate) fn reset_password_by_link() -> Description {
    let answers = vec![
        said(&Success::PASSWORD_RESET),
        bad("used, expired, unknown or another's", &Failure::LINK_EXPIRED),
        bad("resets are switched off", &Failure::RESET_PASSWORD_OFF),
    ];
    let summary = "Set a new password by the token of a mailed link; every earlier token ends";
    Description::new("mern_reset_password", summary, answers)
        .taking_password(json!({ "email": "alice@example.com", "password": "battery staple" }), |rules| {
            object([required("email", new_email()), required("password", new_password(rules))]).closed()
        })
}

pub(crate) fn authenticate() -> Description {
    let answers = vec![
        good("a good token", &CheckedToken::new(Some(fresh_token()), Some(full_user())), shapes::checked_token()),
        unfit::<VerifyToken>("an unknown field", &json!({ "x": 1 })),
        too_many(),
    ];
    let summary = "Check the token; with `refreshToken` another one comes, with `refreshUser` the account";
    Description::new("mern_verify_jwt_token", summary, answers).taking(
        json!({ "refreshToken": true, "refreshUser": true }),
        object(["refreshToken", "refreshUser"].map(|name| optional(name, flag()))).closed(),
    )
}

pub(crate) fn end_own_tokens() -> Description {
    let summary = "End every token of the account, this one too";
    Description::new("mern_invalidate_all_jwt_tokens", summary, vec![said(&Success::TOKENS_ENDED), too_many()])
}

/// A text that is not empty.
fn given() -> Shape {
    text().no_fewer_than(1)
}
