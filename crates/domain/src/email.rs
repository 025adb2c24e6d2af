//! E-mail addresses: their syntax is checked and their canonical form made in this one place.

use std::{fmt, str::FromStr};

use email_address::Options;
use icu_properties::{CodePointMapData, props::GeneralCategory};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

use crate::{Digest, text};

/// The most bytes of a text that can be an address: UTS 46 shortens a text by less than a factor of 100.
const MAX_TYPED_BYTES: usize = 100 * EmailAddress::MAX_BYTES;

/// Why a text is not an acceptable address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

/// A syntactically valid address in its canonical form. It has no white space or invisible characters around it, its local
/// part is lower-case in Unicode's normal form C, and its domain is in A-labels by UTS 46 (`xn--bcher-kva.example`).
///
/// Quoted local parts, address literals (`a@[127.0.0.1]`), display names, single-label domains, domains that end with a
/// number, and invisible characters inside an address are refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address that SMTP carries, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Reads an address of at most 254 bytes in its canonical form.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        if text.len() > MAX_TYPED_BYTES {
            return Err(InvalidEmail);
        }
        let (local, domain) = text::trim(text).rsplit_once('@').ok_or(InvalidEmail)?;
        let domain = canonical_domain(domain)?;
        if local.chars().any(is_unseen) {
            return Err(InvalidEmail);
        }
        // Check the form that is stored: some letters are longer in lower case.
        let local: String = local.nfc().collect::<String>().to_lowercase().nfc().collect();
        Self::checked(format!("{local}@{domain}"))
    }

    /// Takes a stored address as it is. An earlier version stored domains as they were typed: such an address can be shown,
    /// but not found by typing it, until it is stored in its canonical form.
    pub fn from_store(text: &str) -> Result<Self, InvalidEmail> {
        Self::checked(text.to_owned())
    }

    /// The canonical form of an address that an earlier version stored; an error if there is none.
    pub fn to_canonical(&self) -> Result<Self, InvalidEmail> {
        Self::parse(&self.0)
    }

    fn checked(text: String) -> Result<Self, InvalidEmail> {
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        let is_foreign = |char: char| matches!(char, '"' | '\\') || char.is_control() || char.is_whitespace();
        if text.len() > Self::MAX_BYTES || text.contains(is_foreign) {
            return Err(InvalidEmail);
        }
        email_address::EmailAddress::parse_with_options(&text, options).map_err(|_| InvalidEmail)?;
        Ok(Self(text))
    }

    /// The canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The first two characters of the local part, and the domain.
    pub fn masked(&self) -> MaskedEmail {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let end = local.char_indices().nth(2).map_or(local.len(), |(end, _)| end);
        MaskedEmail::new(&local[..end], domain)
    }
}

/// The A-labels of a domain. Hyphens may stand in the third and fourth place, as in host names of CDNs.
fn canonical_domain(text: &str) -> Result<String, InvalidEmail> {
    // UTS 46 would drop invisible characters.
    if text.chars().any(text::is_invisible) {
        return Err(InvalidEmail);
    }
    let domain = Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| InvalidEmail)?;
    let (_, last) = domain.rsplit_once('.').ok_or(InvalidEmail)?;
    if is_number(last) { Err(InvalidEmail) } else { Ok(domain.into_owned()) }
}

/// Whether a name that ends with this label is an IPv4 address, even an invalid one (WHATWG URL, "ends in a number").
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex || label.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a character is invisible or has no meaning: private use, unassigned, or the replacement character.
fn is_unseen(character: char) -> bool {
    use GeneralCategory as Of;
    let category = || CodePointMapData::<Of>::new().get(character);
    let is_meaningless = || matches!(category(), Of::Control | Of::Format | Of::PrivateUse | Of::Unassigned);
    !character.is_ascii()
        && (character == char::REPLACEMENT_CHARACTER || text::is_invisible(character) || is_meaningless())
}

/// The domains of made-up masks: a fixed list, so that a mask never changes.
const COMMON_DOMAINS: [&str; 8] =
    ["gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com", "gmx.net", "proton.me", "mail.com"];
/// The first characters of made-up local parts.
const COMMON_BEGINNINGS: [&str; 16] =
    ["al", "an", "be", "ca", "da", "em", "ja", "jo", "ka", "la", "ma", "mi", "ni", "pa", "sa", "to"];

/// The part of an address that may be revealed: `al***@example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedEmail(String);

impl MaskedEmail {
    fn new(beginning: &str, domain: &str) -> Self {
        Self(format!("{beginning}***@{domain}"))
    }

    /// A plausible mask for a name that no account has: the same digest gives the same mask.
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
        write!(f, "EmailAddress(…@{})", self.domain())
    }
}
