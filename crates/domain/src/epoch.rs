//! The token epoch: the part of every token that its account must still carry.

use std::fmt;

/// 128 random bits of an account that each of its tokens repeats; a new epoch ends every earlier token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenEpoch([u8; 16]);

/// Why a text is not a token epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token epoch")]
pub struct InvalidEpoch;

impl TokenEpoch {
    /// Takes 16 random (or stored) bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The first 24 hexadecimal digits, as [`EpochClaim::from_start`] reads them.
    pub fn start(&self) -> String {
        let mut digits = self.to_string();
        digits.truncate(24);
        digits
    }

    /// Reads 32 lower-case hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, InvalidEpoch> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 32 || !text.bytes().all(lower_hex) {
            return Err(InvalidEpoch);
        }
        u128::from_str_radix(text, 16).map(|bits| Self(bits.to_be_bytes())).map_err(|_| InvalidEpoch)
    }
}

/// 32 lower-case hexadecimal digits, as tokens carry it.
impl fmt::Display for TokenEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The part of its account's epoch that a token repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum EpochClaim {
    /// The whole epoch.
    Whole(TokenEpoch),
    /// The first 96 bits, where a dialect has only 24 digits. Epochs are random, so these bits tell them apart as well.
    Start([u8; 12]),
}

impl EpochClaim {
    /// Reads 24 lower-case hexadecimal digits.
    pub fn from_start(text: &str) -> Result<Self, InvalidEpoch> {
        if text.len() != 24 {
            return Err(InvalidEpoch);
        }
        let TokenEpoch(bytes) = TokenEpoch::from_hex(&format!("{text}00000000"))?;
        bytes.first_chunk().map(|start| Self::Start(*start)).ok_or(InvalidEpoch)
    }

    /// Whether it was made from this epoch.
    pub fn is_of(self, epoch: TokenEpoch) -> bool {
        match self {
            Self::Whole(claimed) => claimed == epoch,
            Self::Start(start) => epoch.0.starts_with(&start),
        }
    }
}

impl From<TokenEpoch> for EpochClaim {
    fn from(epoch: TokenEpoch) -> Self {
        Self::Whole(epoch)
    }
}

impl fmt::Debug for EpochClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochClaim(…)")
    }
}

impl fmt::Debug for TokenEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenEpoch(…)")
    }
}
