//! Settings of `ego` alone.

use vestibule_http::{EgoOptions, Mount};

use crate::config::{
    Settings,
    key::{Key, Kind},
    keys::{self, number, table},
    numbers, parse,
    value::Value,
};

/// The fewest characters of a password without a warning.
const SAFE_PASSWORD_MIN: usize = 8;

table! {
    PASSWORD_MIN = Key::new("dialects.ego.password_min", &["VESTIBULE_EGO_PASSWORD_MIN"], number(5, 64),
        "The fewest characters of a new password through this dialect, whose document has an example of five; set 8 or \
         more in production.").default("5");
    FRONTEND_URL = Key::new("dialects.ego.frontend_url", &["VESTIBULE_EGO_FRONTEND_URL"], Kind::Text,
        "The URL of the client's pages; the links of reset mails begin with it.")
        .derived("the public URL").example("https://app.example.org");
}

pub(super) fn mount(settings: &mut Settings, warnings: &mut Vec<String>) -> Mount {
    let password_min = numbers::size(settings, &PASSWORD_MIN);
    if password_min < SAFE_PASSWORD_MIN {
        warnings.push(format!(
            "the dialect ego takes passwords of {password_min} characters, as its document does: set \
             VESTIBULE_EGO_PASSWORD_MIN to {SAFE_PASSWORD_MIN} or more"
        ));
    }
    let frontend_url = settings.parse(&FRONTEND_URL, parse::public_url).unwrap_or_default();
    if let Some(public_url) = settings.text(&keys::PUBLIC_URL) {
        settings.derive(&FRONTEND_URL, Value::Text(public_url));
    }
    Mount::new(EgoOptions { password_min, frontend_url })
}
