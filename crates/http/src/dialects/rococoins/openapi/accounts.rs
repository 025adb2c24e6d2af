//! Accounts and signing in.

use serde_json::json;

use super::{bad, done, good, groups, of_user, refused, shown, user, user_with_code};
use crate::{
    dialects::rococoins::{
        errors::Failure,
        requests::{AdminUpdate, Create, Login, Paging, Update},
        responses::{SignedIn, Success},
    },
    shared::describe::{Answer, Description},
};

pub(crate) fn register_with_password() -> Description {
    let mut body = groups();
    body["personal"] = json!({ "username": "alice", "email": "alice@example.com", "password": "correct horse" });
    let mut wrong = body.clone();
    wrong["company"]["dateOfIncorperation"] = "x".into();
    let mut short = body.clone();
    short["personal"]["password"] = "x".into();
    let answers = vec![
        shown(&Success::CREATED, user()),
        refused::<Create>("a required field is missing", json!({ "personal": { "username": "alice" } })),
        refused::<Create>("a value that is none", wrong),
        refused::<Create>("the password is too short or too long", short),
        bad("the user name or the address is taken", &Failure::USER_EXISTS),
    ];
    let summary = "Make an account that is usable at once; the groups of the dossier may be left out";
    Description::new("rococoins_create", summary, answers).taking(body)
}

pub(crate) fn sign_in_with_password() -> Description {
    let answers = vec![
        good("signed in", SignedIn { success: true, token: "<jwt>".to_owned() }),
        refused::<Login>("both identifiers", json!({ "email": "a@example.com", "username": "a", "password": "x" })),
        bad("unknown, wrong or missing", &Failure::INVALID_CREDENTIALS),
    ];
    Description::new("rococoins_login", "Sign in by address or user name", answers)
        .taking(json!({ "email": "alice@example.com", "password": "correct horse" }))
}

pub(crate) fn verify() -> Description {
    Description::new("rococoins_verify", "Show the account of a token", vec![good("the account", user())])
}

pub(crate) fn list_users() -> Description {
    let answers = vec![
        good("the accounts, oldest first", vec![user_with_code()]),
        bad("not a whole number within bounds", &Paging::read("limit=0", 1).err().unwrap_or(Failure::INTERNAL)),
    ];
    Description::new("rococoins_list", "List accounts, at most 200", answers)
        .filtered_by(&[("limit", "200"), ("skip", "0")])
}

pub(crate) fn show_user() -> Description {
    let shown = Answer::of("the account, with the newest 100 entries of its chat", user().with_chats(&[]));
    let answers = of_user(vec![shown]);
    Description::new("rococoins_show", "Show an account to its owner or an admin", answers)
}

pub(crate) fn edit_user() -> Description {
    let body = groups();
    let mut wrong = body.clone();
    wrong["personal"]["dateofbirth"] = "x".into();
    let answers = of_user(vec![
        shown(&Success::UPDATED, user()),
        refused::<Update>("a value that is none", wrong),
        refused::<Update>("the password is too short or too long", json!({ "personal": { "password": "x" } })),
        bad("another address or password without the present one", &Failure::WRONG_PASSWORD),
        bad("the user name or the address is taken", &Failure::USER_EXISTS),
    ]);
    let summary = "Merge fields, group by group; null takes one away. `currentPassword` is needed for another \
                   `personal.email` or `personal.password`";
    Description::new("rococoins_update", summary, answers).taking(body)
}

pub(crate) fn change_user() -> Description {
    let answers = of_user(vec![
        shown(&Success::UPDATED, user_with_code()),
        refused::<AdminUpdate>("nothing to change", json!({})),
        refused::<AdminUpdate>("another key, or a word that is none", json!({ "personal": {} })),
        bad("the last active root", &Failure::LAST_ADMIN),
    ]);
    let summary = "Set the status, the role and the staff's codes of an account";
    Description::new("rococoins_admin_update", summary, answers)
        .taking(json!({ "status": "active", "role": "user", "code": { "rcode": "R-1" } }))
}

pub(crate) fn remove_user() -> Description {
    let answers = of_user(vec![done(&Success::DELETED), bad("the last active root", &Failure::LAST_ADMIN)]);
    Description::new("rococoins_delete", "Delete an account, with its chat, its documents and its codes", answers)
}
