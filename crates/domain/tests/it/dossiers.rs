//! Dossiers: what is taken, and what a change changes.

use time::{Duration, macros::datetime};
use vestibule_domain::{
    AccountId, Dossier, DossierChange, PhoneNumber,
    dossier::{Detail, Document, Field, ReviewState, Value, Values, Verdict},
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
fn a_telephone_number_that_was_copied_from_contacts_is_the_number_that_is_seen() {
    for text in [
        "\u{202a}+33 1\u{a0}23\u{202c}",
        "+33\u{2011}1-23\u{200e}",
        "\u{feff}＋３３ １２３",
        "\u{2068}+33 (1) 23\u{2069}",
    ] {
        let number = PhoneNumber::parse(text).unwrap();
        assert_eq!(number.key(), "+33123", "{text:?}");
        assert!(number.as_str().is_ascii());
        assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number));
    }
}

#[test]
fn what_is_no_telephone_number_is_refused() {
    for text in ["", "+", "12", "abc", "123a", "1+23", "++123", "1234567890123456789012", "12\n34", "١٢٣٤"] {
        assert!(PhoneNumber::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_text_is_trimmed_and_has_no_control_characters_but_line_breaks_and_tabs() {
    assert_eq!(detail("  Paris ").as_str(), "Paris");
    assert_eq!(detail("1 Main St\r\n\tFlat 4\n").as_str(), "1 Main St\r\n\tFlat 4");
    for text in ["", "  ", "a\u{7}b", "a\0", &"x".repeat(1001)] {
        assert!(Detail::parse(text).is_err(), "{text:?}");
    }
}

/// The staff's codes are no part of what an owner submits and a reviewer judges.
#[test]
fn what_the_staff_notes_neither_makes_nor_undoes_a_review() {
    let now = datetime!(2026-03-01 12:00 UTC);
    let [owner, reviewer] = [0, 1].map(|number| AccountId::new(now, [number; 6]));
    let noting = |code: &str| {
        let mut noted = DossierChange::default();
        noted.put(Field::RCode, Some(Value::Text(detail(code)))).unwrap();
        noted
    };
    let mut dossier = Dossier::empty(owner);
    assert!(dossier.change(noting("R-1"), now));
    assert!(dossier.submit(&[], now).is_err(), "there is nothing to judge");
    let mut told = DossierChange::default();
    told.put(Field::City, Some(Value::Text(detail("Paris")))).unwrap();
    dossier.change(told, now);
    dossier.submit(&[], now).unwrap();
    dossier.hold(reviewer, now, now + Duration::HOUR).unwrap();
    assert!(dossier.change(noting("R-2"), now));
    let verdict = |field| std::collections::BTreeMap::from([(field, Some(Verdict::Accepted))]);
    assert!(dossier.set_verdicts(reviewer, now, verdict(Field::RCode)).is_err());
    dossier.set_verdicts(reviewer, now, verdict(Field::City)).unwrap();
    dossier.accept(reviewer, now, false).unwrap();
    assert!(dossier.change(noting("R-3"), now));
    assert_eq!(dossier.review.state(), ReviewState::Accepted);
}

#[test]
fn only_what_differs_is_a_change() {
    let now = datetime!(2026-03-01 12:00 UTC);
    let mut dossier = Dossier::empty(AccountId::new(now, [0; 6]));
    let mut told = DossierChange::default();
    told.put(Field::Profession, Some(Value::Text(detail("Boulangère")))).unwrap();
    told.put(Field::City, Some(Value::Text(detail("Paris")))).unwrap();
    told.put(Field::Zip, None).unwrap();
    assert!(!dossier.change(DossierChange::default(), now));
    assert_eq!(dossier.updated_at, None);
    assert!(dossier.change(told.clone(), now));
    assert!(!dossier.change(told, now + Duration::hours(1)));
    assert_eq!((dossier.updated_at, dossier.values.line(Field::City)), (Some(now), Some(&detail("Paris"))));
    let mut cleared = DossierChange::default();
    cleared.put(Field::City, None).unwrap();
    assert!(dossier.change(cleared, now + Duration::hours(2)));
    let left: Vec<_> = dossier.values.iter().collect();
    assert_eq!(left, [(Field::Profession, &Value::Text(detail("Boulangère")))]);
}

#[test]
fn a_field_takes_values_of_its_own_kind_only() {
    let day = Value::Day(datetime!(1931-05-09 00:00 UTC));
    let values = [
        Value::Text(detail("a")),
        day.clone(),
        Value::Phone(PhoneNumber::parse("12345").unwrap()),
        Value::Document(Document::Path(detail("a.pdf"))),
    ];
    for field in Field::ALL {
        for value in &values {
            let fits = value.kind() == field.kind();
            assert_eq!(Values::default().set(*field, value.clone()).is_ok(), fits, "{field:?}, {value:?}");
            assert_eq!(DossierChange::default().put(*field, Some(value.clone())).is_ok(), fits, "{field:?}, {value:?}");
        }
    }
}

#[test]
fn a_field_is_known_by_one_word_that_begins_with_its_group() {
    let mut words = std::collections::BTreeSet::new();
    for field in Field::ALL {
        assert_eq!(field.as_str().parse(), Ok(*field));
        let (group, name) = field.as_str().split_once('.').unwrap();
        assert_eq!(group, format!("{:?}", field.group()).to_lowercase(), "{field:?}");
        assert!(!name.is_empty() && words.insert(field.as_str()), "{field:?}");
    }
    assert!("person.unknown".parse::<Field>().is_err());
}
