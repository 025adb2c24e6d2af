//! E-mail addresses: checked for syntax, trimmed and lower-cased once, here.

use std::{fmt, str::FromStr};

use email_address::Options;

use crate::Digest;

/// The longest address that SMTP carries, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_BYTES: usize = 254;

/// Why a text is not an address that we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

/// A syntactically valid address in its canonical form: trimmed and lower case.
///
/// Quoted local parts, address literals (`a@[127.0.0.1]`), display names and domains of a single label are refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address of at most 254 bytes in its canonical form.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        // What is stored is what is checked: some letters are longer in lower case.
        let text = text.trim().to_lowercase();
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        let is_foreign = |char: char| matches!(char, '"' | '\\') || char.is_control() || char.is_whitespace();
        if text.len() > MAX_BYTES || text.contains(is_foreign) {
            return Err(InvalidEmail);
        }
        email_address::EmailAddress::parse_with_options(&text, options).map_err(|_| InvalidEmail)?;
        Ok(Self(text))
    }

    /// The canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two characters of the local part, and the domain.
    pub fn masked(&self) -> MaskedEmail {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let end = local.char_indices().nth(2).map_or(local.len(), |(end, _)| end);
        MaskedEmail::new(&local[..end], domain)
    }
}

/// The domains of made-up masks: a fixed list, so that a mask is the same for ever.
const COMMON_DOMAINS: [&str; 8] =
    ["gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com", "gmx.net", "proton.me", "mail.com"];
/// What the local parts of made-up masks begin with.
const COMMON_BEGINNINGS: [&str; 16] =
    ["al", "an", "be", "ca", "da", "em", "ja", "jo", "ka", "la", "ma", "mi", "ni", "pa", "sa", "to"];

/// What may be told of an address: `al***@example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedEmail(String);

impl MaskedEmail {
    fn new(beginning: &str, domain: &str) -> Self {
        Self(format!("{beginning}***@{domain}"))
    }

    /// One that looks like that of an address, for a name that no account has: the same digest gives the same mask.
    pub fn made_up(digest: &Digest) -> Self {
        let pick = |byte: u8, from: &[&'static str]| from[usize::from(byte) % from.len()];
        let [first, second, ..] = *digest.bytes();
        Self::new(pick(first, &COMMON_BEGINNINGS), pick(second, &COMMON_DOMAINS))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Logs show the domain only: an address is personal data.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.0.rsplit_once('@').map_or("", |(_, domain)| domain);
        write!(f, "EmailAddress(…@{domain})")
    }
}
