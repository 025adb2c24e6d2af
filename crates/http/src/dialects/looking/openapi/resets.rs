//! Resetting a password by a mailed link.

use serde_json::json;
use vestibule_domain::{Digest, MaskedEmail};

use super::{AT, bad, good, refused, users::ID};
use crate::{
    dialects::looking::{
        errors::Failure,
        requests::{RequestReset, ResetPassword},
        responses::{PasswordReset, ResetLink, ResetRequested},
    },
    shared::{
        describe::Description,
        shape::{exactly, id, moment, new_password, object, required, text},
    },
};

pub(crate) fn request() -> Description {
    let requested = object([required("message", text()), required("email", text())]);
    let answers = vec![
        good("asked for", ResetRequested::new(&MaskedEmail::made_up(&Digest::new([0; 32]))), requested),
        refused::<RequestReset>("the name is missing", json!({})),
    ];
    let summary = "Mail a link for a new password; the answer tells nothing of whether the account exists";
    Description::new("looking_request_reset", summary, answers)
        .taking(json!({ "username": "admin" }), object([required("username", text())]))
}

pub(crate) fn show() -> Description {
    let link = object([required("valid", exactly(true)), required("userId", id()), required("expires", moment())]);
    let answers = vec![
        good("the link is good", ResetLink::new(ID.to_owned(), AT), link),
        bad("it is not, or was used", &Failure::NO_SESSION),
    ];
    Description::new("looking_show_reset", "Look at a reset link without using it", answers)
}

pub(crate) fn reset() -> Description {
    let answers = vec![
        good("set", PasswordReset::DONE, object([required("message", text()), required("success", exactly(true))])),
        refused::<ResetPassword>("the passwords differ", json!({ "password": "a", "confirmPassword": "b" })),
        refused::<ResetPassword>("against the policy", json!({ "password": "a", "confirmPassword": "a" })),
        bad("the link is no good, or was used", &Failure::SPENT_RESET),
    ];
    Description::new("looking_reset", "Set a new password by a reset link", answers)
        .taking_password(json!({ "password": "battery staple", "confirmPassword": "battery staple" }), |rules| {
            object(["password", "confirmPassword"].map(|name| required(name, new_password(rules))))
        })
}
