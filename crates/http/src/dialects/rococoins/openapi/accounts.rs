//! Accounts and signing in.

use serde_json::json;
use vestibule_domain::Username;

use super::{bad, done, good, groups, of_user, refused, shapes, shown, user, user_with_code};
use crate::{
    dialects::rococoins::{
        errors::Failure,
        requests::{AdminUpdate, Create, Login, MAX_LIMIT, Paging, Update},
        responses::{SignedIn, Success},
    },
    shared::{
        describe::{Answer, Description, Parameter},
        shape::{count, either, list, new_email, new_password, new_username, object, one_of, optional, required, text},
    },
};

pub(crate) fn register_with_password() -> Description {
    let mut body = groups();
    body["personal"] = json!({ "username": "alice", "email": "alice@example.com", "password": "correct horse" });
    let mut wrong = body.clone();
    wrong["company"]["dateOfIncorperation"] = "x".into();
    let mut short = body.clone();
    short["personal"]["password"] = "x".into();
    let answers = vec![
        shown(&Success::CREATED, user(), shapes::user()),
        refused::<Create>("a required field is missing", json!({ "personal": { "username": "alice" } })),
        refused::<Create>("a value that is none", wrong),
        refused::<Create>("the password is too short or too long", short),
        bad("the user name or the address is taken", &Failure::USER_EXISTS),
    ];
    let summary = "Make an account that is usable at once; the groups of the dossier may be left out";
    Description::new("rococoins_create", summary, answers).taking_password(body, |rules| {
        let personal = shapes::personal([
            required("username", new_username(Username::MIN_CHARS)),
            required("email", new_email()),
            required("password", new_password(rules)),
        ]);
        object([required("personal", personal)].into_iter().chain(shapes::groups()))
    })
}

pub(crate) fn sign_in_with_password() -> Description {
    let answers = vec![
        good("signed in", SignedIn { success: true, token: "<jwt>".to_owned() }, shapes::signed_in()),
        refused::<Login>("both identifiers", json!({ "email": "a@example.com", "username": "a", "password": "x" })),
        bad("unknown, wrong or missing", &Failure::INVALID_CREDENTIALS),
    ];
    Description::new("rococoins_login", "Sign in by address or user name", answers).taking(
        json!({ "email": "alice@example.com", "password": "correct horse" }),
        either(["email", "username"].map(|name| object([required(name, text()), required("password", text())]))),
    )
}

pub(crate) fn verify() -> Description {
    Description::new(
        "rococoins_verify",
        "Show the account of a token",
        vec![good("the account", user(), shapes::user())],
    )
}

pub(crate) fn list_users() -> Description {
    let answers = vec![
        good("the accounts, oldest first", vec![user_with_code()], list(shapes::user_with_code())),
        bad("not a whole number within bounds", &Paging::read("limit=0", 1).err().unwrap_or(Failure::INTERNAL)),
    ];
    Description::new("rococoins_list", "List accounts, at most 200", answers).filtered_by([
        Parameter::new("limit", 200, count().at_least(1).at_most(MAX_LIMIT)),
        Parameter::new("skip", 0, count()),
    ])
}

pub(crate) fn show_user() -> Description {
    let shown = Answer::of(
        "the account, with the newest 100 entries of its chat",
        user().with_chats(&[]),
        shapes::user_with_chats(),
    );
    let answers = of_user(vec![shown]);
    Description::new("rococoins_show", "Show an account to its owner or an admin", answers)
}

pub(crate) fn edit_user() -> Description {
    let body = groups();
    let mut wrong = body.clone();
    wrong["personal"]["dateofbirth"] = "x".into();
    let answers = of_user(vec![
        shown(&Success::UPDATED, user(), shapes::user_with_code()),
        refused::<Update>("a value that is none", wrong),
        refused::<Update>("the password is too short or too long", json!({ "personal": { "password": "x" } })),
        bad("another address or password without the present one", &Failure::WRONG_PASSWORD),
        bad("the user name or the address is taken", &Failure::USER_EXISTS),
    ]);
    let summary = "Merge fields, group by group; null takes one away. `currentPassword` is needed for another \
                   `personal.email` or `personal.password`";
    Description::new("rococoins_update", summary, answers).taking_password(body, |rules| {
        let personal = shapes::personal([
            optional("username", new_username(Username::MIN_CHARS)),
            optional("email", new_email()),
            optional("password", new_password(rules).or_null()),
        ]);
        let own = [optional("personal", personal), optional("currentPassword", text().or_null())];
        object(own.into_iter().chain(shapes::groups()))
    })
}

pub(crate) fn change_user() -> Description {
    let answers = of_user(vec![
        shown(&Success::UPDATED, user_with_code(), shapes::user_with_code()),
        refused::<AdminUpdate>("nothing to change", json!({})),
        refused::<AdminUpdate>("another key, or a word that is none", json!({ "personal": {} })),
        bad("the last active root", &Failure::LAST_ADMIN),
    ]);
    let summary = "Set the status, the role and the staff's codes of an account";
    Description::new("rococoins_admin_update", summary, answers).taking(
        json!({ "status": "active", "role": "user", "code": { "rcode": "R-1" } }),
        object([
            optional("status", one_of(["active", "suspended"])),
            optional("role", one_of(["user", "admin"])),
            shapes::codes(),
        ])
        .no_fewer_than(1)
        .closed(),
    )
}

pub(crate) fn remove_user() -> Description {
    let answers = of_user(vec![done(&Success::DELETED), bad("the last active root", &Failure::LAST_ADMIN)]);
    Description::new("rococoins_delete", "Delete an account, with its chat, its documents and its codes", answers)
}
