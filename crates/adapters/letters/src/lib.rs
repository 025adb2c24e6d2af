//! The texts of mails, from built-in Jinja templates that an operator may replace.
//!
//! A letter is two files, `<language>/<name>.txt`, whose first line is `Subject: …`, and `<language>/<name>.html`. This
//! crate must never contain a rule of when a letter is sent. To add a letter, add its files under `templates/`, in every
//! language, and its row in [`builtin`], with samples of its fields; they are rendered when the program starts.

pub mod builtin;
pub mod templates;

pub use templates::{TemplateLetters, TemplatesError};
