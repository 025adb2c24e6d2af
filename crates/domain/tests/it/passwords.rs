use proptest::prelude::*;
use vestibule_domain::{NewPassword, PasswordHash, PasswordRules, password::PasswordError};

proptest! {
    #[test]
    fn a_password_is_taken_as_it_is_from_the_least_characters_to_72_bytes(text in ".{0,80}", least in 1_usize..12) {
        let expected = if text.len() > 72 {
            Err(PasswordError::TooLong)
        } else if text.contains('\0') {
            Err(PasswordError::Nul)
        } else if text.chars().count() < least {
            Err(PasswordError::TooShort)
        } else {
            Ok(text.clone())
        };
        let checked = PasswordRules::at_least(least).check(&text);
        prop_assert_eq!(checked.map(|password| password.expose().to_owned()), expected);
    }
}

#[test]
fn characters_are_counted_below_and_bytes_above() {
    let rules = PasswordRules::default();
    assert!(rules.check("ññññññññ").is_ok());
    assert_eq!(rules.check("ñññññññ"), Err(PasswordError::TooShort));
    assert!(rules.check(&"ñ".repeat(36)).is_ok());
    assert_eq!(rules.check(&format!("{}x", "ñ".repeat(36))), Err(PasswordError::TooLong));
    assert_eq!(rules.check("1234567\0"), Err(PasswordError::Nul));
}

#[test]
fn a_common_password_is_refused_in_any_case_where_that_is_asked_for() {
    let strict = PasswordRules::default().refusing_common();
    for common in ["password1", "PassWord1", "QWERTYUIOP", "12345678"] {
        assert_eq!(strict.check(common), Err(PasswordError::Common), "{common}");
        assert!(PasswordRules::default().check(common).is_ok(), "{common}");
    }
    for fit in ["correct horse", "a long password", " password1", "password1 and more"] {
        assert!(strict.check(fit).is_ok(), "{fit}");
    }
    assert_eq!(strict.check("qwerty"), Err(PasswordError::TooShort));
}

#[test]
fn blanks_and_case_of_a_password_are_kept() {
    assert_eq!(PasswordRules::default().check("  Secret  ").as_ref().map(NewPassword::expose), Ok("  Secret  "));
}

#[test]
fn a_password_and_its_hash_are_never_printed() {
    let password = PasswordRules::default().check("correct horse").unwrap();
    assert_eq!(format!("{password:?}"), "NewPassword(…)");
    assert_eq!(format!("{:?}", PasswordHash::new("$2b$12$x")), "PasswordHash(…)");
}
