use proptest::prelude::*;
use vestibule_domain::{FullName, NamePart, PersonName, Username, name::InvalidName, text, username::InvalidUsername};

fn full(text: &str) -> PersonName {
    PersonName::Full(FullName::parse(text).unwrap())
}

fn parts(first: Option<&str>, last: Option<&str>) -> PersonName {
    let [first, last] = [first, last].map(|text| text.map(|text| NamePart::parse(text).unwrap()));
    PersonName::Parts { first, last }
}

proptest! {
    #[test]
    fn a_name_is_taken_trimmed_if_it_has_1_to_100_characters(text in "\\PC{0,120}") {
        let trimmed = text::trim_prose(&text);
        match FullName::parse(&text) {
            Ok(name) => {
                prop_assert_eq!(name.as_str(), trimmed);
                prop_assert!((1..=100).contains(&trimmed.chars().count()));
            }
            Err(InvalidName::Empty) => prop_assert!(trimmed.is_empty()),
            Err(InvalidName::Unfit) => prop_assert!(trimmed.chars().count() > 100 || trimmed.chars().any(char::is_control)),
        }
    }

    #[test]
    fn first_and_last_name_hold_every_word_of_the_full_one(words in prop::collection::vec("[a-zé]{1,8}", 1..5)) {
        let name = full(&words.join(" "));
        let both: Vec<_> = [name.first(), name.last()].into_iter().flatten().collect();
        prop_assert_eq!(both.join(" "), words.join(" "));
        prop_assert_eq!(name.first(), Some(words[0].as_str()));
        prop_assert_eq!(name.last().is_some(), words.len() > 1);
    }

    #[test]
    fn a_username_is_taken_in_lower_case(text in "[a-zA-Z0-9._-]{3,30}") {
        let username = Username::parse(&text).unwrap();
        prop_assert_eq!(username.as_str(), text.to_ascii_lowercase());
        prop_assert_eq!(Username::parse(username.as_str()), Ok(username.clone()));
        prop_assert_eq!(username.to_string(), username.as_str());
    }

    #[test]
    fn a_username_of_another_length_or_alphabet_is_refused(text in "[a-z0-9]{0,2}|[a-z0-9]{31,40}|[a-z]{2,10}[^a-zA-Z0-9._-][a-z]{1,10}") {
        prop_assert_eq!(Username::parse(&text), Err(InvalidUsername));
    }
}

#[test]
fn an_empty_name_is_told_from_an_unfit_one() {
    assert_eq!(FullName::parse(""), Err(InvalidName::Empty));
    assert_eq!(FullName::parse(" \t\n"), Err(InvalidName::Empty));
    assert_eq!(FullName::parse("a\nb"), Err(InvalidName::Unfit));
    assert_eq!(FullName::parse("a\0"), Err(InvalidName::Unfit));
    assert_eq!(FullName::parse(&"é".repeat(101)), Err(InvalidName::Unfit));
    assert!(FullName::parse(&format!(" {} ", "é".repeat(100))).is_ok());
}

#[test]
fn a_part_of_a_name_has_1_to_500_characters() {
    assert_eq!(NamePart::parse(" "), Err(InvalidName::Empty));
    assert_eq!(NamePart::parse("a\u{7}"), Err(InvalidName::Unfit));
    assert_eq!(NamePart::parse(&"é".repeat(501)), Err(InvalidName::Unfit));
    let longest = "é".repeat(500);
    assert_eq!(NamePart::parse(&format!("\t{longest} ")).map(|part| part.as_str() == longest), Ok(true));
}

#[test]
fn a_name_is_shown_in_either_form() {
    for (name, full, first, last) in [
        (full("Ada"), "Ada", Some("Ada"), None),
        (full("Ada  King Noel"), "Ada  King Noel", Some("Ada"), Some("King Noel")),
        (parts(Some("Ada"), Some("King Noel")), "Ada King Noel", Some("Ada"), Some("King Noel")),
        (parts(Some("Ada"), None), "Ada", Some("Ada"), None),
        (parts(None, Some("King")), "King", None, Some("King")),
        (PersonName::UNKNOWN, "", None, None),
    ] {
        assert_eq!((name.full().as_str(), name.first(), name.last()), (full, first, last));
    }
}

#[test]
fn invisible_characters_around_a_name_do_not_count_and_those_within_stay() {
    let name = |text| NamePart::parse(text).map(|name| name.as_str().to_owned());
    for (text, expected) in [
        ("\u{feff}Ada\u{200b}", "Ada"),
        ("\u{202a} Ada\u{a0}\u{202c}", "Ada"),
        ("می\u{200c}نا", "می\u{200c}نا"),
        ("👩\u{200d}💻", "👩\u{200d}💻"),
        ("葛\u{e0100}", "葛\u{e0100}"),
        ("❤\u{fe0f}", "❤\u{fe0f}"),
    ] {
        assert_eq!(name(text), Ok(expected.to_owned()), "{text:?}");
    }
    for text in ["\u{200b}", "\u{3164}\u{feff}", "\u{fe0f} \u{200d}", "\u{ad}"] {
        assert_eq!(name(text), Err(InvalidName::Empty), "{text:?}");
    }
}

#[test]
fn invisible_characters_around_a_user_name_do_not_count() {
    assert_eq!(Username::parse("\u{feff}Ada\u{200b}").unwrap().as_str(), "ada");
    assert!(Username::parse("a\u{200b}da").is_err());
}
