//! Pictures in data URIs (RFC 2397), as people send them.

/// How far the comma is looked for that ends the head.
const HEAD_BYTES: usize = 1_024;
/// What is no digit of base64.
const NONE: u8 = 0xFF;
/// The digits of both alphabets, by their bytes.
const DIGITS: [u8; 256] = digits();

/// Why a text is not a picture in a data URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidDataUri {
    /// No data URI, one of another type than a picture, or one that is not in base64.
    #[error("not a picture in a data URI in base64")]
    NotAPicture,
    /// What is behind the comma is not base64.
    #[error("not base64")]
    NotBase64,
    /// More bytes than allowed.
    #[error("too many bytes")]
    TooLarge,
}

/// Reads the bytes of a picture of at most so many, in one pass over the text.
///
/// `data:image/<any>;<parameters>;base64,<digits>`, whatever the case of what stands before the comma. The digits are those of
/// either alphabet (RFC 4648, sections 4 and 5), with or without padding, with white space anywhere and percent-encoded or not.
/// What type is declared does not matter as long as it is a picture's: the content tells.
pub(crate) fn decode_picture(text: &str, most: usize) -> Result<Vec<u8>, InvalidDataUri> {
    let text = text.trim_ascii_start().as_bytes();
    let (scheme, rest) = text.split_at_checked(5).ok_or(InvalidDataUri::NotAPicture)?;
    if !scheme.eq_ignore_ascii_case(b"data:") {
        return Err(InvalidDataUri::NotAPicture);
    }
    decode(digits_of_picture(rest).ok_or(InvalidDataUri::NotAPicture)?, most)
}

/// What is behind the first comma that `;base64` stands before: a parameter may have commas too.
fn digits_of_picture(rest: &[u8]) -> Option<&[u8]> {
    let (start, _) = rest.trim_ascii_start().split_at_checked(6)?;
    if !start.eq_ignore_ascii_case(b"image/") {
        return None;
    }
    let commas = rest.iter().take(HEAD_BYTES).enumerate().filter(|(_, byte)| **byte == b',');
    let ends = commas.map(|(at, _)| (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default()));
    let is_base64 = |head: &[u8]| {
        let mut parameters = head.rsplit(|byte| *byte == b';');
        let last = parameters.next().unwrap_or_default().trim_ascii();
        last.eq_ignore_ascii_case(b"base64") && parameters.next().is_some()
    };
    ends.into_iter().find(|(head, _)| is_base64(head)).map(|(_, digits)| digits)
}

fn decode(digits: &[u8], most: usize) -> Result<Vec<u8>, InvalidDataUri> {
    let mut bytes = Vec::with_capacity((digits.len() / 4 * 3 + 3).min(most));
    // The bits that make no byte yet, and how many these are.
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0_u32);
    let mut rest = digits;
    loop {
        if count == 0 && padding == 0 {
            rest = decode_quads(rest, most, &mut bytes);
        }
        let Some((first, others)) = rest.split_first() else { break };
        let (byte, others) = if *first == b'%' { percent_encoded(others)? } else { (*first, others) };
        rest = others;
        let digit = DIGITS[usize::from(byte)];
        if digit == NONE {
            match byte {
                b'=' => padding += 1,
                _ if byte.is_ascii_whitespace() => {}
                _ => return Err(InvalidDataUri::NotBase64),
            }
            continue;
        }
        if padding > 0 {
            return Err(InvalidDataUri::NotBase64);
        }
        (bits, count) = (bits << 6 | u32::from(digit), count + 6);
        if count >= 8 {
            if bytes.len() >= most {
                return Err(InvalidDataUri::TooLarge);
            }
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
            bits &= 0xFF >> (8 - count);
        }
    }
    // One digit alone is no byte.
    if padding > 2 || count == 6 { Err(InvalidDataUri::NotBase64) } else { Ok(bytes) }
}

/// Decodes four digits at a time, up to the first four that are not all digits or that make more bytes than allowed: nearly
/// everything of a picture, at several times the pace of single digits.
fn decode_quads<'a>(mut digits: &'a [u8], most: usize, bytes: &mut Vec<u8>) -> &'a [u8] {
    while let Some((quad, rest)) = digits.split_first_chunk::<4>() {
        let [a, b, c, d] = quad.map(|byte| u32::from(DIGITS[usize::from(byte)]));
        if a | b | c | d == u32::from(NONE) || bytes.len() + 3 > most {
            break;
        }
        let [_, triple @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
        bytes.extend_from_slice(&triple);
        digits = rest;
    }
    digits
}

fn percent_encoded(digits: &[u8]) -> Result<(u8, &[u8]), InvalidDataUri> {
    let nibble = |byte: u8| char::from(byte).to_digit(16);
    let (pair, rest) = digits.split_first_chunk::<2>().ok_or(InvalidDataUri::NotBase64)?;
    let (high, low) = nibble(pair[0]).zip(nibble(pair[1])).ok_or(InvalidDataUri::NotBase64)?;
    Ok((u8::try_from(high << 4 | low).map_err(|_| InvalidDataUri::NotBase64)?, rest))
}

const fn digits() -> [u8; 256] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = [NONE; 256];
    let mut value = 0_u8;
    while (value as usize) < ALPHABET.len() {
        digits[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    digits[b'-' as usize] = 62;
    digits[b'_' as usize] = 63;
    digits
}

#[cfg(test)]
mod tests {
    use base64::{
        Engine,
        engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    };
    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 64;

    fn decoded(text: &str) -> Result<Vec<u8>, InvalidDataUri> {
        decode_picture(text, MOST)
    }

    #[test]
    fn a_picture_is_read_as_people_send_it() {
        for text in [
            "data:image/jpeg;base64,+/8AAQ==",
            "  data:image/png;base64,+/8AAQ==",
            "DATA:IMAGE/JPEG;BASE64,+/8AAQ==",
            "data:image/jpeg;charset=utf-8;base64,+/8AAQ==",
            "data:image/jpeg;name=a.jpg;charset=x;base64,+/8AAQ==",
            "data:image/jpeg;name=\"a, b.jpg\";base64,+/8AAQ==",
            "data: image/jpeg ; base64 ,+/8AAQ==",
            "data:image/x-whatever;base64,+/8AAQ==",
            "data:image/jpeg;base64,+/8AAQ",
            "data:image/jpeg;base64,+/8AAQ=",
            "data:image/jpeg;base64,-_8AAQ",
            "data:image/jpeg;base64,-/8AAQ",
            "data:image/jpeg;base64, +/\r\n8A\tAQ = =\n",
            "data:image/jpeg;base64,%2B%2f8AAQ%3D%3d",
        ] {
            assert_eq!(decoded(text), Ok(vec![0xFB, 0xFF, 0x00, 0x01]), "{text}");
        }
        assert_eq!(decoded("data:image/png;base64,"), Ok(vec![]));
    }

    #[test]
    fn what_is_no_picture_in_base64_is_refused() {
        for text in [
            "",
            "data",
            "data:",
            "data:image/jpeg",
            "data:image/jpeg,%FF%D8%FF",
            "data:image/jpeg;base64",
            "data:image/jpeg;base64;x,AAAA",
            "data:;base64,AAAA",
            "data:base64,AAAA",
            "data:text/html;base64,AAAA",
            "data:application/octet-stream;base64,AAAA",
            "data:imagejpeg;base64,AAAA",
            "https://example.test/a.jpg",
            "AAAA",
            "d\u{e4}ta:image/jpeg;base64,AAAA",
            &format!("data:image/jpeg;name={};base64,AAAA", "x".repeat(1_100)),
        ] {
            assert_eq!(decoded(text), Err(InvalidDataUri::NotAPicture), "{text}");
        }
        for digits in
            ["A", "AAAAA", "A===", "AA=A", "AA===", "AA!A", "AAA%", "AA%3", "AA%zzA", "AA\u{e9}A", "AAA%FF", "=AAA"]
        {
            let text = format!("data:image/jpeg;base64,{digits}");
            assert_eq!(decoded(&text), Err(InvalidDataUri::NotBase64), "{text}");
        }
    }

    #[test]
    fn more_bytes_than_allowed_are_refused() {
        let uri = |bytes: usize| format!("data:image/png;base64,{}", STANDARD.encode(vec![7; bytes]));
        assert_eq!(decoded(&uri(MOST)), Ok(vec![7; MOST]));
        assert_eq!(decoded(&uri(MOST + 1)), Err(InvalidDataUri::TooLarge));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), digits in "[A-Za-z0-9+/=%_ -]{0,40}") {
            let _ = decoded(&text);
            let _ = decoded(&format!("data:image/png;base64,{text}"));
            let _ = decoded(&format!("data:image/{text};base64,{digits}"));
        }

        #[test]
        fn what_was_encoded_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..=MOST), at in any::<prop::sample::Index>()) {
            for engine in [&STANDARD, &URL_SAFE_NO_PAD] {
                let mut digits = engine.encode(&bytes);
                digits.insert(at.index(digits.len() + 1), '\n');
                prop_assert_eq!(decoded(&format!("data:image/png;base64,{digits}")), Ok(bytes.clone()));
            }
        }
    }
}
