//! Promises of reviews as parts of dossiers.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use vestibule_domain::{
    AccountId, AccountStatus, Dossier, PhoneNumber,
    dossier::{Acceptance, Field, Note, Reason, Rejection, Value, Verdict},
};
use vestibule_ports::Store;
use vestibule_testkit::AccountBuilder;

use super::{detail, phone_value, replace_all, with, with_phone};
use crate::support::{MICROSECOND, NOW, RACERS, an_account, committed, insert_accounts, numbered, race, some_accounts};

/// How long a hold lasts.
pub(super) const LEASE: Duration = Duration::minutes(30);

/// An account that reviews.
pub(super) fn reviewer(number: u32) -> AccountId {
    numbered(1_000_000 + number).into()
}

/// A dossier with one field, submitted at this time.
pub(crate) fn submitted(account: AccountId, at: OffsetDateTime) -> Dossier {
    let mut dossier = with(account, Field::City, Value::Text(detail("Paris")));
    dossier.submit(&[], at).unwrap();
    dossier
}

/// The same, held by a reviewer from [`NOW`] on.
pub(super) fn held(account: AccountId, by: AccountId) -> Dossier {
    let mut dossier = submitted(account, NOW);
    dossier.hold(by, NOW, NOW + LEASE).unwrap();
    dossier
}

/// The same, with its field accepted or rejected.
fn judged(account: AccountId, by: AccountId, verdict: Verdict) -> Dossier {
    let mut dossier = held(account, by);
    dossier.set_verdicts(by, NOW + MICROSECOND, [(Field::City, Some(verdict))].into()).unwrap();
    dossier
}

/// Accepted by a first reviewer; waits for a second one.
pub(super) fn first_accepted(account: AccountId, by: AccountId) -> Dossier {
    let mut dossier = judged(account, by, Verdict::Accepted);
    assert_eq!(dossier.accept(by, NOW + MICROSECOND * 2, true), Ok(Acceptance::First));
    dossier
}

pub(super) fn accepted(account: AccountId, by: AccountId) -> Dossier {
    let mut dossier = judged(account, by, Verdict::Accepted);
    assert_eq!(dossier.accept(by, NOW + MICROSECOND * 3, false), Ok(Acceptance::Final));
    dossier
}

pub(super) fn rejected(account: AccountId, by: AccountId) -> Dossier {
    let note = Note::parse("D'Arcy \"x\" ; -- \\ 🦆\n{\"a\":[1]}").unwrap();
    let mut dossier =
        judged(account, by, Verdict::Rejected(Rejection::new(Reason::Other, Some(note.clone())).unwrap()));
    dossier.reject(by, NOW + MICROSECOND * 4, Some(note)).unwrap();
    dossier
}

/// Changes the city, as the account's owner.
pub(super) fn edit(dossier: &mut Dossier, city: &str) {
    let mut change = vestibule_domain::DossierChange::default();
    change.put(Field::City, Some(Value::Text(detail(city)))).unwrap();
    assert!(dossier.change(change, NOW), "it was so before");
}

/// A dossier in the second round.
pub(super) fn resubmitted(account: AccountId, by: AccountId) -> Dossier {
    let mut dossier = rejected(account, by);
    edit(&mut dossier, "Lyon");
    dossier.submit(&[], NOW + Duration::hours(1)).unwrap();
    dossier
}

/// One of every kind.
fn kinds(account: AccountId) -> Vec<Dossier> {
    let (first, second) = (reviewer(1), reviewer(2));
    let mut twice_accepted = first_accepted(account, first);
    twice_accepted.hold(second, NOW, NOW + LEASE).unwrap();
    let held_again = twice_accepted.clone();
    assert_eq!(twice_accepted.accept(second, NOW + MICROSECOND, true), Ok(Acceptance::Final));
    let mut bad = held(account, first);
    for reason in Reason::ALL {
        let note = Note::parse(&"é".repeat(Note::MAX_CHARS)).unwrap();
        let verdict = Verdict::Rejected(Rejection::new(reason, Some(note)).unwrap());
        bad.set_verdicts(first, NOW, [(Field::City, Some(verdict))].into()).unwrap();
    }
    let mut edited = accepted(account, first);
    edit(&mut edited, "Lyon");
    vec![
        Dossier::empty(account),
        submitted(account, NOW + MICROSECOND),
        held(account, first),
        bad,
        judged(account, first, Verdict::Rejected(Rejection::new(Reason::Expired, None).unwrap())),
        first_accepted(account, first),
        held_again,
        accepted(account, first),
        twice_accepted,
        rejected(account, first),
        resubmitted(account, first),
        edited,
    ]
}

/// Every part of a review comes back as it was stored, by every way to find it.
pub(crate) async fn every_part_of_a_review_comes_back(store: Arc<dyn Store>) {
    let count = kinds(reviewer(0)).len();
    let accounts = some_accounts(&store, u32::try_from(count).unwrap()).await;
    let dossiers: Vec<_> =
        accounts.iter().enumerate().map(|(kind, account)| kinds(account.id()).swap_remove(kind)).collect();
    replace_all(&store, &dossiers).await;
    for dossier in &dossiers {
        assert_eq!(store.read().dossiers().find(dossier.account).await.unwrap().as_ref(), Some(dossier));
        let found = committed(&store, async |unit| unit.dossiers().find(dossier.account).await.unwrap()).await;
        assert_eq!(found.as_ref(), Some(dossier));
    }
    let ids: Vec<_> = dossiers.iter().map(|dossier| dossier.account).collect();
    let mut found = store.read().dossiers().find_many(&ids).await.unwrap();
    found.sort_by_key(|dossier| dossier.account);
    assert_eq!(found, dossiers);
}

/// A review replaces every part of the earlier one.
pub(crate) async fn a_review_takes_the_place_of_the_earlier_one(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let kinds = kinds(account);
    for dossier in kinds.iter().chain(kinds.iter().rev()) {
        replace_all(&store, std::slice::from_ref(dossier)).await;
        assert_eq!(store.read().dossiers().find(account).await.unwrap().as_ref(), Some(dossier));
    }
}

/// Units that each find a dossier and give a verdict wait for each other: no verdict is lost.
pub(crate) async fn verdicts_that_are_given_at_once_are_all_kept(store: Arc<dyn Store>) {
    let (account, by) = (an_account(&store).await, reviewer(1));
    let fields: Vec<Field> = Field::ALL.iter().copied().filter(|field| *field != Field::Phone).take(RACERS).collect();
    let mut dossier = super::full(account);
    dossier.submit(&[], NOW).unwrap();
    dossier.hold(by, NOW, NOW + LEASE).unwrap();
    replace_all(&store, &[dossier]).await;
    race(RACERS, async |racer| {
        let field = fields[usize::try_from(racer).unwrap()];
        committed(&store, async |unit| {
            let mut dossier = unit.dossiers().find(account).await.unwrap().unwrap();
            dossier.set_verdicts(by, NOW, [(field, Some(Verdict::Accepted))].into()).unwrap();
            unit.dossiers().replace(&dossier).await.unwrap();
        })
        .await;
    });
    let found = store.read().dossiers().find(account).await.unwrap().unwrap();
    assert_eq!(found.review.record().verdicts.keys().copied().collect::<Vec<_>>(), fields);
}

/// The review of a dossier that gives up its number changes as the domain says.
pub(crate) async fn a_number_that_is_given_up_takes_its_verdict_along(store: Arc<dyn Store>) {
    let account = AccountBuilder::numbered(0).status(AccountStatus::Pending).mailbox_proven_at(None).build();
    insert_accounts(&store, std::slice::from_ref(&account)).await;
    let by = reviewer(1);
    let mut dossier = with_phone(account.id(), "699");
    dossier.values.set(Field::City, Value::Text(detail("Paris"))).unwrap();
    dossier.submit(&[], NOW).unwrap();
    dossier.hold(by, NOW, NOW + LEASE).unwrap();
    let good = [Field::Phone, Field::City].map(|field| (field, Some(Verdict::Accepted)));
    dossier.set_verdicts(by, NOW, good.into()).unwrap();
    assert_eq!(dossier.values.get(Field::Phone), Some(&phone_value("699")));
    replace_all(&store, std::slice::from_ref(&dossier)).await;
    let phone = PhoneNumber::parse("699").unwrap();
    assert!(committed(&store, async |unit| unit.dossiers().release_phone(&phone).await.unwrap()).await);
    dossier.give_up_phone();
    assert_eq!(store.read().dossiers().find(account.id()).await.unwrap(), Some(dossier));
}
