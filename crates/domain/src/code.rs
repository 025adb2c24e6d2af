//! One-time codes: short texts that a person reads in a mail and types.

use std::fmt;

use time::OffsetDateTime;

use crate::{AccountId, CodeId, Digest, PasswordHash, TokenPurpose, text};

/// The most bytes of a typed code, including surrounding characters.
const MAX_TYPED_BYTES: usize = 64;

/// What the codes of a dialect look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFormat {
    /// Six decimal digits.
    SixDigits,
    /// Six hexadecimal digits, upper case in mail, compared without case.
    SixHexDigits,
}

/// A code in clear, in its canonical form; lives only between the generator, the mail and the digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

/// Why a text is not a code of this format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code of this format")]
pub struct InvalidCode;

impl CodeFormat {
    /// Makes a code from 8 random bytes; the bias of the modulus is below 2^-43.
    pub fn generate(self, random: [u8; 8]) -> Code {
        let number = u64::from_be_bytes(random);
        Code(match self {
            Self::SixDigits => format!("{:06}", number % 1_000_000),
            Self::SixHexDigits => format!("{:06X}", number % 0x100_0000),
        })
    }

    /// Reads what a person typed or pasted. White space, hyphens and invisible characters are dropped, and digits may be
    /// full-width. Any other form is not a code.
    pub fn parse(self, typed: &str) -> Result<Code, InvalidCode> {
        let typed = text::plain(typed, MAX_TYPED_BYTES).ok_or(InvalidCode)?.trim().replace([' ', '-'], "");
        let fits = |byte: u8| match self {
            Self::SixDigits => byte.is_ascii_digit(),
            Self::SixHexDigits => byte.is_ascii_hexdigit(),
        };
        if typed.len() == Code::DIGITS && typed.bytes().all(fits) {
            Ok(Code(typed.to_ascii_uppercase()))
        } else {
            Err(InvalidCode)
        }
    }
}

impl Code {
    /// How many digits it has.
    pub const DIGITS: usize = 6;

    /// The secret text, for the mail and the digest only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// A code as it is stored; an account has at most one per purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeCode {
    /// Its id: a new code of the same account and purpose has another.
    pub id: CodeId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// What it is for.
    pub purpose: TokenPurpose,
    /// HMAC-SHA-256 over account, purpose and code.
    pub digest: Digest,
    /// How many tries are left.
    pub tries_left: u32,
    /// When it expires.
    pub expires_at: OffsetDateTime,
    /// The hash of a password that becomes the account's only when the code is used.
    pub waiting_password: Option<PasswordHash>,
}

impl OneTimeCode {
    /// How many wrong tries end a code.
    pub const TRIES: u32 = 5;
}

/// What a counted try compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCode {
    /// The code that was live when the try was counted.
    pub id: CodeId,
    pub digest: Digest,
    /// The hash of the password that waits for the code.
    pub waiting_password: Option<PasswordHash>,
}
