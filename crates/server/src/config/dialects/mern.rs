//! What only `mern` has.

use vestibule_http::{MernOptions, Mount};

use crate::config::{
    Settings,
    key::{Key, Kind},
    keys::table,
};

table! {
    VERIFY_EMAIL = Key::new("dialects.mern.verify_email", &["VESTIBULE_MERN_VERIFY_EMAIL"], Kind::Switch,
        "Whether a mailbox must be proven by a mailed link before the first sign-in.").default("off");
    RESET_PASSWORD = Key::new("dialects.mern.reset_password", &["VESTIBULE_MERN_RESET_PASSWORD"], Kind::Switch,
        "Whether a password can be reset by a mailed link.").default("on");
    TITLE = Key::new("dialects.mern.title", &["VESTIBULE_MERN_TITLE"], Kind::Text,
        "The name of the site in this dialect's mails.").default("MERN Stack");
}

pub(super) fn mount(settings: &mut Settings, _: &mut Vec<String>) -> Mount {
    Mount::new(MernOptions {
        verify_email: settings.is_on(&VERIFY_EMAIL),
        reset_password: settings.is_on(&RESET_PASSWORD),
        title: settings.text(&TITLE).unwrap_or_default(),
        ..MernOptions::default()
    })
}
