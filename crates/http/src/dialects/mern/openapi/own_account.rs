//! One's own profile, and anybody's public one.

use serde_json::json;

use super::{bad, fresh_token, full_user, good, public_user, unfit};
use crate::{
    dialects::mern::{
        errors::Failure,
        requests::{ChangePassword, UpdateProfile},
        responses::{Profile, UpdatedProfile},
    },
    shared::describe::Description,
};

pub(crate) fn show_self() -> Description {
    let answers = vec![good("the account", &Profile { profile: full_user() })];
    Description::new("mern_profile", "Show one's own account", answers)
}

pub(crate) fn rename_self() -> Description {
    let answers = vec![
        good("changed", &UpdatedProfile { user: full_user(), updated_fields: vec!["firstName"] }),
        unfit::<UpdateProfile>("a name that is none", &json!({ "firstName": "" })),
    ];
    let summary = "Change one's name; other fields are dropped, and an empty body answers without `user`";
    Description::new("mern_update_profile", summary, answers).taking(json!({ "firstName": "Alice" }))
}

pub(crate) fn change_own_password() -> Description {
    let answers = vec![
        good("changed", &fresh_token()),
        unfit::<ChangePassword>("missing", &json!({})),
        bad("signed in through a provider", &Failure::SOCIAL_PASSWORD),
        bad("the same", &Failure::SAME_PASSWORD),
        bad("another password", &Failure::WRONG_CURRENT_PASSWORD),
    ];
    let summary = "Change one's password; every earlier token ends, and a new one comes";
    Description::new("mern_change_password", summary, answers)
        .taking(json!({ "currentPassword": "correct horse", "password": "battery staple" }))
}

pub(crate) fn show_account() -> Description {
    let answers = vec![
        good("the public part", &Profile { profile: public_user() }),
        bad("no id", &Failure::INVALID_USER_ID),
        bad("nobody's id", &Failure::UNKNOWN_USER_ID),
    ];
    Description::new("mern_public_profile", "Show what everybody may see of an account", answers)
}
