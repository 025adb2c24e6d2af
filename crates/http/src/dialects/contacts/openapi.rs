//! The routes as OpenAPI: each example is an answer that is sent, with the values of the document.

use serde::Serialize;
use serde_json::json;

use vestibule_domain::{FullName, PasswordRules};

use super::{
    errors::Failure,
    mapping::MAX_IDENTIFIERS,
    responses::{CurrentUser, RegisteredUser, RegisteredUsers, ResetToken, Success, UserWithToken},
};
use crate::shared::{
    chapter::{Chapter, Token},
    describe::{Answer, Description},
    routes::Access,
    shape::{Shape, code, email, exactly, id, line, list, new_email, new_password, null, object, required, text},
};

const ID: &str = "507f1f77bcf86cd799439011";

/// The dialect's part of the document.
pub(super) const CHAPTER: Chapter = Chapter {
    token: Some(Token { scheme: "contacts_access_token", told: "The `token` of register or login; 30 days." }),
    common,
    segment: |_| None,
};

fn common(access: Access, takes_body: bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    if access.needs_token() {
        answers.extend([
            bad("no token, or an invalid, expired or revoked one", &Failure::NO_TOKEN),
            bad("the account is gone", &Failure::USER_NOT_FOUND),
        ]);
    }
    if takes_body {
        answers.extend([
            bad("not a JSON object", &Failure::INVALID_BODY),
            bad("more than 100 KiB", &Failure::BODY_TOO_LARGE),
            bad("in UTF-16 or UTF-32", &Failure::UNSUPPORTED_CHARSET),
            bad("too many requests; `Retry-After` says when", &Failure::TOO_MANY_REQUESTS),
        ]);
    }
    answers.extend([
        bad("another method; `Allow` names the right ones", &Failure::METHOD_NOT_ALLOWED),
        bad("something inside failed", &Failure::INTERNAL),
        bad("overloaded, or the store is away; `Retry-After` says when", &Failure::UNAVAILABLE),
    ]);
    answers
}

pub(super) fn register_with_password() -> Description {
    let answers = vec![
        good(Success::REGISTERED, user_with_token(), user("_id", true)),
        bad("a field is missing, empty or not a string", &Failure::MISSING_FIELDS),
        bad("the name is too long", &Failure::UNFIT_NAME),
        bad("not an address", &Failure::INVALID_EMAIL),
        bad("the password is too short or too long", &Failure::UNFIT_PASSWORD),
        bad("the password has few characters and too many bytes", &Failure::LONG_PASSWORD),
        bad("the password has a NUL", &Failure::NUL_IN_PASSWORD),
        bad("the address is taken", &Failure::USER_EXISTS),
    ];
    Description::new("contacts_register", "Make an account that is usable at once", answers).taking_password(
        json!({ "fullName": "Alice Martin", "email": "alice@example.com", "password": "correct horse" }),
        |rules: PasswordRules| {
            object([
                required("fullName", line(FullName::MAX_CHARS)),
                required("email", new_email()),
                required("password", new_password(rules)),
            ])
        },
    )
}

pub(super) fn sign_in_with_password() -> Description {
    let answers = vec![
        good(Success::SIGNED_IN, user_with_token(), user("_id", true)),
        bad("unknown address, wrong password or a missing field", &Failure::INVALID_CREDENTIALS),
    ];
    Description::new("contacts_login", "Sign in", answers).taking(
        json!({ "email": "alice@example.com", "password": "correct horse" }),
        object([required("email", written()), required("password", text().no_fewer_than(1))]),
    )
}

pub(super) fn authenticate() -> Description {
    let UserWithToken { id, full_name, email, .. } = user_with_token();
    let answers = vec![good(Success::CURRENT_USER, CurrentUser { id, full_name, email }, user("id", false))];
    Description::new("contacts_me", "Show the signed-in account", answers)
}

pub(super) fn request_password_reset() -> Description {
    let answers = vec![done(Success::OTP_SENT), bad("the address is missing", &Failure::MISSING_FIELDS)];
    let summary = "Mail a code to set a new password; the answer is the same for an unknown address";
    Description::new("contacts_forgot_password", summary, answers)
        .taking(json!({ "email": "alice@example.com" }), object([required("email", written())]))
}

pub(super) fn verify_password_reset_code() -> Description {
    let answers = vec![
        good(Success::OTP_VERIFIED, ResetToken::new("<jwt>".to_owned()), object([required("resetToken", text())])),
        bad("wrong, used, expired, tried too often or missing", &Failure::INVALID_OTP),
    ];
    Description::new("contacts_verify_otp", "Trade the mailed code for a reset token of 15 minutes", answers).taking(
        json!({ "email": "alice@example.com", "otp": "042137" }),
        object([required("email", new_email()), required("otp", code("[0-9]"))]),
    )
}

pub(super) fn complete_password_reset() -> Description {
    let answers = vec![
        done(Success::PASSWORD_RESET),
        bad("bad, used or expired token", &Failure::INVALID_RESET_TOKEN),
        bad("the password is missing", &Failure::MISSING_FIELDS),
        bad("the password is too short or too long", &Failure::UNFIT_PASSWORD),
        bad("the password has few characters and too many bytes", &Failure::LONG_PASSWORD),
        bad("the password has a NUL", &Failure::NUL_IN_PASSWORD),
    ];
    Description::new("contacts_reset_password", "Set the new password; earlier tokens end", answers)
        .taking_password(json!({ "resetToken": "<jwt>", "newPassword": "battery staple" }), |rules: PasswordRules| {
            object([required("resetToken", text()), required("newPassword", new_password(rules))])
        })
}

pub(super) fn find_registered() -> Description {
    let UserWithToken { id, full_name, email, .. } = user_with_token();
    let registered_users = vec![RegisteredUser { identifier: email, user_id: id, full_name }];
    let answers = vec![
        good(Success::REGISTERED_USERS, RegisteredUsers { registered_users }, registered()),
        bad("not an array of strings, or an empty one", &Failure::NO_IDENTIFIERS),
        bad("more than 500", &Failure::TOO_MANY_IDENTIFIERS),
    ];
    let summary = "Tell which of these addresses have an account; at most 500";
    Description::new("contacts_check_registered", summary, answers).taking(
        json!({ "identifiers": ["alice@example.com", "nobody@example.com"] }),
        object([required("identifiers", list(text()).of(1..=MAX_IDENTIFIERS))]),
    )
}

fn good(success: Success, data: impl Serialize, shape: Shape) -> Answer {
    Answer::of(success.message, success.with(data), envelope(exactly(true), shape))
}

fn done(success: Success) -> Answer {
    Answer::of(success.message, success.response(), envelope(exactly(true), null()))
}

fn bad(when: &'static str, failure: &Failure) -> Answer {
    Answer::of(when, failure.response(), envelope(exactly(false), null()))
}

fn envelope(status: Shape, data: Shape) -> Shape {
    object([required("status", status), required("message", text()), required("data", data)])
}

/// A text that is looked up; it need be no address.
fn written() -> Shape {
    text().matching(r"\S")
}

/// An account, whose id has two names. Another dialect may have made it, without a name.
fn user(id_name: &'static str, has_token: bool) -> Shape {
    let mut fields = vec![required(id_name, id()), required("fullName", text()), required("email", email())];
    if has_token {
        fields.push(required("token", text()));
    }
    object(fields)
}

fn registered() -> Shape {
    let user = object([required("identifier", text()), required("userId", id()), required("fullName", text())]);
    object([required("registeredUsers", list(user).no_more_than(MAX_IDENTIFIERS))])
}

fn user_with_token() -> UserWithToken {
    UserWithToken {
        id: ID.to_owned(),
        full_name: "Alice Martin".to_owned(),
        email: "alice@example.com".to_owned(),
        token: "<jwt>".to_owned(),
    }
}
