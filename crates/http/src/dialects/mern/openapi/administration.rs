//! Other accounts, for callers with rights.

use serde_json::json;
use utoipa::openapi::HttpMethod;

use super::{bad, bearer, full_user, good, said, taking};
use crate::shared::describe::{Answer, Endpoint};

pub(super) fn endpoints() -> Vec<(&'static str, Endpoint)> {
    vec![("users", search()), ("users/{userId}", read()), ("users/{userId}", update()), ("users/{userId}", remove())]
}

fn search() -> Endpoint {
    Endpoint {
        query: vec![
            ("limit", "30"),
            ("skip", "0"),
            ("sort", "lastName -createdAt"),
            ("username", "alice"),
            ("email", "alice@example.com"),
            ("firstName", "Alice"),
            ("lastName", "Martin"),
            ("status", "active"),
            ("role", "user"),
            ("permissions", "userRead"),
        ],
        ..bearer(
            HttpMethod::Get,
            "mern_users",
            "List users; all filters must match, and `usersCount` counts all matches",
            vec![
                good(200, "the users", json!({ "users": [full_user()], "usersCount": 1 })),
                bad(400, "a filter of another form", "\"limit\" must be a number"),
                forbidden(),
            ],
        )
    }
}

fn read() -> Endpoint {
    let mut answers = vec![good(200, "the user", json!({ "user": full_user() }))];
    answers.extend(of_every_user());
    bearer(HttpMethod::Get, "mern_user", "Show a user", answers)
}

fn update() -> Endpoint {
    let mut answers = vec![
        good(200, "changed", json!({ "updatedFields": ["status", "permissions"], "user": full_user() })),
        bad(400, "no role", "\"role\" must be one of [admin, root, user]"),
    ];
    answers.extend(of_every_user());
    let summary = "Change a user's role, status and permissions";
    let endpoint = bearer(HttpMethod::Put, "mern_update_user", summary, answers);
    taking(endpoint, json!({ "status": "active", "permissions": { "userRead": true } }))
}

fn remove() -> Endpoint {
    let mut answers = vec![said(200, "User deleted.")];
    answers.extend(of_every_user());
    let summary = "Remove a user for good; the last active root stays";
    bearer(HttpMethod::Delete, "mern_delete_user", summary, answers)
}

fn of_every_user() -> [Answer; 3] {
    [forbidden(), bad(422, "no id", "Invalid user ID"), bad(422, "nobody's id", "User ID does not exist")]
}

fn forbidden() -> Answer {
    bad(403, "the caller has not the right", "Forbidden action")
}
