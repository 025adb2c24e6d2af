//! User names: optional, unique regardless of case.

use std::fmt;

use crate::text::is_invisible;

/// Why a text is not a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 3 to 30 of the characters A-Z a-z 0-9 . - _")]
pub struct InvalidUsername;

/// A user name in its canonical form: 3 to 30 of `a–z 0–9 . - _`, lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

impl Username {
    /// The fewest characters.
    pub const MIN_CHARS: usize = 3;
    /// The most characters.
    pub const MAX_CHARS: usize = 30;

    /// Reads a user name and lower-cases it; invisible characters around it are ignored.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        let text = text.trim_matches(is_invisible);
        let fits = (Self::MIN_CHARS..=Self::MAX_CHARS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        if fits { Ok(Self(text.to_ascii_lowercase())) } else { Err(InvalidUsername) }
    }

    /// The canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
