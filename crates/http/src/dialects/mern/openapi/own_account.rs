//! One's own profile, and anybody's public one.

use serde_json::json;

use super::{bad, fresh_token, full_user, good, public_user, shapes, too_many, unfit};
use crate::{
    dialects::mern::{
        errors::Failure,
        requests::{ChangePassword, UpdateProfile},
        responses::{Profile, UpdatedProfile},
    },
    shared::{
        describe::Description,
        shape::{Shape, list, new_password, object, one_of, required, text},
    },
};

pub(crate) fn show_self() -> Description {
    let answers = vec![good("the account", &Profile { profile: full_user() }, profile(shapes::full_user()))];
    Description::new("mern_profile", "Show one's own account", answers)
}

pub(crate) fn rename_self() -> Description {
    let changed = object([
        required("user", shapes::full_user()),
        required("updatedFields", list(one_of(["firstName", "lastName"]))),
    ]);
    let answers = vec![
        good("changed", &UpdatedProfile { user: full_user(), updated_fields: vec!["firstName"] }, changed),
        unfit::<UpdateProfile>("a name that is none", &json!({ "firstName": "" })),
    ];
    let summary = "Change one's name; other fields are dropped, and an empty body changes nothing";
    Description::new("mern_update_profile", summary, answers)
        .taking(json!({ "firstName": "Alice" }), object(shapes::names()))
}

pub(crate) fn change_own_password() -> Description {
    let answers = vec![
        good("changed", &fresh_token(), shapes::token()),
        unfit::<ChangePassword>("missing", &json!({})),
        bad("signed in through a provider", &Failure::SOCIAL_PASSWORD),
        bad("the same", &Failure::SAME_PASSWORD),
        bad("another password", &Failure::WRONG_CURRENT_PASSWORD),
        too_many(),
    ];
    let summary = "Change one's password; every earlier token ends, and a new one comes";
    Description::new("mern_change_password", summary, answers).taking_password(
        json!({ "currentPassword": "correct horse", "password": "battery staple" }),
        |rules| {
            object([required("currentPassword", text().no_fewer_than(1)), required("password", new_password(rules))])
        },
    )
}

pub(crate) fn show_account() -> Description {
    let answers = vec![
        good("the public part", &Profile { profile: public_user() }, profile(shapes::public_user())),
        bad("no id", &Failure::INVALID_USER_ID),
        bad("nobody's id", &Failure::UNKNOWN_USER_ID),
    ];
    Description::new("mern_public_profile", "Show what everybody may see of an account", answers)
}

fn profile(shape: Shape) -> Shape {
    object([required("profile", shape)])
}
