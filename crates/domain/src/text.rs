//! Invisible characters in texts that a person types or pastes.

use icu_properties::{
    CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint, EmojiComponent, VariationSelector},
};
use unicode_normalization::UnicodeNormalization;

/// Whether a character is drawn as nothing: by Unicode, `Default_Ignorable_Code_Point` or `Bidi_Control`.
pub fn is_invisible(character: char) -> bool {
    !character.is_ascii()
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
            || CodePointSetData::new::<BidiControl>().contains(character))
}

/// A text without white space and invisible characters at both ends: for texts that are compared, such as an address.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank_character)
}

/// The same for texts that are only read: a character that modifies the one before it, such as a variation selector, stays
/// at the end.
pub fn trim_prose(text: &str) -> &str {
    text.trim_start_matches(is_blank_character).trim_end_matches(|character| {
        is_blank_character(character)
            && !CodePointSetData::new::<VariationSelector>().contains(character)
            && !CodePointSetData::new::<EmojiComponent>().contains(character)
    })
}

/// Whether a text has no visible character.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_blank_character)
}

fn is_blank_character(character: char) -> bool {
    character.is_whitespace() || is_invisible(character)
}

/// A short ASCII text as a person copies it from elsewhere: with characters in the usual width, plain hyphens and spaces,
/// and nothing invisible. A text of more than `most` bytes is none.
pub(crate) fn plain(text: &str, most: usize) -> Option<String> {
    // A text that is cut here is too long anyway.
    let plain = text.chars().filter(|character| !is_invisible(*character)).nfkc().map(|character| match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        character if character.is_whitespace() && !character.is_control() => ' ',
        character => character,
    });
    let plain: String = plain.take(most + 1).collect();
    (plain.len() <= most).then_some(plain)
}
