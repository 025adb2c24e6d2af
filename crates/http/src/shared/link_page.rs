//! Pages for the links of mails, as data: what a person with the mail fills in, and the door of the dialect that takes it.

/// A page of our own at the path that a mail links to. Looking at it spends nothing: its form is sent to the door.
pub(crate) struct LinkPage {
    /// Its path at the root, with a parameter for each segment of the token.
    pub(crate) path: &'static str,
    /// The method of the door.
    pub(crate) method: &'static str,
    /// The path of the door below the dialect's prefix. What follows the first segment of the page's path follows it too.
    pub(crate) door: &'static str,
    /// The parameter of the query that holds the token, if the path does not; it becomes a field of the body.
    pub(crate) query: Option<&'static str>,
    /// The fields of the body, by name, with their labels.
    pub(crate) fields: &'static [(&'static str, Field, &'static str)],
    /// What it says.
    pub(crate) words: Words,
}

/// What a person types into a field.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    /// An address.
    Email,
    /// The present password.
    Password,
    /// A new password.
    NewPassword,
}

/// What a page says, in one language.
pub(crate) struct Words {
    /// The language.
    pub(crate) lang: &'static str,
    /// The title, and what the button does.
    pub(crate) title: &'static str,
    /// After it was done.
    pub(crate) done: &'static str,
    /// If no answer came.
    pub(crate) lost: &'static str,
    /// Where the browser runs no script.
    pub(crate) no_script: &'static str,
}

impl Words {
    /// English.
    pub(crate) const fn english(title: &'static str, done: &'static str) -> Self {
        Self {
            lang: "en",
            title,
            done,
            lost: "The server cannot be reached. Try again.",
            no_script: "This page needs JavaScript.",
        }
    }

    /// French.
    pub(crate) const fn french(title: &'static str, done: &'static str) -> Self {
        Self {
            lang: "fr",
            title,
            done,
            lost: "Le serveur ne répond pas. Réessayez.",
            no_script: "Cette page a besoin de JavaScript.",
        }
    }
}
