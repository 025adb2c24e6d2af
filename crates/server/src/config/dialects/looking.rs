//! Settings of `looking` alone.

use vestibule_http::{LookingOptions, Mount};

use crate::config::{
    Settings,
    key::{Key, Kind},
    keys::{self, number, table},
    numbers, parse,
    value::Value,
};

table! {
    FRONTEND_URL = Key::new("dialects.looking.frontend_url", &["VESTIBULE_LOOKING_FRONTEND_URL"], Kind::Text,
        "The URL of the client's pages; the links of reset mails begin with it.")
        .derived("the public URL").example("https://app.example.org");
    SIGN_IN = Key::new("dialects.looking.sign_in_minutes", &["VESTIBULE_LOOKING_SIGN_IN_MINUTES"], number(1, 1_440),
        "How long the token of a sign-in lives.").default("60");
    ANONYMOUS = Key::new("dialects.looking.anonymous_minutes", &["VESTIBULE_LOOKING_ANONYMOUS_MINUTES"],
        number(1, 1_440), "How long an anonymous token lives.").default("60");
    REFRESHED = Key::new("dialects.looking.refreshed_minutes", &["VESTIBULE_LOOKING_REFRESHED_MINUTES"],
        number(1, 1_440), "How long a refreshed token lives.").default("15");
    SESSION = Key::new("dialects.looking.session_hours", &["VESTIBULE_LOOKING_SESSION_HOURS"], number(1, 24),
        "How long tokens can be refreshed from the sign-in on; no token lives longer.").default("24");
    RESET_LINK = Key::new("dialects.looking.reset_link_minutes", &["VESTIBULE_LOOKING_RESET_LINK_MINUTES"],
        number(5, 1_440), "How long the link of a reset mail works.").default("30");
}

pub(super) fn mount(settings: &mut Settings, _: &mut Vec<String>) -> Mount {
    let frontend_url = settings.parse(&FRONTEND_URL, parse::public_url).unwrap_or_default();
    if let Some(public_url) = settings.text(&keys::PUBLIC_URL) {
        settings.derive(&FRONTEND_URL, Value::Text(public_url));
    }
    Mount::new(LookingOptions {
        frontend_url,
        sign_in: numbers::minutes(settings, &SIGN_IN),
        anonymous: numbers::minutes(settings, &ANONYMOUS),
        refreshed: numbers::minutes(settings, &REFRESHED),
        longest: numbers::minutes(settings, &SESSION) * 60,
        reset_link: numbers::minutes(settings, &RESET_LINK),
    })
}
