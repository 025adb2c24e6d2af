//! Taking a text apart.

use crate::fold::fold;

/// A text with more parts is not the name of a place.
const MAX_PARTS: usize = 8;
/// The most words of a qualifier without a comma, as in `Perth Western Australia`.
const MAX_QUALIFIER_WORDS: usize = 4;

/// The folded parts of a text, such as the city, the state and the country; none if there are too many.
pub(crate) fn parts(text: &str) -> Vec<String> {
    let spaced = text.replace(" - ", ",").replace(" – ", ",").replace(" — ", ",");
    let parts: Vec<String> = spaced.split(is_separator).map(fold).filter(|part| !part.is_empty()).collect();
    if parts.len() > MAX_PARTS { Vec::new() } else { parts }
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '/' | '(' | ')' | '[' | ']' | '·' | '•' | '→' | '，' | '、' | '،' | '（' | '）' | '؛')
}

/// A part without its words that contain a digit, such as a postal code; none if it has no such word, or no other.
pub(crate) fn without_digits(part: &str) -> Option<String> {
    let has_digit = |word: &&str| word.bytes().any(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = part.split(' ').filter(|word| !has_digit(word)).collect();
    let is_shorter = words.len() < part.split(' ').count();
    (is_shorter && !words.is_empty()).then(|| words.join(" "))
}

/// Whether a part may be a street line.
pub(crate) fn has_digit(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_digit())
}

/// Every split of a part into a name and a qualifier, the longest qualifier first.
pub(crate) fn splits(part: &str) -> impl Iterator<Item = (&str, &str)> {
    let blanks: Vec<usize> = part.rmatch_indices(' ').take(MAX_QUALIFIER_WORDS).map(|(at, _)| at).collect();
    blanks.into_iter().rev().map(|at| (&part[..at], &part[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_parts() {
        for (text, expected) in [
            ("San Francisco, CA", &["san francisco", "ca"][..]),
            ("Paris (France)", &["paris", "france"]),
            ("Berlin - Germany", &["berlin", "germany"]),
            ("Winston-Salem", &["winston salem"]),
            ("🌴, ,Miami", &["miami"]),
            ("", &[]),
            ("a,b,c,d,e,f,g,h,i", &[]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn words_with_digits_are_left_out() {
        assert_eq!(without_digits("ca 94103").as_deref(), Some("ca"));
        assert_eq!(without_digits("10115 berlin").as_deref(), Some("berlin"));
        assert_eq!(without_digits("berlin"), None);
        assert_eq!(without_digits("10115"), None);
    }

    #[test]
    fn a_part_is_split_with_the_longest_qualifier_first() {
        assert_eq!(splits("new york ny").collect::<Vec<_>>(), [("new", "york ny"), ("new york", "ny")]);
        assert_eq!(splits("paris").count(), 0);
        assert_eq!(splits("a b c d e f g").count(), 4);
    }
}
