use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_domain::{
    AccountId, Actor, BlobId, Digest, Dossier, EventId, EventKind, Owner, SecurityEvent, Session, SessionId,
    TokenEpoch, TokenUse,
    dossier::{
        Acceptance, Detail, Document, Field, MediaType, Note, Reason, Rejection, StoredDocument, Value, Verdict,
    },
};
use vestibule_ports::{
    Page, StoreError,
    stored::{StoredDossier, StoredEvent, StoredSession, StoredTime, readable_all, readable_page},
};
use vestibule_testkit::Lines;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00.123456 UTC);
const NANOSECONDS: Duration = Duration::nanoseconds(999);

fn session(owner: Owner) -> Session {
    let last_use = Some(TokenUse { key: Some(Digest::new([7; 32])), at: NOW });
    Session { id: SessionId::new(NOW, [1; 6]), owner, counter: 3, last_use, began_at: NOW }
}

fn account() -> AccountId {
    AccountId::new(NOW, [2; 6])
}

fn corrupt<T>(read: Result<T, StoreError>) -> &'static str {
    match read {
        Err(StoreError::Corrupt { what }) => what,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("taken for sound"),
    }
}

#[test]
fn times_are_cut_to_microseconds_on_either_side_of_every_epoch() {
    for time in [NOW, datetime!(1999-12-31 23:59:59.999999 UTC), datetime!(1931-05-06 00:00:00.000001 UTC)] {
        assert_eq!(OffsetDateTime::of(time + NANOSECONDS).read(), Some(time));
        assert_eq!(i64::of(time + NANOSECONDS).read(), Some(time));
    }
    assert_eq!(i64::MAX.read(), None);
}

#[test]
fn a_session_is_read_as_it_was_written() {
    for owner in [Owner::Account { account: account(), epoch: TokenEpoch::new([3; 16]) }, Owner::Anonymous] {
        let session = session(owner);
        assert_eq!(Session::try_from(StoredSession::<i64>::from(&session)).unwrap(), session);
        assert_eq!(Session::try_from(StoredSession::<OffsetDateTime>::from(&session)).unwrap(), session);
    }
}

#[test]
fn a_session_with_half_an_owner_or_without_its_account_is_corrupt() {
    let owned =
        || StoredSession::<i64>::from(&session(Owner::Account { account: account(), epoch: TokenEpoch::new([3; 16]) }));
    assert_eq!(corrupt(Session::try_from(StoredSession { epoch: None, ..owned() })), "owner of a session");
    assert_eq!(corrupt(Session::try_from(StoredSession { account_id: None, ..owned() })), "owner of a session");
    assert_eq!(
        corrupt(Session::try_from(StoredSession { epoch: Some(vec![3; 15]), ..owned() })),
        "token epoch of a session"
    );
    assert_eq!(corrupt(Session::try_from(StoredSession { counter: -1, ..owned() })), "counter of a session");
    assert_eq!(corrupt(Session::try_from(StoredSession { began_at: i64::MAX, ..owned() })), "beginning of a session");
    assert_eq!(corrupt(owned().with_account(None)), "account of a session");
}

#[test]
fn a_dossier_is_read_as_it_was_written_and_a_line_that_breaks_a_rule_is_named() {
    let mut dossier = Dossier::empty(account());
    dossier.values.set(Field::Birth, Value::Day(datetime!(1931-05-06 00:00:00.000001 UTC))).unwrap();
    let stored = || StoredDossier::<i64>::from(&dossier);
    assert_eq!(Dossier::try_from(stored()).unwrap(), dossier);
    assert_eq!(stored().fields, r#"{"person.birth":-1219967999999999}"#);
    for fields in [r#"{"contact.city":" "}"#, r#"{"contact.city":1}"#, r#"{"person.birth":"1931"}"#, r#"{"x":"y"}"#] {
        let broken = StoredDossier { fields: fields.to_owned(), ..stored() };
        assert_eq!(corrupt(Dossier::try_from(broken)), "field of a dossier", "{fields}");
    }
    for fields in ["", "[]", "null"] {
        let broken = StoredDossier { fields: fields.to_owned(), ..stored() };
        assert_eq!(corrupt(Dossier::try_from(broken)), "fields of a dossier", "{fields}");
    }
    let unknown = StoredDossier { review_state: "perhaps".to_owned(), ..stored() };
    assert_eq!(corrupt(Dossier::try_from(unknown)), "state of a dossier");
}

/// A dossier in review, with a verdict of each kind and a first acceptance.
fn in_review() -> Dossier {
    let [first, second] = [3, 4].map(|number| AccountId::new(NOW, [number; 6]));
    let mut dossier = Dossier::empty(account());
    for field in [Field::City, Field::Zip, Field::Area] {
        dossier.values.set(field, Value::Text(Detail::parse("a").unwrap())).unwrap();
    }
    dossier.submit(&[], NOW).unwrap();
    dossier.hold(first, NOW, NOW + Duration::HOUR).unwrap();
    let good = |field| (field, Some(Verdict::Accepted));
    dossier.set_verdicts(first, NOW, [Field::City, Field::Zip, Field::Area].map(good).into()).unwrap();
    assert_eq!(dossier.accept(first, NOW, true), Ok(Acceptance::First));
    dossier.hold(second, NOW, NOW + Duration::HOUR).unwrap();
    let note = Note::parse("a\nb").unwrap();
    let bad = |reason, note| Some(Verdict::Rejected(Rejection::new(reason, note).unwrap()));
    let verdicts = [(Field::Zip, bad(Reason::Other, Some(note))), (Field::Area, bad(Reason::Expired, None))];
    dossier.set_verdicts(second, NOW, verdicts.into()).unwrap();
    dossier
}

#[test]
fn a_review_is_read_as_it_was_written_and_a_part_that_is_missing_or_wrong_is_found() {
    let dossier = in_review();
    let stored = || StoredDossier::<i64>::from(&dossier);
    assert_eq!(Dossier::try_from(stored()).unwrap(), dossier);
    assert_eq!(Dossier::try_from(StoredDossier::<OffsetDateTime>::from(&dossier)).unwrap(), dossier);
    let [first, second] = [3, 4].map(|number| AccountId::new(NOW, [number; 6]).uuid());
    let at = stored().submitted_at.unwrap();
    let expected = format!(
        r#"{{"first_accepted_at":{at},"round":1,"verdicts":{{"contact.area":{{"at":{at},"by":"{second}","reason":"expired"}},"contact.city":{{"at":{at},"by":"{first}"}},"contact.zip":{{"at":{at},"by":"{second}","note":"a\nb","reason":"other"}}}}}}"#
    );
    assert_eq!(stored().review, expected);
    let parts = [
        ("", ""),
        (r#""round":1"#, r#""round":0"#),
        (r#""round":1"#, r#""round":-1"#),
        (r#""round":1,"#, ""),
        (r#","note":"a\nb""#, ""),
        (r#""note":"a\nb""#, r#""note":1"#),
        (r#""reason":"expired""#, r#""reason":"perhaps""#),
        (r#""contact.city""#, r#""contact.street""#),
        (r#""contact.city""#, r#""contact.unknown""#),
        (r#""first_accepted_at":"#, r#""first":"#),
        (r#""first_accepted_at":"#, r#""message":"a","first_accepted_at":"#),
        (r#""first_accepted_at":"#, r#""decided_by":"00000000-0000-0000-0000-000000000000","first_accepted_at":"#),
    ];
    for (part, other) in parts {
        let review = if part.is_empty() { "[]".to_owned() } else { stored().review.replacen(part, other, 1) };
        assert_ne!(review, stored().review);
        let read = Dossier::try_from(StoredDossier { review: review.clone(), ..stored() });
        assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{review}");
    }
    let columns = [
        StoredDossier { held_by: None, ..stored() },
        StoredDossier { held_until: None, ..stored() },
        StoredDossier { held_by: Some(account().uuid()), ..stored() },
        StoredDossier { held_by: Some(first), ..stored() },
        StoredDossier { submitted_at: None, ..stored() },
        StoredDossier { submitted_at: Some(i64::MAX), ..stored() },
        StoredDossier { first_accepted_by: None, ..stored() },
        StoredDossier { decided_at: Some(at), ..stored() },
        StoredDossier { review_state: "accepted".to_owned(), ..stored() },
    ];
    for (number, row) in columns.into_iter().enumerate() {
        assert!(matches!(Dossier::try_from(row), Err(StoreError::Corrupt { .. })), "{number}");
    }
}

#[test]
fn a_stored_document_is_an_object_of_which_no_member_may_be_missing_or_wrong() {
    let mut dossier = Dossier::empty(account());
    let document = StoredDocument {
        blob: BlobId::new([9; 16]),
        media_type: MediaType::Pdf,
        size_bytes: 1_234,
        sha256: [0xAB; 32],
        uploaded_at: NOW,
    };
    dossier.values.set(Field::TaxId, Value::Document(Document::Stored(document))).unwrap();
    let row = || StoredDossier::<i64>::from(&dossier);
    assert_eq!(Dossier::try_from(row()).unwrap(), dossier);
    let members = json!({
        "blob": "09090909-0909-4909-8909-090909090909",
        "media_type": "application/pdf",
        "size_bytes": 1_234,
        "sha256": "ab".repeat(32),
        "uploaded_at": 1_772_366_400_123_456_i64,
    });
    let fields: Json = serde_json::from_str(&row().fields).unwrap();
    assert_eq!(fields, json!({ "documents.tax_id": members }));
    let wrong =
        [("blob", "9"), ("media_type", "image/gif"), ("size_bytes", "1"), ("sha256", "ab"), ("uploaded_at", "0")];
    for (member, value) in wrong {
        let mut changed = members.clone();
        changed[member] = value.into();
        let mut missing = members.clone();
        missing.as_object_mut().unwrap().remove(member);
        for broken in [changed, missing] {
            let broken = StoredDossier { fields: json!({ "documents.tax_id": broken }).to_string(), ..row() };
            assert_eq!(corrupt(Dossier::try_from(broken)), "field of a dossier", "{member}");
        }
    }
    let misplaced = StoredDossier { fields: json!({ "contact.city": members }).to_string(), ..row() };
    assert_eq!(corrupt(Dossier::try_from(misplaced)), "field of a dossier");
}

#[test]
fn an_event_whose_actor_has_no_id_or_one_too_many_is_corrupt() {
    let event = |actor| SecurityEvent {
        id: EventId::new(NOW, [4; 6]),
        kind: EventKind::Block,
        account: Some(account()),
        actor,
        origin: None,
        at: NOW,
    };
    for actor in [Actor::Anyone, Actor::Account(account()), Actor::Operator] {
        let stored = || StoredEvent::<i64>::from(&event(actor));
        assert_eq!(SecurityEvent::try_from(stored()).unwrap(), event(actor));
        let actor_id = if stored().actor_id.is_some() { None } else { Some(account().uuid()) };
        let wrong = SecurityEvent::try_from(StoredEvent { actor_id, ..stored() });
        assert_eq!(corrupt(wrong), "actor of a security event");
    }
}

#[test]
fn a_row_that_cannot_be_read_is_named_in_the_log_without_its_content() {
    let rows = [1, 2, 3].map(|number| {
        let row = StoredDossier::<i64>::from(&Dossier::empty(AccountId::new(NOW, [number; 6])));
        if number == 2 { StoredDossier { fields: r#"{"secret":1}"#.to_owned(), ..row } } else { row }
    });
    let (spoiled, lines) = (AccountId::new(NOW, [2; 6]), Lines::default());
    let log = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || log.clone()).finish();
    let read: Vec<Dossier> = tracing::subscriber::with_default(subscriber, || readable_all(rows.into()));
    assert_eq!(
        read.iter().map(|dossier| dossier.account).collect::<Vec<_>>(),
        [AccountId::new(NOW, [1; 6]), AccountId::new(NOW, [3; 6])]
    );
    let line: Json = serde_json::from_str(&lines.text()).unwrap();
    let fields = &line["fields"];
    assert_eq!(
        (&line["level"], &fields["error"]),
        (&json!("ERROR"), &json!("the stored field of a dossier is corrupt"))
    );
    assert_eq!((&fields["key"], &fields["id"]), (&json!(spoiled.uuid().to_string()), &json!(spoiled.hex())));
    assert!(fields["message"].as_str().unwrap().contains("docs/operations.md"), "{line}");
    assert!(!lines.text().contains("secret"), "{line}");
}

#[test]
fn a_page_of_rows_that_cannot_be_read_is_read_on_behind_them() {
    let row = |number| StoredDossier::<i64>::from(&Dossier::empty(AccountId::new(NOW, [number; 6])));
    let spoiled = |number| StoredDossier { fields: String::new(), ..row(number) };
    let place = |row: &StoredDossier<i64>| row.account_id;
    let begin = AccountId::new(NOW, [0; 6]).uuid();
    for (rows, limit, expected) in [
        (vec![], 2, Ok((0, false))),
        (vec![row(1)], 2, Ok((1, false))),
        (vec![row(1), spoiled(2), row(3)], 2, Ok((1, true))),
        (vec![spoiled(1), spoiled(2), row(3)], 2, Err(spoiled(2).account_id)),
        (vec![spoiled(1), spoiled(2)], 2, Ok((0, false))),
        (vec![row(1)], 0, Ok((0, true))),
    ] {
        let mut after = begin;
        let page: Option<Page<Dossier>> = readable_page(rows, limit, &mut after, place);
        assert_eq!(page.map(|page| (page.items.len(), page.has_more)).ok_or(after), expected);
    }
}
