//! Reviews of dossiers: the walk step by step here, random walks in a file of their own.

mod machine;

use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_domain::{
    AccountId, CLOCK_SKEW, Dossier, DossierChange, PhoneNumber,
    dossier::{
        Acceptance, Decision, Detail, Field, Hold, HoldBounds, Note, NoteMissing, Reason, Rejection, Review,
        ReviewError, ReviewRecord, ReviewState, Value, Verdict, VerdictChange,
    },
};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);
const LEASE: Duration = Duration::minutes(30);

fn account(number: u8) -> AccountId {
    AccountId::new(NOW, [0, 0, 0, 0, 0, number])
}

fn owner() -> AccountId {
    account(0)
}

fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

fn rejected(reason: Reason) -> Verdict {
    Verdict::Rejected(Rejection::new(reason, Some(note("a note"))).unwrap())
}

fn edit(dossier: &mut Dossier, field: Field, text: Option<&str>) -> bool {
    let mut change = DossierChange::default();
    change.put(field, text.map(|text| Value::Text(Detail::parse(text).unwrap()))).unwrap();
    dossier.change(change, NOW)
}

/// A draft with two fields.
fn draft() -> Dossier {
    let mut dossier = Dossier::empty(owner());
    assert!(edit(&mut dossier, Field::City, Some("Paris")) && edit(&mut dossier, Field::Zip, Some("75001")));
    dossier
}

/// The same in review, held by reviewer 1 until the end of a lease.
fn held() -> Dossier {
    let mut dossier = draft();
    dossier.submit(&[], NOW).unwrap();
    dossier.hold(account(1), NOW, NOW + LEASE).unwrap();
    dossier
}

fn judge(dossier: &mut Dossier, by: u8, verdicts: &[(Field, Verdict)]) {
    let change = verdicts.iter().cloned().map(|(field, verdict)| (field, Some(verdict))).collect();
    dossier.set_verdicts(account(by), NOW, change).unwrap();
}

fn all_good() -> [(Field, Verdict); 2] {
    [(Field::City, Verdict::Accepted), (Field::Zip, Verdict::Accepted)]
}

fn accepted() -> Dossier {
    let mut dossier = held();
    judge(&mut dossier, 1, &all_good());
    assert_eq!(dossier.accept(account(1), NOW, false), Ok(Acceptance::Final));
    dossier
}

/// Rejected for its post code.
fn refused() -> Dossier {
    let mut dossier = held();
    judge(&mut dossier, 1, &[(Field::City, Verdict::Accepted), (Field::Zip, rejected(Reason::Mismatch))]);
    dossier.reject(account(1), NOW, Some(note("Look\nagain"))).unwrap();
    dossier
}

fn wrong(state: ReviewState) -> ReviewError {
    ReviewError::WrongState { state }
}

#[test]
fn a_dossier_is_submitted_held_judged_and_accepted() {
    let mut dossier = draft();
    assert_eq!((dossier.review.state(), dossier.review.round()), (ReviewState::Draft, 1));
    dossier.submit(&[], NOW + Duration::nanoseconds(1_999)).unwrap();
    assert_eq!(dossier.review.state(), ReviewState::Submitted);
    assert_eq!(dossier.review.record().submitted_at, Some(NOW + Duration::MICROSECOND));
    dossier.hold(account(1), NOW, NOW + LEASE).unwrap();
    assert_eq!(dossier.review.state(), ReviewState::InReview);
    judge(&mut dossier, 1, &all_good());
    let later = NOW + LEASE - Duration::MICROSECOND;
    assert_eq!(dossier.accept(account(1), later, false), Ok(Acceptance::Final));
    let review = dossier.review.record();
    assert_eq!(review.decision, Some(Decision { by: account(1), at: later }));
    assert_eq!((review.hold, review.first_acceptance, review.state), (None, None, ReviewState::Accepted));
}

#[test]
fn an_empty_dossier_and_one_that_lacks_a_required_field_are_not_submitted() {
    let mut empty = Dossier::empty(owner());
    assert_eq!(empty.submit(&[], NOW), Err(ReviewError::Incomplete { fields: vec![] }));
    let mut dossier = draft();
    let required = [Field::LegalName, Field::City, Field::Identity];
    let missing = vec![Field::LegalName, Field::Identity];
    assert_eq!(dossier.submit(&required, NOW), Err(ReviewError::Incomplete { fields: missing }));
    assert_eq!(dossier, draft());
    dossier.submit(&[Field::City], NOW).unwrap();
    assert_eq!(dossier.submit(&[], NOW), Err(wrong(ReviewState::Submitted)));
}

#[test]
fn what_was_rejected_is_changed_and_resubmitted_in_the_next_round() {
    let mut dossier = refused();
    assert_eq!(dossier.review.record().message, Some(note("Look\nagain")));
    assert_eq!(dossier.submit(&[], NOW), Err(ReviewError::Incomplete { fields: vec![Field::Zip] }));
    assert!(edit(&mut dossier, Field::Zip, Some("75002")));
    assert_eq!(dossier.review.state(), ReviewState::Rejected, "until it is submitted");
    let later = NOW + Duration::days(1);
    dossier.submit(&[], later).unwrap();
    let review = dossier.review.record().clone();
    assert_eq!((review.state, review.round), (ReviewState::Resubmitted, 2));
    assert_eq!((review.message, review.decision, review.submitted_at), (None, None, Some(later)));
    assert_eq!(review.verdicts.keys().copied().collect::<Vec<_>>(), [Field::City], "the other verdict stands");
    dossier.withdraw().unwrap();
    dossier.submit(&[], later).unwrap();
    assert_eq!((dossier.review.state(), dossier.review.round()), (ReviewState::Resubmitted, 2), "the same round");
}

#[test]
fn an_edit_of_what_is_accepted_makes_a_draft_of_the_next_round() {
    let mut dossier = accepted();
    assert!(!edit(&mut dossier, Field::City, Some("Paris")));
    assert_eq!(dossier, accepted(), "nothing was changed");
    assert!(edit(&mut dossier, Field::City, Some("Lyon")));
    let review = dossier.review.record();
    assert_eq!((review.state, review.round, review.decision), (ReviewState::Draft, 2, None));
    assert_eq!(review.verdicts.keys().copied().collect::<Vec<_>>(), [Field::Zip]);
}

#[test]
fn an_edit_of_what_is_open_withdraws_it() {
    let mut submitted = draft();
    submitted.submit(&[], NOW).unwrap();
    for mut dossier in [submitted, held()] {
        let before = dossier.clone();
        assert!(!edit(&mut dossier, Field::Zip, Some("75001")) && !edit(&mut dossier, Field::LegalName, None));
        assert_eq!(dossier, before);
        assert!(edit(&mut dossier, Field::Zip, None));
        let review = dossier.review.record();
        assert_eq!((review.state, review.hold, review.submitted_at), (ReviewState::Draft, None, None));
    }
}

#[test]
fn a_number_that_is_given_up_takes_its_verdict_along() {
    let mut dossier = Dossier::empty(owner());
    dossier.change(DossierChange::of_phone(PhoneNumber::parse("+1 202 555 0100").unwrap()), NOW);
    dossier.submit(&[], NOW).unwrap();
    dossier.hold(account(1), NOW, NOW + LEASE).unwrap();
    judge(&mut dossier, 1, &[(Field::Phone, Verdict::Accepted)]);
    dossier.give_up_phone();
    assert_eq!((dossier.review.state(), dossier.review.verdict(Field::Phone)), (ReviewState::Draft, None));
    let before = dossier.clone();
    dossier.give_up_phone();
    assert_eq!(dossier, before);
}

#[test]
fn a_hold_protects_until_it_is_over_on_every_node() {
    let mut dossier = held();
    let end = NOW + LEASE;
    let refusal = Err(ReviewError::Held { by: account(1), until: end });
    let over = end + CLOCK_SKEW;
    for now in [NOW - CLOCK_SKEW, NOW, end, over - Duration::MICROSECOND] {
        assert_eq!(dossier.hold(account(2), now, now + LEASE), refusal, "{now}");
    }
    assert_eq!(dossier.set_verdicts(account(1), end, VerdictChange::new()), Err(ReviewError::NotHolder));
    dossier.hold(account(2), over, over + LEASE).unwrap();
    assert_eq!(dossier.review.record().hold, Some(Hold { by: account(2), until: over + LEASE }));
    assert_eq!(dossier.accept(account(1), NOW, false), Err(ReviewError::NotHolder));
}

#[test]
fn a_hold_of_a_clock_that_was_far_ahead_does_not_protect() {
    let mut dossier = held();
    let now = NOW + LEASE - HoldBounds::LONGEST - CLOCK_SKEW - Duration::MICROSECOND;
    dossier.hold(account(2), now, now + LEASE).unwrap();
    let ahead = NOW + Duration::days(1);
    dossier.hold(account(2), ahead, ahead + LEASE).unwrap();
    dossier.hold(account(2), NOW, NOW + LEASE).unwrap();
    assert_eq!(dossier.review.record().hold, Some(Hold { by: account(2), until: NOW + LEASE }), "it is clipped");
}

#[test]
fn a_renewal_never_shortens_a_hold() {
    let mut dossier = held();
    dossier.hold(account(1), NOW - Duration::seconds(2), NOW + LEASE - Duration::seconds(2)).unwrap();
    assert_eq!(dossier.review.record().hold.unwrap().until, NOW + LEASE);
    let later = NOW + LEASE + Duration::seconds(1);
    dossier.hold(account(1), later, later + LEASE).unwrap();
    assert_eq!(dossier.review.record().hold.unwrap().until, later + LEASE, "also after it ran out");
}

#[test]
fn what_is_put_back_waits_in_its_old_place() {
    let mut dossier = held();
    assert_eq!(dossier.release(account(2)), Err(ReviewError::NotHolder));
    dossier.release(account(1)).unwrap();
    let review = dossier.review.record();
    assert_eq!((review.state, review.hold, review.submitted_at), (ReviewState::Submitted, None, Some(NOW)));
    assert_eq!(dossier.release(account(1)), Err(wrong(ReviewState::Submitted)));
    let mut dossier = held();
    dossier.free().unwrap();
    assert_eq!(dossier.free(), Err(wrong(ReviewState::Submitted)));
}

#[test]
fn verdicts_are_merged_and_only_for_filled_fields() {
    let mut dossier = held();
    judge(&mut dossier, 1, &[(Field::City, rejected(Reason::Other)), (Field::Zip, Verdict::Accepted)]);
    let before = dossier.clone();
    let change = VerdictChange::from([(Field::City, None), (Field::LegalName, Some(Verdict::Accepted))]);
    assert_eq!(dossier.set_verdicts(account(1), NOW, change), Err(ReviewError::EmptyField(Field::LegalName)));
    assert_eq!(dossier, before);
    let change = VerdictChange::from([(Field::City, None), (Field::LegalName, None)]);
    dossier.set_verdicts(account(1), NOW, change).unwrap();
    assert_eq!(dossier.review.record().verdicts.keys().copied().collect::<Vec<_>>(), [Field::Zip]);
}

#[test]
fn a_missing_or_bad_verdict_keeps_it_from_being_accepted() {
    let mut dossier = held();
    let both = ReviewError::Incomplete { fields: vec![Field::City, Field::Zip] };
    assert_eq!(dossier.accept(account(1), NOW, false), Err(both));
    judge(&mut dossier, 1, &[(Field::City, Verdict::Accepted)]);
    let incomplete = ReviewError::Incomplete { fields: vec![Field::Zip] };
    assert_eq!(dossier.accept(account(1), NOW, false), Err(incomplete.clone()));
    assert_eq!(dossier.reject(account(1), NOW, None), Err(ReviewError::NothingRejected));
    judge(&mut dossier, 1, &[(Field::Zip, rejected(Reason::Unreadable))]);
    assert_eq!(dossier.accept(account(1), NOW, true), Err(incomplete));
    dossier.reject(account(1), NOW, None).unwrap();
}

#[test]
fn four_eyes_are_of_two_accounts() {
    let mut dossier = held();
    judge(&mut dossier, 1, &all_good());
    assert_eq!(dossier.accept(account(1), NOW, true), Ok(Acceptance::First));
    let review = dossier.review.record();
    assert_eq!((review.state, review.submitted_at), (ReviewState::Submitted, Some(NOW)));
    assert_eq!(review.first_acceptance, Some(Decision { by: account(1), at: NOW }));
    assert_eq!(dossier.hold(account(1), NOW, NOW + LEASE), Err(ReviewError::SecondReviewerNeeded));
    dossier.hold(account(2), NOW, NOW + LEASE).unwrap();
    let mut withdrawn = dossier.clone();
    withdrawn.withdraw().unwrap();
    assert_eq!(withdrawn.review.record().first_acceptance, None);
    assert_eq!(dossier.accept(account(2), NOW, true), Ok(Acceptance::Final));
    assert_eq!(dossier.review.record().first_acceptance.unwrap().by, account(1));
    dossier.reopen(account(1), NOW + LEASE).unwrap();
    assert_eq!(dossier.review.record().first_acceptance, None, "both have to look again");
}

#[test]
fn a_decision_is_reopened_by_who_then_holds_it() {
    for (mut dossier, verdicts) in [(accepted(), 2), (refused(), 2)] {
        dossier.reopen(account(2), NOW + LEASE).unwrap();
        let review = dossier.review.record();
        assert_eq!((review.state, review.round, review.decision), (ReviewState::InReview, 1, None));
        assert_eq!((review.hold.unwrap().by, &review.message), (account(2), &None));
        assert_eq!(review.verdicts.len(), verdicts);
    }
    assert_eq!(draft().reopen(account(2), NOW + LEASE), Err(wrong(ReviewState::Draft)));
    assert_eq!(held().reopen(account(2), NOW + LEASE), Err(wrong(ReviewState::InReview)));
    let mut emptied = refused();
    assert!(edit(&mut emptied, Field::City, None) && edit(&mut emptied, Field::Zip, None));
    assert_eq!(emptied.reopen(account(2), NOW + LEASE), Err(wrong(ReviewState::Rejected)));
}

#[test]
fn an_owner_does_not_review_their_own_dossier() {
    let mut dossier = draft();
    dossier.submit(&[], NOW).unwrap();
    let own = ReviewError::OwnDossier;
    assert_eq!(dossier.hold(owner(), NOW, NOW + LEASE), Err(own.clone()));
    assert_eq!(dossier.set_verdicts(owner(), NOW, VerdictChange::new()), Err(own.clone()));
    assert_eq!(dossier.accept(owner(), NOW, false), Err(own.clone()));
    assert_eq!(dossier.reject(owner(), NOW, None), Err(own.clone()));
    assert_eq!(refused().reopen(owner(), NOW + LEASE), Err(own));
}

#[test]
fn a_note_has_lines_and_the_reason_other_has_a_note() {
    assert_eq!(note(" a\r\nb\n ").as_str(), "a\nb");
    assert!(Note::parse(&"é".repeat(Note::MAX_CHARS)).is_ok());
    for text in ["", " \n ", "a\tb", "a\rb", "a\0", &"x".repeat(Note::MAX_CHARS + 1)] {
        assert!(Note::parse(text).is_err(), "{text:?}");
    }
    for reason in Reason::ALL {
        assert_eq!(Rejection::new(reason, None).is_ok(), reason != Reason::Other);
        assert!(Rejection::new(reason, Some(note("a"))).is_ok());
    }
    assert_eq!(Rejection::new(Reason::Other, None), Err(NoteMissing));
}

/// Changes one part of a valid review so that it contradicts the others.
type Spoil = fn(&mut ReviewRecord);

#[test]
fn parts_that_contradict_each_other_are_not_restored() {
    let first_accepted = || {
        let mut dossier = held();
        judge(&mut dossier, 1, &all_good());
        dossier.accept(account(1), NOW, true).unwrap();
        dossier
    };
    let cases: [(Dossier, Spoil); 15] = [
        (draft(), |review| review.round = 0),
        (draft(), |review| review.submitted_at = Some(NOW)),
        (draft(), |review| review.message = Some(note("a"))),
        (draft(), |review| review.first_acceptance = Some(Decision { by: account(1), at: NOW })),
        (held(), |review| review.hold = None),
        (held(), |review| review.submitted_at = None),
        (held(), |review| review.hold = Some(Hold { by: owner(), until: NOW })),
        (held(), |review| review.state = ReviewState::Submitted),
        (first_accepted(), |review| review.state = ReviewState::Resubmitted),
        (first_accepted(), |review| review.round = 2),
        (first_accepted(), |review| {
            review.state = ReviewState::InReview;
            review.hold = Some(Hold { by: account(1), until: NOW });
        }),
        (accepted(), |review| review.decision = None),
        (accepted(), |review| drop(review.verdicts.remove(&Field::City))),
        (accepted(), |review| review.first_acceptance = review.decision),
        (refused(), |review| {
            let given = review.verdicts[&Field::City].clone();
            review.verdicts.insert(Field::LegalName, given);
        }),
    ];
    for (number, (dossier, spoil)) in cases.into_iter().enumerate() {
        let mut record = dossier.review.record().clone();
        assert_eq!(Review::restore(record.clone(), owner(), &dossier.values), Ok(dossier.review.clone()));
        spoil(&mut record);
        assert!(Review::restore(record, owner(), &dossier.values).is_err(), "{number}");
    }
    let (state, hold) = (ReviewState::InReview, Some(Hold { by: account(1), until: NOW + LEASE }));
    let empty = ReviewRecord { state, hold, submitted_at: Some(NOW), ..ReviewRecord::default() };
    assert!(Review::restore(empty, owner(), &Dossier::empty(owner()).values).is_err());
    let own = ReviewRecord { decision: Some(Decision { by: owner(), at: NOW }), ..accepted().review.record().clone() };
    assert!(Review::restore(own, owner(), &accepted().values).is_err());
}
