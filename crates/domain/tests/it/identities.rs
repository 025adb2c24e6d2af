use proptest::prelude::*;
use vestibule_domain::identity::{InvalidProviderUserId, ProviderUserId};

proptest! {
    #[test]
    fn an_id_at_a_provider_is_taken_as_it_is(text in "[!-~]{1,255}") {
        let user_id = ProviderUserId::parse(&text).unwrap();
        prop_assert_eq!(user_id.as_str(), &text);
        prop_assert_eq!(user_id.to_string(), text);
    }

    #[test]
    fn an_id_with_any_other_character_is_refused(text in "[!-~]{0,20}[^!-~][!-~]{0,20}") {
        prop_assert_eq!(ProviderUserId::parse(&text), Err(InvalidProviderUserId));
    }
}

#[test]
fn an_empty_or_too_long_id_is_refused() {
    assert_eq!(ProviderUserId::parse(""), Err(InvalidProviderUserId));
    assert_eq!(ProviderUserId::parse(&"1".repeat(256)), Err(InvalidProviderUserId));
    assert!(ProviderUserId::parse(&"1".repeat(255)).is_ok());
}
