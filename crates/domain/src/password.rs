//! Passwords: which are accepted, and the hash that is stored.

mod common;

use std::fmt;

pub use common::is_common;

/// Why a text is refused as a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer characters than the rules ask for.
    #[error("the password is too short")]
    TooShort,
    /// More than 72 bytes, which is all that bcrypt reads: longer passwords are refused, never cut.
    #[error("the password is longer than 72 bytes")]
    TooLong,
    /// A NUL byte, at which bcrypt implementations differ.
    #[error("the password holds a NUL byte")]
    Nul,
    /// One of the most common passwords.
    #[error("the password is one of the most common ones")]
    Common,
}

/// Rules for new passwords: a minimum number of characters, at most 72 bytes, no composition rules (NIST SP 800-63B,
/// section 5.1.1.2); optionally none of the most common ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    min_chars: usize,
    takes_common: bool,
}

impl PasswordRules {
    /// The most bytes of a password.
    pub const MAX_BYTES: usize = 72;

    /// Rules with a minimum number of characters.
    pub const fn at_least(min_chars: usize) -> Self {
        Self { min_chars, takes_common: true }
    }

    /// The same rules, which also refuse common passwords ([`is_common`]).
    #[must_use]
    pub const fn refusing_common(self) -> Self {
        Self { takes_common: false, ..self }
    }

    /// The fewest characters of a password.
    pub const fn min_chars(self) -> usize {
        self.min_chars
    }

    /// Accepts a text as a new password, or says why not.
    pub fn check(self, text: &str) -> Result<NewPassword, PasswordError> {
        if text.len() > Self::MAX_BYTES {
            Err(PasswordError::TooLong)
        } else if text.contains('\0') {
            Err(PasswordError::Nul)
        } else if text.chars().count() < self.min_chars {
            Err(PasswordError::TooShort)
        } else if !self.takes_common && is_common(text) {
            Err(PasswordError::Common)
        } else {
            Ok(NewPassword(text.to_owned()))
        }
    }
}

/// Eight characters to 72 bytes.
impl Default for PasswordRules {
    fn default() -> Self {
        Self::at_least(8)
    }
}

/// A password that the rules accepted and that is still to be hashed; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// The secret text, for the hasher only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// The stored hash of a password in modular crypt format (`$2b$12$…`); never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash from the hasher or the store.
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// The hash, for the hasher and the store only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
