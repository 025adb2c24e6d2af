//! The review as a machine that is driven at random.

use std::collections::BTreeMap;

use proptest::prelude::*;
use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    CLOCK_SKEW, Dossier, DossierChange,
    dossier::{Detail, Field, GivenVerdict, Reason, Review, ReviewError, ReviewState, Value, Verdict},
};

use super::{LEASE, NOW, account, note, owner, rejected};

const FIELDS: [Field; 2] = [Field::City, Field::Zip];

#[derive(Debug, Clone)]
enum Step {
    Edit(Vec<(usize, Option<u8>)>),
    Submit(bool),
    Withdraw,
    Hold(u8),
    Release(u8),
    Free,
    Judge(u8, BTreeMap<usize, Option<bool>>),
    Accept(u8, bool),
    Reject(u8),
    Reopen(u8),
}

/// A step, after the clock has advanced by some seconds; the next one may be read on a node that is behind.
fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let field = 0..FIELDS.len();
    let who = prop_oneof![1 => Just(0_u8), 8 => 1..3_u8];
    let step = prop_oneof![
        2 => prop::collection::vec((field.clone(), prop::option::weighted(0.8, 0..3_u8)), 1..3).prop_map(Step::Edit),
        3 => any::<bool>().prop_map(Step::Submit),
        1 => Just(Step::Withdraw),
        5 => who.clone().prop_map(Step::Hold),
        1 => who.clone().prop_map(Step::Release),
        1 => Just(Step::Free),
        6 => (who.clone(), prop::collection::btree_map(field, prop::option::weighted(0.9, prop::bool::weighted(0.8)), 1..3))
            .prop_map(|(who, verdicts)| Step::Judge(who, verdicts)),
        5 => (who.clone(), any::<bool>()).prop_map(|(who, four_eyes)| Step::Accept(who, four_eyes)),
        2 => who.clone().prop_map(Step::Reject),
        1 => who.prop_map(Step::Reopen),
    ];
    prop::collection::vec((step, prop_oneof![8 => -30_i64..60, 1 => Just(1_900)]), 1..80)
}

fn take(dossier: &mut Dossier, step: &Step, now: OffsetDateTime) -> Result<(), ReviewError> {
    let until = now + LEASE;
    match step {
        Step::Edit(fields) => {
            let mut change = DossierChange::default();
            for (field, text) in fields {
                let value = text.map(|text| Value::Text(Detail::parse(&text.to_string()).unwrap()));
                change.put(FIELDS[*field], value).unwrap();
            }
            dossier.change(change, now);
            Ok(())
        }
        Step::Submit(is_strict) => dossier.submit(if *is_strict { &FIELDS[..1] } else { &[] }, now),
        Step::Withdraw => dossier.withdraw(),
        Step::Hold(who) => dossier.hold(account(*who), now, until),
        Step::Release(who) => dossier.release(account(*who)),
        Step::Free => dossier.free(),
        Step::Judge(who, verdicts) => {
            let verdict = |good: bool| if good { Verdict::Accepted } else { rejected(Reason::Expired) };
            let change = verdicts.iter().map(|(field, good)| (FIELDS[*field], good.map(verdict))).collect();
            dossier.set_verdicts(account(*who), now, change)
        }
        Step::Accept(who, four_eyes) => dossier.accept(account(*who), now, *four_eyes).map(drop),
        Step::Reject(who) => dossier.reject(account(*who), now, Some(note("no"))),
        Step::Reopen(who) => dossier.reopen(account(*who), until),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_walk_leads_to_parts_that_contradict_each_other(steps in steps()) {
        let (mut dossier, mut now) = (Dossier::empty(owner()), NOW);
        for (step, seconds) in steps {
            now += Duration::seconds(seconds);
            let before = dossier.clone();
            let taken = take(&mut dossier, &step, now);
            let (old, new) = (before.review.record(), dossier.review.record());

            let restored = Review::restore(new.clone(), owner(), &dossier.values);
            prop_assert_eq!(restored.as_ref(), Ok(&dossier.review), "{:?} from {:?}", step, before);
            prop_assert!(taken.is_ok() || dossier == before, "{:?} failed and changed {:?}", step, before);
            prop_assert!(new.round == old.round || new.round == old.round + 1);
            let is_next = matches!((old.state, new.state),
                (ReviewState::Rejected, ReviewState::Resubmitted) | (ReviewState::Accepted, ReviewState::Draft));
            prop_assert_eq!(new.round > old.round, is_next);

            for field in FIELDS {
                let changed = dossier.values.get(field) != before.values.get(field);
                prop_assert!(!changed || dossier.review.verdict(field).is_none());
                let is_judged = matches!(&step, Step::Judge(_, verdicts) if verdicts.keys().any(|known| FIELDS[*known] == field));
                prop_assert!(changed || is_judged || new.verdicts.get(&field) == old.verdicts.get(&field));
            }
            if dossier.values == before.values && matches!(step, Step::Edit(_)) {
                prop_assert_eq!(&dossier, &before);
            }
            if let (Step::Accept(_, true), ReviewState::Accepted) = (&step, new.state) {
                prop_assert!(taken.is_err() || new.first_acceptance.is_some_and(|first| Some(first.by) != new.decision.map(|last| last.by)));
            }
            if let (Some(hold), Some(held)) = (new.hold, old.hold) && hold.by != held.by {
                prop_assert!(now >= held.until + CLOCK_SKEW || now + LEASE + CLOCK_SKEW < held.until);
            }
            if new.state == ReviewState::Resubmitted && old.state == ReviewState::Rejected {
                prop_assert!(new.verdicts.values().all(GivenVerdict::is_accepted));
            }
            if new.state.is_decided() && !old.state.is_decided() {
                prop_assert_eq!(old.hold.map(|hold| hold.by), new.decision.map(|decision| decision.by));
            }
        }
    }
}
