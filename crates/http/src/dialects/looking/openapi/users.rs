//! The accounts, for a `super`.

use serde_json::json;
use vestibule_domain::Username;

use super::{bad, good, refused, shapes};
use crate::{
    dialects::looking::{
        errors::Failure,
        requests::{CreateUser, Paging, UpdateUser},
        responses::{self, Created, Name, Said, SignedInUser, Updated, User},
    },
    shared::{
        describe::{Answer, Description},
        shape::{flag, list as list_of, new_email, new_password, new_username, object, optional, required, text},
    },
};

pub(super) const ID: &str = "507f1f77bcf86cd799439011";
pub(super) const USERNAME: &str = "admin";
const EMAIL: &str = "admin@example.com";

pub(super) fn signed_in_user() -> SignedInUser {
    SignedInUser {
        id: ID.to_owned(),
        username: USERNAME.to_owned(),
        name: name(),
        email: EMAIL.to_owned(),
        can: vec!["view", "edit"],
    }
}

fn name() -> Name {
    Name { first: Some("John".to_owned()), last: Some("Doe".to_owned()) }
}

fn user() -> User {
    User {
        id: ID.to_owned(),
        username: USERNAME.to_owned(),
        name: name(),
        email: EMAIL.to_owned(),
        can: vec!["view", "edit"],
        force_reset: false,
    }
}

pub(crate) fn list() -> Description {
    let answers = vec![
        good("the accounts, oldest first; `X-Total-Count` has their number", vec![user()], list_of(shapes::user())),
        bad("no whole number", &Paging::read("limit=x", 1).err().unwrap_or(Failure::INTERNAL)),
    ];
    Description::new("looking_users", "List accounts, at most 1000", answers).filtered_by(super::profiles::paging())
}

pub(crate) fn show() -> Description {
    let answers = vec![good("the account", user(), shapes::user()), bad("no such account", &Failure::USER_NOT_FOUND)];
    Description::new("looking_user", "Show an account", answers)
}

pub(crate) fn create() -> Description {
    let body = json!({
        "username": "editor", "password": "correct horse", "confirmPassword": "correct horse",
        "email": "editor@example.com", "name": { "first": "Jane", "last": "Doe" }, "can": ["view", "edit"],
    });
    let with = |name: &str, value: serde_json::Value| {
        let mut body = body.clone();
        body[name] = value;
        body
    };
    let mut answers = vec![
        Answer::of("made", responses::created(Created::of(ID.to_owned(), "editor".to_owned())), shapes::created_user()),
        refused::<CreateUser>("a required field is missing", json!({ "username": "editor" })),
        refused::<CreateUser>("a word that is none", with("can", json!(["everything"]))),
        refused::<CreateUser>("the passwords differ", with("confirmPassword", "x".into())),
        bad("a password against the policy", &Failure::unfit_password(8)),
    ];
    answers.extend(taken());
    Description::new("looking_create_user", "Make an account that is usable at once", answers).taking_password(
        body,
        |rules| {
            object([
                required("username", new_username(Username::MIN_CHARS)),
                required("email", new_email()),
                required("password", new_password(rules)),
                required("confirmPassword", new_password(rules)),
                shapes::new_name(),
                shapes::new_can(),
            ])
        },
    )
}

pub(crate) fn edit() -> Description {
    let mut answers = vec![
        good("changed", Updated::of(user()), shapes::updated_user()),
        refused::<UpdateUser>("a value that is none", json!({ "forceReset": "yes" })),
        bad("the passwords differ, or the present one is wrong", &Failure::PASSWORD_NOT_SAVED),
        bad("a password against the policy", &Failure::unfit_password(8)),
        bad("the last active `super`", &Failure::LAST_SUPER),
        bad("a change of password is due", &Failure::PASSWORD_CHANGE_DUE),
        bad("no such account", &Failure::USER_NOT_FOUND),
        refused::<UpdateUser>("nothing to change", json!({})),
    ];
    answers.extend(taken());
    let summary = "Edit an account, for a `super` or its owner. An owner sets neither `username`, `can` nor \
                   `forceReset`, and needs `currentPassword` for another `email` or `password`";
    Description::new("looking_update_user", summary, answers).taking_password(
        json!({ "name": { "first": "Jane" }, "can": ["view", "edit"], "forceReset": false }),
        |rules| {
            object([
                optional("username", new_username(Username::MIN_CHARS)),
                optional("email", new_email()),
                optional("password", new_password(rules)),
                optional("confirmPassword", new_password(rules)),
                optional("currentPassword", text().or_null()),
                optional("forceReset", flag().or_null()),
                shapes::new_name(),
                shapes::new_can(),
            ])
            .no_fewer_than(1)
        },
    )
}

pub(crate) fn remove() -> Description {
    let answers = vec![
        good("removed", Said::DELETED, shapes::said()),
        bad("the last active `super`", &Failure::LAST_SUPER),
        bad("no such account", &Failure::USER_NOT_FOUND),
    ];
    Description::new("looking_delete_user", "Delete an account", answers)
}

fn taken() -> [Answer; 2] {
    [bad("the user name is taken", &Failure::USERNAME_TAKEN), bad("the address is taken", &Failure::EMAIL_TAKEN)]
}
