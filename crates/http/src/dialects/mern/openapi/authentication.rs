//! Signing up and in, links and tokens.

use serde_json::{Value, json};
use utoipa::openapi::HttpMethod;

use super::{bad, bearer, full_user, good, post, said, taking};
use crate::shared::describe::{Answer, Endpoint};

pub(super) fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![
        ("alive", alive()),
        ("auth/signup", sign_up()),
        ("auth/signin", sign_in()),
        ("auth/google", google()),
        ("auth/facebook", facebook()),
        ("auth/apple", apple()),
        ("auth/send-token", send_token()),
        ("auth/verify-email/{token}", verify_email()),
        ("auth/reset-password/{token}", reset_password()),
        ("auth/verify-jwt-token", verify_jwt_token()),
        ("auth/invalidate-all-jwt-tokens", invalidate_all_jwt_tokens()),
    ]
}

fn alive() -> Endpoint {
    Endpoint {
        security: None,
        answers: vec![good(200, "the server is there", json!({ "status": "pass" }))],
        ..bearer(HttpMethod::Get, "mern_alive", "Tell that the server is there", Vec::new())
    }
}

fn sign_up() -> Endpoint {
    post(
        "mern_signup",
        "Make an account",
        json!({
            "username": "alice", "email": "alice@example.com", "password": "correct horse",
            "firstName": "Alice", "lastName": "Martin",
        }),
        vec![
            said(201, "Your account has been created successfully"),
            said(201, "A verification email has been sent to your email"),
            bad(400, "a field is missing, of another form, or unknown", "Username is required"),
            bad(422, "the address is taken", "Email is already in use"),
            bad(422, "the user name is taken", "Username is already in use"),
        ],
    )
}

fn sign_in() -> Endpoint {
    post(
        "mern_signin",
        "Sign in with exactly one of `username` and `email`, and the password",
        json!({ "username": "alice", "password": "correct horse" }),
        vec![
            session("local"),
            bad(400, "neither", "Either username or email must be provided"),
            bad(401, "no such account, or one without a password", "Username or email does not exist"),
            bad(401, "another password", "Password is incorrect"),
            bad(401, "a disabled account", "Account is disabled"),
            bad(401, "an account whose mailbox is to be proven", "Email is not verified"),
        ],
    )
}

fn google() -> Endpoint {
    post(
        "mern_google",
        "Sign in with an ID token of Google; there only if configured",
        json!({ "idToken": "<jwt>" }),
        social("google", "malformed idToken"),
    )
}

fn facebook() -> Endpoint {
    post(
        "mern_facebook",
        "Sign in with an access token of Facebook; there only if configured",
        json!({ "accessToken": "<token>" }),
        social("facebook", "Failed to fetch user profile"),
    )
}

fn apple() -> Endpoint {
    post(
        "mern_apple",
        "Sign in with a code of Apple; there only if configured",
        json!({ "code": "<code>", "user": { "name": { "firstName": "Alice", "lastName": "Martin" } } }),
        social("apple", "Failed to obtain access token"),
    )
}

fn social(provider: &'static str, refusal: &'static str) -> Vec<Answer> {
    vec![
        session(provider),
        bad(401, "a credential that is of no use", refusal),
        bad(401, "a new identity whose address the provider does not vouch for", "Email is not verified"),
        bad(401, "a disabled account", "Account is disabled"),
        bad(404, "not configured", "Not Found"),
        bad(503, "the provider does not answer; `Retry-After` says when", "Sign-in provider is unavailable"),
    ]
}

fn send_token() -> Endpoint {
    post(
        "mern_send_token",
        "Mail a link; `tokenPurpose` is `verify-email` or `reset-password`",
        json!({ "email": "alice@example.com", "tokenPurpose": "reset-password" }),
        vec![
            said(200, "A verification email has been sent to your email"),
            said(200, "A password-reset email has been sent to your email"),
            bad(422, "nobody's address", "Email not associated with any acount"),
            bad(422, "nothing to verify", "Email already verified"),
            bad(422, "verification is switched off", "Email verification functionality is not available"),
            bad(422, "resets are switched off", "Password reset functionality is not available"),
        ],
    )
}

fn verify_email() -> Endpoint {
    post(
        "mern_verify_email",
        "Prove the mailbox by the token of a mailed link and the password",
        json!({ "password": "correct horse" }),
        vec![
            said(200, "Email verified"),
            bad(422, "used, expired or unknown", "Token expired"),
            bad(422, "another password; the token still works", "Password is incorrect"),
        ],
    )
}

fn reset_password() -> Endpoint {
    post(
        "mern_reset_password",
        "Set a new password by the token of a mailed link; every earlier token ends",
        json!({ "email": "alice@example.com", "password": "battery staple" }),
        vec![said(200, "Password reset"), bad(422, "used, expired, unknown or another's", "Token expired")],
    )
}

fn verify_jwt_token() -> Endpoint {
    let whole = json!({
        "message": "JWT token is valid", "token": "<jwt>", "expiresAt": 1_777_550_400, "user": full_user(),
    });
    let endpoint = bearer(
        HttpMethod::Post,
        "mern_verify_jwt_token",
        "Check the token; with `refreshToken` another one comes, with `refreshUser` the account",
        vec![good(200, "a good token", whole), bad(400, "an unknown field", "\"x\" is not allowed")],
    );
    taking(endpoint, json!({ "refreshToken": true, "refreshUser": true }))
}

fn invalidate_all_jwt_tokens() -> Endpoint {
    bearer(
        HttpMethod::Post,
        "mern_invalidate_all_jwt_tokens",
        "End every token of the account, this one too",
        vec![said(200, "All JWT tokens have been invalidated")],
    )
}

fn session(with: &'static str) -> Answer {
    let body: Value =
        json!({ "token": "<jwt>", "expiresAt": 1_777_550_400, "signedInWith": with, "user": full_user() });
    good(200, "signed in", body)
}
