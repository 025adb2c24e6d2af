use proptest::prelude::*;
use vestibule_domain::{Digest, EpochClaim, TokenEpoch, epoch::InvalidEpoch};

proptest! {
    #[test]
    fn a_epoch_comes_back_from_its_digits(bytes: [u8; 16]) {
        let epoch = TokenEpoch::new(bytes);
        let digits = epoch.to_string();
        prop_assert_eq!(TokenEpoch::from_hex(&digits), Ok(epoch));
        prop_assert!(digits.len() == 32 && digits.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
        prop_assert_eq!(*epoch.bytes(), bytes);
    }

    #[test]
    fn a_epoch_has_exactly_32_lower_case_digits(text in "[0-9a-f]{0,31}|[0-9a-f]{33,40}|[+ A-Fg-z][0-9a-f]{31}") {
        prop_assert_eq!(TokenEpoch::from_hex(&text), Err(InvalidEpoch));
    }

    #[test]
    fn the_start_of_an_epoch_is_of_that_one_alone(bytes: [u8; 16], at in 0_usize..12, flip in 1_u8..) {
        let (epoch, mut other) = (TokenEpoch::new(bytes), bytes);
        other[at] ^= flip;
        prop_assert!(epoch.to_string().starts_with(&epoch.start()) && epoch.start().len() == 24);
        for claim in [EpochClaim::from_start(&epoch.start()).unwrap(), epoch.into()] {
            prop_assert!(claim.is_of(epoch) && !claim.is_of(TokenEpoch::new(other)));
        }
    }

    #[test]
    fn the_start_of_an_epoch_has_exactly_24_lower_case_digits(text in "[0-9a-f]{0,23}|[0-9a-f]{25,32}|[+ A-Fg-zé][0-9a-f]{23}") {
        prop_assert_eq!(EpochClaim::from_start(&text), Err(InvalidEpoch));
    }

    #[test]
    fn digests_are_equal_if_all_their_bytes_are(bytes: [u8; 32], at in 0_usize..32, flip in 1_u8..) {
        let mut other = bytes;
        other[at] ^= flip;
        prop_assert_eq!(Digest::new(bytes), Digest::new(bytes));
        prop_assert_ne!(Digest::new(bytes), Digest::new(other));
    }
}

#[test]
fn digests_and_epochs_are_never_printed() {
    assert_eq!(format!("{:?}", Digest::new([1; 32])), "Digest(…)");
    assert_eq!(format!("{:?}", TokenEpoch::new([1; 16])), "TokenEpoch(…)");
    assert_eq!(format!("{:?}", EpochClaim::from(TokenEpoch::new([1; 16]))), "EpochClaim(…)");
}
