use proptest::prelude::*;
use vestibule_domain::{Permission, PermissionSet};

fn any_set() -> impl Strategy<Value = Vec<Permission>> {
    prop::sample::subsequence(Permission::ALL.to_vec(), 0..=Permission::ALL.len())
}

proptest! {
    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else(permissions in any_set()) {
        let set = permissions.iter().fold(PermissionSet::EMPTY, |set, permission| set.with(*permission));
        for permission in Permission::ALL {
            prop_assert_eq!(set.contains(permission), permissions.contains(&permission));
        }
        prop_assert_eq!(set.iter().collect::<Vec<_>>(), permissions);
        prop_assert_eq!(PermissionSet::from_bits(set.bits()), Ok(set));
    }

    #[test]
    fn taking_out_what_was_put_in_leaves_the_rest(permissions in any_set(), one in prop::sample::select(&Permission::ALL[..])) {
        let set = permissions.iter().fold(PermissionSet::EMPTY, |set, permission| set.with(*permission));
        prop_assert!(!set.without(one).contains(one));
        prop_assert_eq!(set.with(one).without(one), set.without(one));
        prop_assert_eq!(set.without(one).with(one), set.with(one));
    }

    #[test]
    fn a_mask_with_an_unknown_bit_is_refused(bits: i64) {
        let known = Permission::ALL.into_iter().fold(PermissionSet::EMPTY, PermissionSet::with).bits();
        prop_assert_eq!(PermissionSet::from_bits(bits).is_ok(), bits & !known == 0);
        prop_assert_eq!(PermissionSet::from_bits(bits & known).map(PermissionSet::bits), Ok(bits & known));
    }
}

#[test]
fn the_stored_bits_never_change() {
    let bits = Permission::ALL.map(|permission| PermissionSet::EMPTY.with(permission).bits().trailing_zeros());
    assert_eq!(bits, [0, 1, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21, 22, 32, 33]);
    assert!(PermissionSet::from_bits(1 << 6).is_err());
    assert!(PermissionSet::from_bits(i64::MIN).is_err());
}

#[test]
fn a_new_account_may_read_posts() {
    assert_eq!(PermissionSet::default().iter().collect::<Vec<_>>(), [Permission::PostRead]);
}
