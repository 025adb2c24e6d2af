//! The texts of mails, from Jinja templates that are built in and that an operator may replace.
//!
//! A letter is two files, `<language>/<name>.txt`, whose first line is `Subject: …`, and `<language>/<name>.html`. It must
//! never contain a rule of when a letter is sent. To add one: its files under `templates/`, in every language, and its
//! row in [`builtin`], with samples of what it fills in; they are rendered when the program starts.

pub mod builtin;
pub mod templates;

pub use templates::{TemplateLetters, TemplatesError};
