//! The built-in templates.

/// A letter: its name, samples of its fields, and its files in English and French.
pub struct Builtin {
    pub name: &'static str,
    /// Each field with a sample, for the test rendering at start.
    pub samples: &'static [(&'static str, &'static str)],
    /// Text and HTML in English.
    pub english: [&'static str; 2],
    /// Text and HTML in French.
    pub french: [&'static str; 2],
}

macro_rules! letter {
    ($name:literal, $samples:expr) => {
        Builtin {
            name: $name,
            samples: $samples,
            english: [
                include_str!(concat!("../templates/en/", $name, ".txt")),
                include_str!(concat!("../templates/en/", $name, ".html")),
            ],
            french: [
                include_str!(concat!("../templates/fr/", $name, ".txt")),
                include_str!(concat!("../templates/fr/", $name, ".html")),
            ],
        }
    };
}

const TITLE: (&str, &str) = ("title", "Title");
const TEAM: (&str, &str) = ("team", "Team");
const SITE: (&str, &str) = ("site", "https://example.org");
const LINK: (&str, &str) = ("link", "https://example.org/token");

/// Every letter that a use case may ask for.
pub const LETTERS: &[Builtin] = &[
    letter!("password-reset-code", &[("code", "123456"), ("minutes", "10")]),
    letter!("verify-email-code", &[("code", "7E557A"), ("minutes", "10"), ("signed_up_at", "2026-03-01 12:00:00 UTC")]),
    letter!("reset-password-token", &[("minutes", "10"), ("link", "https://example.org/?token=0f")]),
    letter!("password-changed", &[]),
    letter!("email-changed", &[]),
    letter!("test", &[]),
    letter!("verify-email-link", &[TITLE, TEAM, SITE, LINK, ("hours", "24")]),
    letter!("reset-password-link", &[TITLE, TEAM, SITE, LINK, ("minutes", "60")]),
];
