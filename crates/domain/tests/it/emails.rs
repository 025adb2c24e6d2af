use proptest::prelude::*;
use vestibule_domain::{EmailAddress, email::InvalidEmail};

proptest! {
    #[test]
    fn an_address_is_trimmed_and_lower_case(local in "[a-zA-Z0-9][a-zA-Z0-9_+-]{0,20}", domain in "[a-zA-Z]{1,10}\\.[a-zA-Z]{2,6}") {
        let address = EmailAddress::parse(&format!(" \t{local}@{domain}\n")).unwrap();
        let canonical = format!("{local}@{domain}").to_lowercase();
        prop_assert_eq!(address.as_str(), canonical.as_str());
        prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
        prop_assert_eq!(EmailAddress::parse(&canonical.to_uppercase()), Ok(address));
    }

    #[test]
    fn what_is_taken_is_canonical_and_cannot_break_a_header(text in "\\PC{0,12}@\\PC{0,12}|.{0,30}|[aȺİΣ]{20,60}@([aȺİΣ]{1,40}\\.){1,3}test") {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert!(!address.as_str().chars().any(|char| char.is_control() || char.is_whitespace()));
            prop_assert!(address.as_str().len() <= 254);
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
        }
    }
}

#[test]
fn common_and_uncommon_addresses_are_taken() {
    for text in ["a@shop.test", "ada.lovelace+code@mail.example.co.uk", "o'neil@example.org"] {
        assert_eq!(EmailAddress::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn what_is_not_a_plain_address_is_refused() {
    for text in [
        "",
        " ",
        "ada",
        "@example.org",
        "ada@",
        "ada@localhost",
        "ada@@example.org",
        "ada@example.org,bob@example.org",
        "ada bob@example.org",
        "ada@exam ple.org",
        "ada\u{2000}@example.org",
        "Ada <ada@example.org>",
        "\"ada\"@example.org",
        "ada@[127.0.0.1]",
        "ada.@example.org",
        ".ada@example.org",
        "a..b@example.org",
        "ada@-example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "a\0da@example.org",
    ] {
        assert_eq!(EmailAddress::parse(text), Err(InvalidEmail), "{text:?}");
    }
}

#[test]
fn an_address_has_at_most_254_bytes_and_64_before_the_at() {
    let domain = |length: usize| format!("{}.org", vec!["x".repeat(60); 4].join(".").split_at(length - 4).0);
    let longest = format!("{}@{}", "a".repeat(64), domain(189));
    assert_eq!(longest.len(), 254);
    assert!(EmailAddress::parse(&longest).is_ok());
    assert_eq!(EmailAddress::parse(&format!("{}@{}", "a".repeat(64), domain(190))), Err(InvalidEmail));
    assert_eq!(EmailAddress::parse(&format!("{}@example.org", "a".repeat(65))), Err(InvalidEmail));
}

#[test]
fn the_limits_are_of_the_address_in_lower_case() {
    // Two bytes each, three in lower case.
    let grown = |length| format!("{}@shop.test", "Ⱥ".repeat(length));
    assert!(EmailAddress::parse(&grown(21)).is_ok());
    assert_eq!(EmailAddress::parse(&grown(22)), Err(InvalidEmail));
}

#[test]
fn a_logged_address_shows_the_domain_only() {
    let address = EmailAddress::parse("ada@example.org").unwrap();
    assert_eq!(format!("{address:?}"), "EmailAddress(…@example.org)");
}

#[test]
fn every_form_of_a_domain_is_one_address() {
    let canonical = "info@xn--bcher-kva.example";
    for text in [
        "info@bücher.example",
        "info@bu\u{308}cher.example",
        "info@xn--bcher-kva.example",
        "INFO@XN--BCHER-KVA.Example",
        "info@BÜCHER.EXAMPLE",
        "info@ｂücher．example",
        "info@bücher。example",
        "info@bücher｡ｅｘａｍｐｌｅ",
        "\u{feff}info@bücher.example\u{200b}",
        "\u{a0}\u{3000}\u{202a}info@bücher.example\u{202c}\r\n",
        "\u{e0041}\u{3164}info@bücher.example\u{fe0f}\u{ad}",
    ] {
        assert_eq!(EmailAddress::parse(text).unwrap().as_str(), canonical, "{text:?}");
    }
    for (text, canonical) in [
        ("a@Straße.example", "a@xn--strae-oqa.example"),
        ("a@STRAẞE.example", "a@xn--strae-oqa.example"),
        ("a@ΠΑΡΆΔΕΙΓΜΑ.ΔΟΚΙΜΉ", "a@xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("a@i❤.example", "a@xn--i-7iq.example"),
        ("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"),
        ("a@ＧＭＡＩＬ.com", "a@gmail.com"),
        ("a@r3---sn.example", "a@r3---sn.example"),
        ("a@0x7f.example", "a@0x7f.example"),
        ("a@1.163.com", "a@1.163.com"),
    ] {
        assert_eq!(EmailAddress::parse(text).map(|address| address.to_string()), Ok(canonical.to_owned()), "{text:?}");
    }
}

#[test]
fn a_local_part_is_lower_case_in_normal_form_c() {
    let composed = EmailAddress::parse("j\u{f6}rg@example.org").unwrap();
    for text in ["jo\u{308}rg@example.org", "JO\u{308}RG@example.org", "J\u{d6}RG@example.org"] {
        assert_eq!(EmailAddress::parse(text).as_ref(), Ok(&composed), "{text:?}");
    }
    assert_eq!(composed.as_str(), "j\u{f6}rg@example.org");
}

#[test]
fn what_no_domain_can_be_is_refused() {
    let long = format!("a@{}.example", "x".repeat(64));
    let long_label = format!("a@{}.example", "ü".repeat(60));
    for text in [
        "user@127.0.0.1",
        "user@example.123",
        "user@１２７.０.０.１",
        "user@127.0.0.0x1",
        "user@example.0x",
        "user@[127.0.0.1]",
        "user@[IPv6:::1]",
        "user@example.org.",
        "user@example.org。",
        "user@.example.org",
        "user@example..org",
        "user@my_host.example",
        "user@-a.example",
        "user@a-.example",
        "user@xn--.example",
        "user@xn--a.example",
        "user@xn--abc-.example",
        "user@xn--99999999999.example",
        "user@xn--bücher-kva.example",
        // In capitals, decomposed, with a soft hyphen, with an override of the direction.
        "user@xn--bcher-2pa.example",
        "user@xn--bucher-xyd.example",
        "user@xn--kba2n.example",
        "user@xn--tda680n.example",
        "user@a\u{200d}b.example",
        "user@\u{5d0}a.example",
        "user@exam%70le.org",
        "user@exa\u{fffd}mple.org",
        "user＠example.org",
        &long,
        &long_label,
    ] {
        assert_eq!(EmailAddress::parse(text), Err(InvalidEmail), "{text:?}");
    }
}

#[test]
fn what_cannot_be_seen_is_refused_within_an_address() {
    for hidden in [
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202c}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{3164}',
        '\u{ffa0}',
        '\u{fe0f}',
        '\u{180e}',
        '\u{e0041}',
        '\u{e0100}',
        '\u{fff9}',
        '\u{a0}',
        '\u{3000}',
        '\u{2028}',
        '\u{85}',
        '\u{fffd}',
        '\u{e000}',
        '\u{ffff}',
    ] {
        for text in [
            format!("in{hidden}fo@shop.test"),
            format!("info{hidden}@shop.test"),
            format!("info@{hidden}shop.test"),
            format!("info@sh{hidden}op.test"),
            format!("info@shop.te{hidden}st"),
        ] {
            assert_eq!(EmailAddress::parse(&text), Err(InvalidEmail), "{text:?}");
        }
    }
}

#[test]
fn a_stored_address_of_an_earlier_version_is_read_as_it_is() {
    for (stored, canonical) in [
        ("info@bücher.example", Ok("info@xn--bcher-kva.example")),
        ("in\u{200b}fo@shop.test", Err(InvalidEmail)),
        ("user@127.0.0.1", Err(InvalidEmail)),
    ] {
        let read = EmailAddress::from_store(stored).unwrap();
        assert_eq!(read.as_str(), stored);
        assert_eq!(read.to_canonical().as_ref().map(EmailAddress::as_str).map_err(|error| *error), canonical);
    }
    for text in ["", "ada", "a b@example.org", "a@@b.test"] {
        assert_eq!(EmailAddress::from_store(text), Err(InvalidEmail), "{text:?}");
    }
}
