use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;
use vestibule_domain::{CodeFormat, code::InvalidCode};

proptest! {
    #[test]
    fn a_generated_code_is_read_back_however_it_is_typed(random: [u8; 8], hex: bool) {
        let format = if hex { CodeFormat::SixHexDigits } else { CodeFormat::SixDigits };
        let code = format.generate(random);
        prop_assert_eq!(code.expose().len(), 6);
        for typed in [code.expose().to_owned(), code.expose().to_lowercase(), format!(" {}\r\n", code.expose())] {
            prop_assert_eq!(format.parse(&typed), Ok(code.clone()));
        }
    }

    #[test]
    fn digits_are_decimal_and_hexadecimal_ones_upper_case(random: [u8; 8]) {
        prop_assert!(CodeFormat::SixDigits.generate(random).expose().bytes().all(|byte| byte.is_ascii_digit()));
        let upper_hex = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
        prop_assert!(CodeFormat::SixHexDigits.generate(random).expose().bytes().all(upper_hex));
    }

    #[test]
    fn what_is_not_six_digits_is_no_code(text in "[0-9]{0,5}|[0-9]{7,9}|[0-9]{5}[^0-9]|[^0-9][0-9]{5}") {
        // A code of five digits and a blank is trimmed to five, and a raised digit is read as a digit.
        prop_assume!(text.nfkc().filter(char::is_ascii_digit).count() != 6);
        prop_assert_eq!(CodeFormat::SixDigits.parse(&text), Err(InvalidCode));
    }

    #[test]
    fn what_is_not_six_hexadecimal_digits_is_no_code(text in "[0-9a-fA-F]{0,5}|[0-9a-fA-F]{7,9}|[0-9a-f]{5}[^0-9a-fA-F]") {
        prop_assume!(text.nfkc().filter(char::is_ascii_hexdigit).count() != 6);
        prop_assert_eq!(CodeFormat::SixHexDigits.parse(&text), Err(InvalidCode));
    }
}

#[test]
fn codes_are_filled_up_with_zeros() {
    assert_eq!(CodeFormat::SixDigits.generate([0; 8]).expose(), "000000");
    assert_eq!(CodeFormat::SixDigits.generate(1_000_042_u64.to_be_bytes()).expose(), "000042");
    assert_eq!(CodeFormat::SixHexDigits.generate(0x0100_00AB_u64.to_be_bytes()).expose(), "0000AB");
}

#[test]
fn other_digits_than_ascii_ones_are_no_code() {
    assert_eq!(CodeFormat::SixDigits.parse("٣٤٥٣٤٥"), Err(InvalidCode));
    assert_eq!(CodeFormat::SixDigits.parse("৩৪৫৩৪৫"), Err(InvalidCode));
    assert_eq!(CodeFormat::SixDigits.parse("ABCDEF"), Err(InvalidCode));
}

#[test]
fn a_code_is_never_printed() {
    assert_eq!(format!("{:?}", CodeFormat::SixDigits.generate([7; 8])), "Code(…)");
}

#[test]
fn what_stands_around_and_between_the_digits_of_a_pasted_code_does_not_count() {
    let code = |typed| CodeFormat::SixHexDigits.parse(typed).map(|code| code.expose().to_owned());
    for typed in [
        "7E557A",
        "\u{feff}7e557a\u{200b}",
        "7E5 57A",
        "7E5-57A",
        "7E5\u{2011}57A",
        "\u{a0}7E5\u{a0}57A\u{3000}",
        "\u{202a}7E557A\u{202c}",
        "７Ｅ５５７Ａ",
        "7E\u{ad}557A",
        "\t7E557A\r\n",
    ] {
        assert_eq!(code(typed), Ok("7E557A".to_owned()), "{typed:?}");
    }
    let padded = format!("7E557A{}", "\u{3000}".repeat(100));
    for typed in ["7E557", "7E557A0", "7E557.A", "7E557A\u{fffd}", "７Ｅ５５７", &padded] {
        assert_eq!(code(typed), Err(InvalidCode), "{typed:?}");
    }
}
