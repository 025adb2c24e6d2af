//! Settings of `mern` alone.

use vestibule_http::{MernOptions, Mount};

use crate::config::{
    Settings,
    key::{Key, Kind},
    keys::{self, table},
    parse,
    value::Value,
};

table! {
    VERIFY_EMAIL = Key::new("dialects.mern.verify_email", &["VESTIBULE_MERN_VERIFY_EMAIL"], Kind::Switch,
        "Whether a mailbox must be proven by a mailed link before the first sign-in.").default("off");
    RESET_PASSWORD = Key::new("dialects.mern.reset_password", &["VESTIBULE_MERN_RESET_PASSWORD"], Kind::Switch,
        "Whether a password can be reset by a mailed link.").default("on");
    FRONTEND_URL = Key::new("dialects.mern.frontend_url", &["VESTIBULE_MERN_FRONTEND_URL"], Kind::Text,
        "The URL of the client's pages `/verify-email/…` and `/reset-password/…`; the links of mails begin with it. At the public \
         URL the server has pages of its own there.")
        .derived("the public URL").example("https://app.example.org");
    TITLE = Key::new("dialects.mern.title", &["VESTIBULE_MERN_TITLE"], Kind::Text,
        "The name of the site in this dialect's mails.").default("MERN Stack");
}

pub(super) fn mount(settings: &mut Settings, _: &mut Vec<String>) -> Mount {
    let frontend_url = settings.parse(&FRONTEND_URL, parse::public_url).unwrap_or_default();
    if let Some(public_url) = settings.text(&keys::PUBLIC_URL) {
        settings.derive(&FRONTEND_URL, Value::Text(public_url));
    }
    Mount::new(MernOptions {
        frontend_url,
        verify_email: settings.is_on(&VERIFY_EMAIL),
        reset_password: settings.is_on(&RESET_PASSWORD),
        title: settings.text(&TITLE).unwrap_or_default(),
    })
}
