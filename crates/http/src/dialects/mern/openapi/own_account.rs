//! One's own profile, and anybody's public one.

use serde_json::json;
use utoipa::openapi::HttpMethod;

use super::{bad, bearer, full_user, good, public_user, taking};
use crate::shared::describe::Endpoint;

pub(super) fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![
        ("profiles", show()),
        ("profiles", update()),
        ("profiles/password", change_password()),
        ("profiles/{userId}", show_public()),
    ]
}

fn show() -> Endpoint {
    let body = json!({ "profile": full_user() });
    bearer(HttpMethod::Get, "mern_profile", "Show one's own account", vec![good(200, "the account", body)])
}

fn update() -> Endpoint {
    let endpoint = bearer(
        HttpMethod::Put,
        "mern_update_profile",
        "Change one's name; other fields are dropped, and an empty body answers without `user`",
        vec![
            good(200, "changed", json!({ "user": full_user(), "updatedFields": ["firstName"] })),
            bad(400, "a name that is none", "\"firstName\" is not allowed to be empty"),
        ],
    );
    taking(endpoint, json!({ "firstName": "Alice" }))
}

fn change_password() -> Endpoint {
    let endpoint = bearer(
        HttpMethod::Put,
        "mern_change_password",
        "Change one's password; every earlier token ends, and a new one comes",
        vec![
            good(200, "changed", json!({ "token": "<jwt>", "expiresAt": 1_777_550_400 })),
            bad(400, "missing", "Current Password is required"),
            bad(403, "signed in through a provider", "Cannot change the password of OAuth account"),
            bad(422, "the same", "New password is the same as current password"),
            bad(422, "another password", "Current password is incorrect"),
        ],
    );
    taking(endpoint, json!({ "currentPassword": "correct horse", "password": "battery staple" }))
}

fn show_public() -> Endpoint {
    Endpoint {
        security: None,
        answers: vec![
            good(200, "the public part", json!({ "profile": public_user() })),
            bad(422, "no id", "Invalid user ID"),
            bad(422, "nobody's id", "User ID does not exist"),
        ],
        ..bearer(HttpMethod::Get, "mern_public_profile", "Show what everybody may see of an account", Vec::new())
    }
}
