//! What comes with a text that a person types or pastes, and cannot be seen.

use icu_properties::{
    CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint, EmojiComponent, VariationSelector},
};
use unicode_normalization::UnicodeNormalization;

/// Whether nothing is drawn for a character: by Unicode, `Default_Ignorable_Code_Point` or `Bidi_Control`.
pub fn is_invisible(character: char) -> bool {
    !character.is_ascii()
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
            || CodePointSetData::new::<BidiControl>().contains(character))
}

/// A text without the white space and the invisible characters at both ends: for what is compared, such as an address.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank_character)
}

/// The same for what is only read: what changes the character before it, such as the selector of a variant, stays at the end.
pub fn trim_prose(text: &str) -> &str {
    text.trim_start_matches(is_blank_character).trim_end_matches(|character| {
        is_blank_character(character)
            && !CodePointSetData::new::<VariationSelector>().contains(character)
            && !CodePointSetData::new::<EmojiComponent>().contains(character)
    })
}

/// Whether nothing of a text can be seen.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_blank_character)
}

fn is_blank_character(character: char) -> bool {
    character.is_whitespace() || is_invisible(character)
}

/// A short text of ASCII as a person copies it from elsewhere: in the usual width, with plain hyphens and blanks, and without
/// what is invisible. More than `most` bytes are no such text.
pub(crate) fn plain(text: &str, most: usize) -> Option<String> {
    // A character that is cut is none of such a text in either case.
    let plain = text.chars().filter(|character| !is_invisible(*character)).nfkc().map(|character| match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        character if character.is_whitespace() && !character.is_control() => ' ',
        character => character,
    });
    let plain: String = plain.take(most + 1).collect();
    (plain.len() <= most).then_some(plain)
}
