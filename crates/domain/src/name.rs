//! What a person is called: some dialects know one full name, others a first and a last one.

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing is left after trimming.
    #[error("the name is empty")]
    Empty,
    /// More than 100 characters after trimming, or a control character.
    #[error("a name has 1 to 100 characters")]
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
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if text.chars().count() > Self::MAX_CHARS || text.chars().any(char::is_control) {
            return Err(InvalidName::Unfit);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of an account's owner, kept as it was given and shown in either form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonName {
    /// One text; the first word counts as the first name, the rest as the last.
    Full(FullName),
    /// Two parts, either of which may be missing; joined by a blank they are the full name.
    Parts {
        /// The first name, trimmed, where known.
        first: Option<String>,
        /// The last name, trimmed, where known.
        last: Option<String>,
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
                [first, last].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The first name, where known.
    pub fn first(&self) -> Option<&str> {
        match self {
            Self::Full(name) => name.0.split_whitespace().next(),
            Self::Parts { first, .. } => first.as_deref(),
        }
    }

    /// The last name, where known.
    pub fn last(&self) -> Option<&str> {
        match self {
            Self::Full(name) => name.0.split_once(char::is_whitespace).map(|(_, last)| last.trim_start()),
            Self::Parts { last, .. } => last.as_deref(),
        }
    }
}
