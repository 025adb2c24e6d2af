//! Writing the texts of mails.

use vestibule_domain::mail::MailContent;

/// The language of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

/// What a mail has to say; a template provides the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The name of the template, such as `password-reset-code`.
    pub template: &'static str,
    pub language: Language,
    /// What the template fills in: names and texts, possibly from untrusted input, escaped where they are inserted.
    pub fields: Vec<(&'static str, String)>,
}

/// A letter could not be written: its template is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("the mail template {template} cannot be rendered")]
pub struct LetterError {
    pub template: &'static str,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Writes letters from templates, which an operator may replace.
pub trait Letters: Send + Sync {
    /// Writes the subject, on one line, and both parts.
    fn compose(&self, letter: &Letter) -> Result<MailContent, LetterError>;
}
