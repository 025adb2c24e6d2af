//! Dossiers: what is taken, and what a change changes.

use time::{Duration, macros::datetime};
use vestibule_domain::{
    AccountId, Dossier, DossierChange, PhoneNumber,
    dossier::{Address, Change, Detail},
};

fn detail(text: &str) -> Detail {
    Detail::parse(text).unwrap()
}

#[test]
fn a_telephone_number_is_shown_as_given_and_compared_by_its_digits() {
    let number = PhoneNumber::parse(" +33 (1) 23-45.67 ").unwrap();
    assert_eq!((number.as_str(), number.key()), ("+33 (1) 23-45.67", "+331234567"));
    assert_ne!(PhoneNumber::parse("331234567").unwrap().key(), number.key(), "with and without a country");
}

#[test]
fn what_is_no_telephone_number_is_refused() {
    for text in ["", "+", "12", "abc", "123a", "1+23", "++123", "1234567890123456789012", "12\n34", "١٢٣٤"] {
        assert!(PhoneNumber::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_line_is_trimmed_and_has_no_control_characters() {
    assert_eq!(detail("  Paris ").as_str(), "Paris");
    for text in ["", "  ", "a\nb", "a\0", &"x".repeat(1001)] {
        assert!(Detail::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn only_what_differs_is_a_change() {
    let now = datetime!(2026-03-01 12:00 UTC);
    let mut dossier = Dossier::empty(AccountId::new(now, [0; 6]));
    let address = Address { city: Some(detail("Paris")), ..Address::default() };
    let told = DossierChange {
        profession: Change::Set(detail("Boulangère")),
        address: Change::Set(address.clone()),
        ..DossierChange::default()
    };
    assert!(!dossier.change(DossierChange::default(), now));
    assert_eq!(dossier.updated_at, None);
    assert!(dossier.change(told.clone(), now));
    assert!(!dossier.change(told, now + Duration::hours(1)));
    assert_eq!((dossier.updated_at, &dossier.contact.address), (Some(now), &address));
    let cleared = DossierChange { address: Change::Clear, ..DossierChange::default() };
    assert!(dossier.change(cleared, now + Duration::hours(2)));
    assert!(dossier.contact.address.is_empty());
    assert_eq!(dossier.person.profession, Some(detail("Boulangère")));
}
