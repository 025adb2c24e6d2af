//! One's own account.

use serde_json::json;
use vestibule_domain::Role;

use super::{EMAIL, FIRST_NAME, LAST_NAME, PHONE, address, bad, good, lacking, said, shapes, unfit, user};
use crate::{
    dialects::ego::{
        errors::Failure,
        requests::{Update, UpdatePassword},
        responses::{Profile, Success},
        words,
    },
    shared::{
        describe::Description,
        shape::{new_password, object, required, text},
    },
};

pub(crate) fn show_dossier() -> Description {
    let profile = Profile {
        firstname: Some(FIRST_NAME.to_owned()),
        lastname: Some(LAST_NAME.to_owned()),
        email: EMAIL.to_owned(),
        phone_number: Some(PHONE.to_owned()),
        role: words::role(Role::User),
        is_superuser: false,
        is_blocked: false,
    };
    Description::new("ego_profile", "Show one's own profile", vec![good("the profile", profile, shapes::profile())])
}

pub(crate) fn update_self() -> Description {
    update("ego_update")
}

pub(crate) fn update_self_by_put() -> Description {
    update("ego_update_put")
}

fn update(operation: &'static str) -> Description {
    let body = json!({
        "firstname": FIRST_NAME, "lastname": LAST_NAME, "phoneNumber": PHONE, "profession": null,
        "birth": "1990-05-17", "profilePhoto": null, "address": address(),
    });
    let answers = vec![
        good("the account as it is now", user(), shapes::user()),
        unfit::<Update>("a value that is none", &body, "birth", "x"),
        bad("nothing to change", &Failure::NOTHING_TO_UPDATE),
        bad("the telephone number is taken", &Failure::PHONE_TAKEN),
    ];
    let summary = "Change some of one's own fields; null takes one away, but for the names";
    Description::new(operation, summary, answers).taking(body, shapes::update())
}

pub(crate) fn remove_self() -> Description {
    remove("ego_delete")
}

pub(crate) fn remove_self_by_delete() -> Description {
    remove("ego_delete_delete")
}

fn remove(operation: &'static str) -> Description {
    let answers = vec![said(&Success::REMOVED), bad("the last superadmin", &Failure::FORBIDDEN)];
    Description::new(operation, "Delete one's own account", answers)
}

pub(crate) fn change_own_password() -> Description {
    let body = json!({ "currentPassword": "12345", "password": "battery staple" });
    let answers = vec![
        good("the account as it is now", user(), shapes::user()),
        lacking::<UpdatePassword>("a field is missing or no text", &body, "currentPassword"),
        unfit::<UpdatePassword>("the password is too short or too long", &body, "password", "x"),
        bad("the present password is another one", &Failure::WRONG_PASSWORD),
        bad("too many guesses; `Retry-After` says when", &Failure::TOO_MANY_REQUESTS),
    ];
    Description::new("ego_update_password", "Set a new password; every other session ends", answers)
        .taking_password(body, |rules| {
            object([required("currentPassword", text()), required("password", new_password(rules))])
        })
}
