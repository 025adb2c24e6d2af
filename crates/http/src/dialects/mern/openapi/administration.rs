//! Other accounts, for callers with rights.

use serde_json::json;

use super::{bad, full_user, good, said, unfit};
use crate::{
    dialects::mern::{
        errors::Failure,
        requests::{UpdateUser, UsersQuery},
        responses::{OneUser, Success, UpdatedUser, UserView, Users},
    },
    shared::describe::{Answer, Description},
};

pub(crate) fn search_users() -> Description {
    let unfit_filter = UsersQuery::parse("limit=x").map_or_else(Failure::from, |_| Failure::INTERNAL);
    let answers = vec![
        good("the users", &Users { users: vec![user()], users_count: 1 }),
        bad("a filter of another form", &unfit_filter),
        forbidden(),
    ];
    let summary = "List users; all filters must match, and `usersCount` counts all matches";
    Description::new("mern_users", summary, answers).filtered_by(&[
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
    ])
}

pub(crate) fn read_user() -> Description {
    let answers = vec![good("the user", &OneUser { user: user() })];
    Description::new("mern_user", "Show a user", answers).answering(of_every_user())
}

pub(crate) fn change_user() -> Description {
    let changed = UpdatedUser { updated_fields: vec!["status", "permissions"], user: user() };
    let answers = vec![good("changed", &changed), unfit::<UpdateUser>("no role", &json!({ "role": "x" }))];
    Description::new("mern_update_user", "Change a user's role, status and permissions", answers)
        .answering(of_every_user())
        .taking(json!({ "status": "active", "permissions": { "userRead": true } }))
}

pub(crate) fn remove_user() -> Description {
    let summary = "Remove a user for good; the last active root stays";
    Description::new("mern_delete_user", summary, vec![said(&Success::USER_REMOVED)]).answering(of_every_user())
}

fn user() -> UserView {
    UserView::Full(Box::new(full_user()))
}

fn of_every_user() -> [Answer; 3] {
    [forbidden(), bad("no id", &Failure::INVALID_USER_ID), bad("nobody's id", &Failure::UNKNOWN_USER_ID)]
}

fn forbidden() -> Answer {
    bad("the caller has not the right", &Failure::FORBIDDEN)
}
