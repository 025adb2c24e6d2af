use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;
use vestibule_domain::{
    AccountId,
    id::{Id96, InvalidId},
};

proptest! {
    #[test]
    fn an_id_comes_back_from_its_uuid_and_from_its_digits(bytes: [u8; 12]) {
        let id = Id96::from_bytes(bytes);
        prop_assert_eq!(Id96::from_uuid(id.to_uuid()), Ok(id));
        prop_assert_eq!(Id96::from_hex(&id.to_string()), Ok(id));
        prop_assert_eq!(Id96::from_hex(&id.to_string().to_uppercase()), Ok(id));
    }

    #[test]
    fn an_id_stands_for_a_version_8_uuid_of_the_rfc_variant(bytes: [u8; 12]) {
        let uuid = Id96::from_bytes(bytes).to_uuid();
        prop_assert_eq!(uuid.get_version_num(), 8);
        prop_assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
    }

    #[test]
    fn ids_uuids_and_digits_have_one_order(a: [u8; 12], b: [u8; 12]) {
        let (a, b) = (Id96::from_bytes(a), Id96::from_bytes(b));
        prop_assert_eq!(a.cmp(&b), a.to_uuid().cmp(&b.to_uuid()));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    #[test]
    fn a_uuid_is_refused_or_comes_back(bits: u128) {
        let uuid = Uuid::from_u128(bits);
        if let Ok(id) = AccountId::from_uuid(uuid) {
            prop_assert_eq!(id.uuid(), uuid);
        }
    }

    #[test]
    fn a_changed_bit_outside_of_the_96_makes_another_uuid_no_id(bytes: [u8; 12], bit in 0_u32..26) {
        let uuid = Id96::from_bytes(bytes).to_uuid();
        prop_assert_eq!(Id96::from_uuid(Uuid::from_u128(uuid.as_u128() ^ 1 << bit)), Err(InvalidId));
    }

    #[test]
    fn later_ids_sort_behind_earlier_ones(
        start in 0_i64..4_000_000_000,
        later in 16_i64..10_000_000,
        random: [u8; 6],
        other: [u8; 6],
    ) {
        // Ids tell 1/65536 of a second apart, a little more than 15 µs.
        let start = OffsetDateTime::from_unix_timestamp(start).unwrap();
        prop_assert!(AccountId::new(start, random) < AccountId::new(start + Duration::microseconds(later), other));
    }

    #[test]
    fn text_that_is_not_24_hexadecimal_digits_is_refused(text in "[0-9a-fA-F]{0,23}|[0-9a-fA-F]{25,40}|[0-9a-f]{23}[g-zG-Z :+-]") {
        prop_assert_eq!(AccountId::from_hex(&text), Err(InvalidId));
    }
}

#[test]
fn the_digits_of_an_id_begin_with_the_seconds_of_its_creation() {
    let id = AccountId::new(datetime!(2026-03-01 12:00:00.5 UTC), [1, 2, 3, 4, 5, 6]);
    assert_eq!(id.hex(), "69a42a408000010203040506");
    assert_eq!(id.uuid().to_string(), "69a42a40-8000-8010-880c-101418000000");
}

#[test]
fn multibyte_text_of_24_bytes_is_refused_as_an_id() {
    assert_eq!(AccountId::from_hex(&"é".repeat(12)), Err(InvalidId));
    assert_eq!(AccountId::from_hex("507f1f77bcf86cd79943901\u{0}"), Err(InvalidId));
}

#[test]
fn uuids_of_other_kinds_are_refused_as_ids() {
    for uuid in ["00000000-0000-0000-0000-000000000000", "f47ac10b-58cc-4372-a567-0e02b2c3d479"] {
        assert_eq!(AccountId::from_uuid(uuid.parse().unwrap()), Err(InvalidId), "{uuid}");
    }
}
