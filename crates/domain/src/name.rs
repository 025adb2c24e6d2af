//! Names of people: some dialects have one full name, others a first and a last name.

use crate::text;

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing is left after trimming.
    #[error("the name is empty")]
    Empty,
    /// Too many characters after trimming, or a control character.
    #[error("the name is too long, or holds a control character")]
    Unfit,
}

/// A name of 1 to 100 characters, trimmed, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullName(String);

impl FullName {
    /// The most characters of a name.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        parse(text, Self::MAX_CHARS).map(Self)
    }

    /// The name as given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A first or last name: 1 to 500 characters, trimmed, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePart(String);

impl NamePart {
    /// The most characters of a part: in UTF-8 they fit into a row of any index that sorts accounts.
    pub const MAX_CHARS: usize = 500;

    /// Reads a part of a name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        parse(text, Self::MAX_CHARS).map(Self)
    }

    /// The part as given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn parse(text: &str, max_chars: usize) -> Result<String, InvalidName> {
    let text = text::trim_prose(text);
    if text.is_empty() {
        return Err(InvalidName::Empty);
    }
    if text.chars().count() > max_chars || text.chars().any(char::is_control) {
        return Err(InvalidName::Unfit);
    }
    Ok(text.to_owned())
}

/// The name of an account's owner, kept as it was given and shown in either form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonName {
    /// One text; the first word counts as the first name, the rest as the last.
    Full(FullName),
    /// Two parts, either of which may be missing; joined by a space they are the full name.
    Parts {
        /// The first name, where known.
        first: Option<NamePart>,
        /// The last name, where known.
        last: Option<NamePart>,
    },
}

impl PersonName {
    /// No name at all.
    pub const UNKNOWN: Self = Self::Parts { first: None, last: None };

    /// The full name; empty if nothing is known.
    pub fn full(&self) -> String {
        match self {
            Self::Full(name) => name.0.clone(),
            Self::Parts { first, last } => {
                [first, last].into_iter().flatten().map(NamePart::as_str).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The first name, where known.
    pub fn first(&self) -> Option<&str> {
        match self {
            Self::Full(name) => name.0.split_whitespace().next(),
            Self::Parts { first, .. } => first.as_ref().map(NamePart::as_str),
        }
    }

    /// The last name, where known.
    pub fn last(&self) -> Option<&str> {
        match self {
            Self::Full(name) => name.0.split_once(char::is_whitespace).map(|(_, last)| last.trim_start()),
            Self::Parts { last, .. } => last.as_ref().map(NamePart::as_str),
        }
    }
}
