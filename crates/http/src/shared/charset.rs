//! In which encoding JSON comes: UTF-8, whatever else a client takes for JSON.

use actix_web::http::header::{self, HeaderMap};
use memchr::memchr;

use super::body::BodyError;

/// Whether a content type names UTF-16 or UTF-32.
pub(crate) fn is_wide(headers: &HeaderMap) -> bool {
    let types = headers.get_all(header::CONTENT_TYPE);
    types.filter_map(|value| named(&String::from_utf8_lossy(value.as_bytes()))).any(|charset| is_wide_name(&charset))
}

/// The same of a charset in upper case.
pub(crate) fn is_wide_name(charset: &str) -> bool {
    ["UTF-16", "UTF16", "UTF-32", "UTF32", "UCS-2", "UCS-4"].iter().any(|wide| charset.starts_with(wide))
}

/// The charset of a content type in upper case, without quotes.
pub(crate) fn named(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_uppercase()).filter(|charset| !charset.is_empty())
    })
}

/// JSON as the parsers take it: not in UTF-16 or UTF-32, without the byte order mark that some clients put before it, and with
/// U+FFFD for every half of a surrogate pair that `JSON.stringify` writes as an escape.
pub(crate) fn utf8(mut json: Vec<u8>) -> Result<Vec<u8>, BodyError> {
    // No JSON has a NUL, but every ASCII character of UTF-16 and UTF-32 has one beside it.
    if matches!(json.as_slice(), [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, _, ..] | [_, 0, ..]) {
        return Err(BodyError::Charset);
    }
    if json.starts_with(b"\xef\xbb\xbf") {
        json.drain(..3);
    }
    mend_surrogates(&mut json);
    Ok(json)
}

/// Writes `\ufffd` over every escape of half a pair; it is as long.
fn mend_surrogates(json: &mut [u8]) {
    let mut at = 0;
    while let Some(next) = json.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        at += next;
        at += match escaped(json, at) {
            None => 2,
            Some(0xd800..=0xdbff) if matches!(escaped(json, at + 6), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                if let Some(digits) = json.get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                }
                6
            }
            Some(_) => 6,
        };
    }
}

/// The code unit of an escape `\uXXXX` at a place.
fn escaped(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | u16::try_from(char::from(*digit).to_digit(16)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(json: &str) -> String {
        String::from_utf8(utf8(json.as_bytes().to_vec()).unwrap()).unwrap()
    }

    #[test]
    fn half_a_pair_is_mended_and_nothing_else() {
        for (json, expected) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uDE00\uD83D""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ud83d\n""#, r#""\ufffd\n""#),
            (r#""\ud83dx\ude00""#, r#""\ufffdx\ufffd""#),
        ] {
            assert_eq!(mended(json), expected, "{json}");
        }
        for same in [
            r#""\\ud83d""#,
            r#""\ud83d\ude00""#,
            r#""\u00e9\\""#,
            r#""\ud8""#,
            "\\",
            r#""\u""#,
            r#""\ud83g""#,
            "{}",
            "",
        ] {
            assert_eq!(mended(same), same);
        }
        assert_eq!(mended(r#""\\\ud83d""#), r#""\\\ufffd""#);
    }

    #[test]
    fn other_encodings_are_known_by_their_first_bytes() {
        for json in
            [&b"\xff\xfe{\0}\0"[..], b"\xfe\xff\0{\0}", b"{\0}\0", b"\0{\0}", b"\0\0\0{", b"{\0\0\0", b"\xff\xfe\0\0"]
        {
            assert_eq!(utf8(json.to_vec()), Err(BodyError::Charset), "{json:?}");
        }
        for json in [&b""[..], b"\0", b"{", b"\xff", b"{}"] {
            assert_eq!(utf8(json.to_vec()).as_deref(), Ok(json));
        }
    }
}
