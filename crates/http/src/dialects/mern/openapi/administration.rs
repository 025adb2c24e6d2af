//! Other accounts, for callers with rights.

use serde_json::json;

use super::{bad, full_user, good, said, shapes, unfit};
use crate::{
    dialects::mern::{
        errors::Failure,
        requests::{SORT_PATTERN, UpdateUser, UsersQuery},
        responses::{OneUser, Success, UpdatedUser, UserView, Users},
        words::{PERMISSIONS, ROLES, STATUSES, words},
    },
    shared::{
        describe::{Answer, Description, Parameter},
        shape::{Shape, count, either, flag, list, new_email, object, one_of, optional, required, text},
    },
};

pub(crate) fn search_users() -> Description {
    let unfit_filter = UsersQuery::parse("limit=x").map_or_else(Failure::from, |_| Failure::INTERNAL);
    let users = object([required("users", list(seen_user())), required("usersCount", count())]);
    let answers = vec![
        good("the users", &Users { users: vec![user()], users_count: 1 }, users),
        bad("a filter of another form", &unfit_filter),
        forbidden(),
    ];
    let summary = "List users; all filters must match, and `usersCount` counts all matches";
    Description::new("mern_users", summary, answers).filtered_by([
        Parameter::new("limit", 30, count()),
        Parameter::new("skip", 0, count()),
        Parameter::new("sort", "lastName -createdAt", text().matching(SORT_PATTERN)),
        Parameter::new("username", "alice", given()),
        Parameter::new("email", "alice@example.com", new_email()),
        Parameter::new("firstName", "Alice", given()),
        Parameter::new("lastName", "Martin", given()),
        Parameter::new("status", "active", one_of(words(STATUSES))),
        Parameter::new("role", "user", one_of(words(ROLES))),
        Parameter::new("permissions", "userRead", given()),
    ])
}

pub(crate) fn read_user() -> Description {
    let answers = vec![good("the user", &OneUser { user: user() }, object([required("user", seen_user())]))];
    Description::new("mern_user", "Show a user", answers).answering(of_every_user())
}

pub(crate) fn change_user() -> Description {
    let changed = UpdatedUser { updated_fields: vec!["status", "permissions"], user: user() };
    let shape = object([
        required("updatedFields", list(one_of(["role", "status", "permissions"]))),
        required("user", seen_user()),
    ]);
    let answers = vec![good("changed", &changed, shape), unfit::<UpdateUser>("no role", &json!({ "role": "x" }))];
    Description::new("mern_update_user", "Change a user's role, status and permissions", answers)
        .answering(of_every_user())
        .taking(
            json!({ "status": "active", "permissions": { "userRead": true } }),
            object([
                optional("role", one_of(words(ROLES))),
                optional("status", one_of(words(STATUSES))),
                optional("permissions", object(words(PERMISSIONS).map(|name| optional(name, flag())))),
            ]),
        )
}

pub(crate) fn remove_user() -> Description {
    let summary = "Remove a user for good; the last active root stays";
    Description::new("mern_delete_user", summary, vec![said(&Success::USER_REMOVED)]).answering(of_every_user())
}

/// A text that is not empty.
fn given() -> Shape {
    text().no_fewer_than(1)
}

/// An account as the caller may see it.
fn seen_user() -> Shape {
    either([shapes::full_user(), shapes::public_user()])
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
