//! The endpoints as OpenAPI, with the examples of the document.

use serde_json::{Value, json};
use utoipa::openapi::{
    ComponentsBuilder, HttpMethod, PathsBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::shared::describe::{Answer, Endpoint, describe_all};

const TAG: &str = "contacts";
const SCHEME: &str = "contacts_access_token";
const ID: &str = "507f1f77bcf86cd799439011";

/// Adds this dialect's endpoints and its kind of token.
pub(crate) fn describe(
    prefix: &str,
    paths: PathsBuilder,
    components: ComponentsBuilder,
) -> (PathsBuilder, ComponentsBuilder) {
    let paths = describe_all(paths, &format!("{prefix}/api/auth/"), endpoints(), &of_every_endpoint());
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("The `token` of register or login; 30 days.".to_owned());
    (paths, components.security_scheme(SCHEME, SecurityScheme::Http(bearer)))
}

fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![
        ("register", register()),
        ("login", login()),
        ("me", me()),
        ("forgot-password", forgot_password()),
        ("verify-otp", verify_otp()),
        ("reset-password", reset_password()),
        ("check-registered", check_registered()),
    ]
}

fn register() -> Endpoint {
    post(
        "contacts_register",
        "Make an account that is usable at once",
        json!({ "fullName": "Alice Martin", "email": "alice@example.com", "password": "correct horse" }),
        vec![
            good(201, "User registered successfully", session()),
            bad(400, "a field is missing, empty or not a string", "Please add all fields"),
            bad(400, "the name is too long", "Full name must be 1 to 100 characters"),
            bad(400, "not an address", "Invalid email"),
            bad(400, "the password is too short or too long", "Password must be 8 to 72 characters"),
            bad(400, "the address is taken", "User already exists"),
        ],
    )
}

fn login() -> Endpoint {
    post(
        "contacts_login",
        "Sign in",
        json!({ "email": "alice@example.com", "password": "correct horse" }),
        vec![
            good(200, "Login successful", session()),
            bad(401, "unknown address, wrong password or a missing field", "Invalid credentials"),
        ],
    )
}

fn me() -> Endpoint {
    let account = json!({ "id": ID, "fullName": "Alice Martin", "email": "alice@example.com" });
    Endpoint {
        method: HttpMethod::Get,
        tag: TAG,
        operation: "contacts_me",
        summary: "Show the signed-in account",
        security: Some(SCHEME),
        request: None,
        query: Vec::new(),
        answers: vec![good(200, "User data fetched successfully", account), unauthorized(), gone()],
    }
}

fn forgot_password() -> Endpoint {
    post(
        "contacts_forgot_password",
        "Mail a code to set a new password; the answer is the same for an unknown address",
        json!({ "email": "alice@example.com" }),
        vec![
            good(200, "Success, an OTP has been sent.", Value::Null),
            bad(400, "the address is missing", "Please add all fields"),
        ],
    )
}

fn verify_otp() -> Endpoint {
    post(
        "contacts_verify_otp",
        "Trade the mailed code for a reset token of 15 minutes",
        json!({ "email": "alice@example.com", "otp": "042137" }),
        vec![
            good(200, "OTP verified successfully", json!({ "resetToken": "<jwt>" })),
            bad(400, "wrong, used, expired, tried too often or missing", "Invalid or expired OTP"),
        ],
    )
}

fn reset_password() -> Endpoint {
    post(
        "contacts_reset_password",
        "Set the new password; earlier tokens end",
        json!({ "resetToken": "<jwt>", "newPassword": "battery staple" }),
        vec![
            good(200, "Password reset successfully", Value::Null),
            bad(400, "bad, used or expired token", "Invalid or expired reset token"),
            bad(400, "the password is missing", "Please add all fields"),
            bad(400, "the password is too short or too long", "Password must be 8 to 72 characters"),
        ],
    )
}

fn check_registered() -> Endpoint {
    let found = json!([{ "identifier": "alice@example.com", "userId": ID, "fullName": "Alice Martin" }]);
    let mut endpoint = post(
        "contacts_check_registered",
        "Tell which of these addresses have an account; at most 500",
        json!({ "identifiers": ["alice@example.com", "nobody@example.com"] }),
        vec![
            good(200, "Registered users fetched successfully", json!({ "registeredUsers": found })),
            bad(400, "not an array of 1 to 500 strings", "Please provide identifiers array"),
            unauthorized(),
            gone(),
        ],
    );
    endpoint.security = Some(SCHEME);
    endpoint
}

/// An endpoint with a body, which has the answers that every body can have.
fn post(operation: &'static str, summary: &'static str, request: Value, mut answers: Vec<Answer>) -> Endpoint {
    answers.extend([
        bad(400, "not a JSON object", "Invalid request body"),
        bad(413, "more than 100 KiB", "Request body too large"),
        bad(429, "too many requests; `Retry-After` says when", "Too many requests"),
    ]);
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

fn unauthorized() -> Answer {
    bad(401, "no token, or an invalid, expired or revoked one", "Not authorized, no token")
}

fn gone() -> Answer {
    bad(404, "the account is gone", "User not found")
}

fn of_every_endpoint() -> [Answer; 3] {
    [
        bad(405, "another method; `Allow` names the right ones", "Method not allowed"),
        bad(500, "something inside failed", "Internal server error"),
        bad(503, "overloaded, or the store is away; `Retry-After` says when", "Service unavailable"),
    ]
}

fn session() -> Value {
    json!({ "_id": ID, "fullName": "Alice Martin", "email": "alice@example.com", "token": "<jwt>" })
}

fn good(status: u16, message: &'static str, data: Value) -> Answer {
    let mut body = json!({ "status": true, "message": message });
    body["data"] = data;
    Answer { status, when: message, body }
}

fn bad(status: u16, when: &'static str, message: &'static str) -> Answer {
    Answer { status, when, body: json!({ "status": false, "message": message, "data": null }) }
}
