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
    for text in ["a@shop.test", "ada.lovelace+code@mail.example.co.uk", "o'neil@example.org", "ada@bücher.example"] {
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
