//! One-time tokens: long random texts that prove something once.

use time::OffsetDateTime;

use crate::{AccountId, Digest, PasswordHash};

/// What a one-time code or token is for; it works for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenPurpose {
    /// Setting a new password without the old one: the typed code, and the grant that it is exchanged for.
    PasswordReset,
    /// Setting a new password by a mailed link and the address that it was mailed to.
    PasswordResetLink,
    /// Setting a new password by a mailed token alone.
    PasswordResetToken,
    /// Setting a new password by a mailed link that names the account.
    PasswordResetOfAccount,
    /// Proving that the owner reads the mailbox.
    EmailVerification,
}

/// Why a word is not a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a purpose of a code or token")]
pub struct InvalidPurpose;

impl TokenPurpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [
        Self::PasswordReset,
        Self::PasswordResetLink,
        Self::PasswordResetToken,
        Self::PasswordResetOfAccount,
        Self::EmailVerification,
    ];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password-reset",
            Self::PasswordResetLink => "password-reset-link",
            Self::PasswordResetToken => "password-reset-token",
            Self::PasswordResetOfAccount => "password-reset-of-account",
            Self::EmailVerification => "email-verification",
        }
    }
}

impl std::str::FromStr for TokenPurpose {
    type Err = InvalidPurpose;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text).ok_or(InvalidPurpose)
    }
}

/// A one-time token as it is stored: only its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// Keyed digest of the 32 random bytes.
    pub digest: Digest,
    /// The account that it belongs to.
    pub account: AccountId,
    /// What it is for.
    pub purpose: TokenPurpose,
    /// When it expires.
    pub expires_at: OffsetDateTime,
    /// The hash of a password that becomes the account's only when the token is used.
    pub waiting_password: Option<PasswordHash>,
}
