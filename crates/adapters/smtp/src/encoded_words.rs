//! Encoded words of RFC 2047, as in a sender copied from a mail's source.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Decodes the encoded words of a name, which the library would otherwise encode again; none if one cannot be decoded. A
/// name without any stays as it is.
pub(crate) fn decode(name: &str) -> Option<String> {
    if !name.contains("=?") {
        return Some(name.to_owned());
    }
    let (mut decoded, mut after_word) = (String::new(), true);
    for token in name.split_whitespace() {
        let word = encoded_word(token);
        // Space between two encoded words is part of neither.
        let is_between_words = after_word && word.is_some();
        if !decoded.is_empty() && !is_between_words {
            decoded.push(' ');
        }
        after_word = word.is_some();
        match word {
            Some((charset, encoding, text)) => decoded.push_str(&in_charset(charset, bytes(encoding, text)?)?),
            None if token.contains("=?") => return None,
            None => decoded.push_str(token),
        }
    }
    (!decoded.chars().any(char::is_control)).then_some(decoded)
}

/// Its charset (without a language), its encoding and its text.
fn encoded_word(token: &str) -> Option<(&str, &str, &str)> {
    let mut parts = token.strip_prefix("=?")?.strip_suffix("?=")?.split('?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some((charset.split('*').next()?, encoding, text))
}

fn bytes(encoding: &str, text: &str) -> Option<Vec<u8>> {
    if encoding.eq_ignore_ascii_case("B") {
        return STANDARD.decode(text).ok();
    }
    if !encoding.eq_ignore_ascii_case("Q") {
        return None;
    }
    let (mut decoded, mut rest) = (Vec::new(), text);
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '=' => {
                let digits = rest.get(1..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
                decoded.push(u8::from_str_radix(digits, 16).ok()?);
                3
            }
            '_' => {
                decoded.push(b' ');
                1
            }
            _ => {
                decoded.extend_from_slice(character.to_string().as_bytes());
                character.len_utf8()
            }
        };
        rest = rest.get(length..)?;
    }
    Some(decoded)
}

fn in_charset(charset: &str, bytes: Vec<u8>) -> Option<String> {
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" => String::from_utf8(bytes).ok(),
        "iso-8859-1" | "latin1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn encoded_words_become_the_name_that_they_stand_for() {
        for (name, expected) in [
            ("Plain Name", "Plain Name"),
            ("=?UTF-8?B?QsO8Y2hlcg==?=", "B\u{fc}cher"),
            ("=?utf-8?q?B=C3=BCcher_und_mehr?=", "B\u{fc}cher und mehr"),
            ("=?ISO-8859-1?Q?B=FCcher?=", "B\u{fc}cher"),
            ("=?UTF-8*de?Q?B=C3=BC?= =?UTF-8?Q?cher?= GmbH", "B\u{fc}cher GmbH"),
            ("Haus =?UTF-8?Q?B=C3=BC?=", "Haus B\u{fc}"),
        ] {
            assert_eq!(decode(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for name in [
            "=?UTF-8?B?***?=",
            "=?UTF-8?Q?=C3?=",
            "=?UTF-8?Q?=ZZ?=",
            "=?UTF-8?Q?a",
            "=?koi8-r?B?8A==?=",
            "=?UTF-8?X?a?=",
            "=?UTF-8?Q?a=0D=0ABcc:?=",
            "=?UTF-8?Q?=?=",
            "=?UTF-8?Q?=\u{fc}\u{fc}?=",
        ] {
            assert_eq!(decode(name), None, "{name}");
        }
    }
}
