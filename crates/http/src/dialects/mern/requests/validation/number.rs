//! Whole numbers as texts of a query.

/// The greatest whole number up to which every one is a double.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// Why a text is not a whole number of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotANumber {
    /// No decimal number at all.
    Text,
    /// Beyond what a double tells apart.
    Unsafe,
    /// With a fraction.
    Fraction,
    /// Below zero.
    Negative,
}

impl NotANumber {
    /// What is told of the field.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Text => "must be a number",
            Self::Unsafe => "must be a safe number",
            Self::Fraction => "must be an integer",
            Self::Negative => "must be larger than or equal to 0",
        }
    }
}

/// Reads a decimal number with or without sign, fraction and exponent, that is whole, safe and not negative.
pub(super) fn parse(text: &str) -> Result<u64, NotANumber> {
    let text = text.trim();
    let decimal = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if !text.bytes().all(decimal) {
        return Err(NotANumber::Text);
    }
    let number: f64 = text.parse().map_err(|_| NotANumber::Text)?;
    if number.abs() > MAX_SAFE {
        return Err(NotANumber::Unsafe);
    }
    if number.fract() != 0.0 {
        return Err(NotANumber::Fraction);
    }
    if number < 0.0 {
        return Err(NotANumber::Negative);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, safe and not negative")]
    Ok(number as u64)
}
