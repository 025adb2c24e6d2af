//! Which sets of keys are taken.

use vestibule_jwt::{JwtSigner, KeyError};

use crate::{ACCESS, LONG, RESET, secret};

#[test]
fn a_second_key_for_the_same_tokens_is_refused() {
    let error = JwtSigner::new([(ACCESS, secret(1)), (ACCESS, secret(2))]).unwrap_err();
    assert_eq!(error, KeyError::Duplicate(ACCESS));
}

#[test]
fn one_secret_for_two_kinds_is_refused() {
    let error = JwtSigner::new([(ACCESS, secret(1)), (RESET, secret(1))]).unwrap_err();
    assert_eq!(error, KeyError::Shared(RESET));
    assert_eq!(error.to_string(), "the key of the reset tokens of contacts is also that of others");
}

#[test]
fn a_key_shorter_than_its_hash_is_refused() {
    for (key, least) in [(ACCESS, 32), (LONG, 64)] {
        assert_eq!(JwtSigner::new([(key, vec![1; least - 1].into())]).unwrap_err(), KeyError::TooShort(key));
        assert!(JwtSigner::new([(key, vec![1; least].into())]).is_ok());
    }
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?}", JwtSigner::new([(ACCESS, vec![77; 64].into())]).unwrap());
    assert!(printed.contains("contacts") && !printed.contains("77"), "{printed}");
}
