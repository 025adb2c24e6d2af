//! The review of dossiers: who may take which step, what is recorded, and what an owner's edit does to it.

use time::Duration;
use vestibule_application::{
    Caller, DossierPolicy, Dossiers, Policy, QueueFilter, QueuePage, QueuePlace,
    dossiers::{DossierError, ListQueue, RejectDossier, SetVerdicts},
    own_account::UpdateSelf,
};
use vestibule_domain::{
    Account, AccountId, Actor, CLOCK_SKEW, Dossier, DossierChange, EventKind, Permission, PermissionSet, Role,
    dossier::{Detail, Field, Note, Reason, Rejection, ReviewError, ReviewState, Value, Verdict, VerdictChange},
};
use vestibule_testkit::AccountBuilder;

use crate::support::World;

const LEASE: Duration = Duration::minutes(30);

/// A world with an owner and with reviewers.
struct Office {
    world: World,
    dossiers: Dossiers,
    owner: Caller,
    first: Caller,
    second: Caller,
}

impl Office {
    async fn open() -> Self {
        Self::with(DossierPolicy::default()).await
    }

    async fn with(dossier: DossierPolicy) -> Self {
        let world = World::with(Policy { limits: false, dossier, ..Policy::default() });
        let dossiers = Dossiers::new(world.app.core().clone());
        let owner = signed_in(&world, AccountBuilder::numbered(1).build()).await;
        let first = signed_in(&world, AccountBuilder::numbered(2).role(Role::Admin).build()).await;
        let second = signed_in(&world, AccountBuilder::numbered(3).role(Role::Root).build()).await;
        Self { world, dossiers, owner, first, second }
    }

    fn id(&self) -> AccountId {
        self.owner.id()
    }

    /// What the owner does through the door of accounts.
    async fn edit(&self, field: Field, text: Option<&str>) -> Dossier {
        edit(&self.world, &self.owner, field, text).await
    }

    /// Submits a dossier with two fields.
    async fn submitted(&self) -> Dossier {
        self.edit(Field::City, Some("Paris")).await;
        self.edit(Field::Zip, Some("75001")).await;
        self.dossiers.submit(&self.owner).await.unwrap()
    }

    async fn judge(&self, by: &Caller, verdicts: VerdictChange) -> Result<Dossier, DossierError> {
        self.dossiers.set_verdicts(by, SetVerdicts { id: self.id(), verdicts }).await
    }

    async fn reject(&self, by: &Caller, message: Option<Note>) -> Result<Dossier, DossierError> {
        self.dossiers.reject(by, RejectDossier { id: self.id(), message }).await
    }

    async fn list(&self, caller: &Caller, filter: QueueFilter) -> Result<Vec<AccountId>, DossierError> {
        let page = QueuePage { after: None, limit: 10 };
        let page = self.dossiers.list_queue(caller, ListQueue { filter, page }).await?;
        Ok(page.items.into_iter().map(|dossier| dossier.account).collect())
    }

    /// What was decided, and by whom, in order.
    async fn decisions(&self) -> Vec<Actor> {
        let events = self.world.events(Some(self.id())).await;
        let decisions = events.into_iter().rev().filter(|event| event.kind == EventKind::DossierDecision);
        decisions.map(|event| event.actor).collect()
    }

    async fn stored(&self) -> Dossier {
        self.world.store.read().dossiers().find(self.id()).await.unwrap().unwrap()
    }
}

async fn signed_in(world: &World, account: Account) -> Caller {
    world.insert(&account).await;
    world.caller(&account).await.unwrap()
}

async fn edit(world: &World, owner: &Caller, field: Field, text: Option<&str>) -> Dossier {
    let mut dossier = DossierChange::default();
    dossier.put(field, text.map(|text| Value::Text(Detail::parse(text).unwrap()))).unwrap();
    let (_, dossier) = world.app.update_self(owner, UpdateSelf { dossier, ..UpdateSelf::default() }).await.unwrap();
    dossier
}

fn good() -> VerdictChange {
    [Field::City, Field::Zip].map(|field| (field, Some(Verdict::Accepted))).into()
}

fn bad(field: Field) -> VerdictChange {
    [(field, Some(Verdict::Rejected(Rejection::new(Reason::Mismatch, None).unwrap())))].into()
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(outcome: Result<T, DossierError>, expected: &ReviewError) {
    match outcome {
        Err(DossierError::Review(error)) => assert_eq!(&error, expected),
        other => panic!("{other:?} and not {expected:?}"),
    }
}

#[tokio::test]
async fn a_dossier_is_submitted_taken_judged_and_accepted() {
    let office = Office::open().await;
    let submitted = office.submitted().await;
    assert_eq!(submitted.review.state(), ReviewState::Submitted);
    office.world.advance(Duration::minutes(1));
    let taken = office.dossiers.take_next(&office.first).await.unwrap().unwrap();
    let hold = taken.review.record().hold.unwrap();
    assert_eq!((hold.by, hold.until), (office.first.id(), office.world.clock_now() + LEASE));
    assert!(office.dossiers.take_next(&office.second).await.unwrap().is_none());
    assert_refused(office.judge(&office.second, good()).await, &ReviewError::NotHolder);
    office.judge(&office.first, good()).await.unwrap();
    assert!(office.decisions().await.is_empty(), "a verdict is no decision");
    let accepted = office.dossiers.accept(&office.first, office.id()).await.unwrap();
    assert_eq!(accepted.review.state(), ReviewState::Accepted);
    assert_eq!(accepted.review.decided_at(), Some(office.world.clock_now()));
    assert_eq!(office.stored().await, accepted);
    assert_eq!(office.decisions().await, [Actor::Account(office.first.id())]);
}

#[tokio::test]
async fn what_was_rejected_is_changed_and_comes_back_in_the_next_round() {
    let office = Office::open().await;
    office.submitted().await;
    office.dossiers.hold(&office.first, office.id()).await.unwrap();
    office.judge(&office.first, good()).await.unwrap();
    assert_refused(office.reject(&office.first, None).await, &ReviewError::NothingRejected);
    office.judge(&office.first, bad(Field::Zip)).await.unwrap();
    let message = Note::parse("The post code\nis that of Lyon.").unwrap();
    let rejected = office.reject(&office.first, Some(message.clone())).await.unwrap();
    assert_eq!(rejected.review.record().message, Some(message));
    let unchanged = ReviewError::Incomplete { fields: vec![Field::Zip] };
    assert_refused(office.dossiers.submit(&office.owner).await, &unchanged);
    assert_eq!(office.edit(Field::Zip, Some("75002")).await.review.state(), ReviewState::Rejected);
    let again = office.dossiers.submit(&office.owner).await.unwrap();
    assert_eq!((again.review.state(), again.review.round()), (ReviewState::Resubmitted, 2));
    assert!(again.review.verdict(Field::City).is_some() && again.review.verdict(Field::Zip).is_none());
    assert_eq!(office.decisions().await, [Actor::Account(office.first.id())]);
}

#[tokio::test]
async fn an_edit_takes_the_dossier_from_its_reviewer() {
    let office = Office::open().await;
    office.submitted().await;
    office.dossiers.take_next(&office.first).await.unwrap().unwrap();
    office.judge(&office.first, good()).await.unwrap();
    assert_eq!(office.edit(Field::City, Some("Paris")).await.review.state(), ReviewState::InReview, "it is the same");
    let edited = office.edit(Field::City, Some("Lyon")).await;
    assert_eq!((edited.review.state(), edited.review.verdict(Field::City)), (ReviewState::Draft, None));
    assert!(edited.review.verdict(Field::Zip).is_some());
    let draft = ReviewError::WrongState { state: ReviewState::Draft };
    assert_refused(office.dossiers.accept(&office.first, office.id()).await, &draft);
    assert_refused(office.dossiers.withdraw(&office.owner).await, &draft);
    assert_eq!(office.stored().await, edited);
    assert!(office.decisions().await.is_empty());
}

#[tokio::test]
async fn an_owner_withdraws_what_is_open_and_nothing_else() {
    let office = Office::open().await;
    let draft = ReviewError::WrongState { state: ReviewState::Draft };
    assert_refused(office.dossiers.withdraw(&office.owner).await, &draft);
    office.submitted().await;
    assert_eq!(office.dossiers.withdraw(&office.owner).await.unwrap().review.state(), ReviewState::Draft);
    office.dossiers.submit(&office.owner).await.unwrap();
    office.dossiers.hold(&office.first, office.id()).await.unwrap();
    assert_eq!(office.dossiers.withdraw(&office.owner).await.unwrap().review.state(), ReviewState::Draft);
    assert_refused(office.dossiers.withdraw(&office.owner).await, &draft);
}

#[tokio::test]
async fn what_the_policy_requires_is_needed_to_submit() {
    let required = vec![Field::City, Field::LegalName];
    let office = Office::with(DossierPolicy { required: required.clone(), ..DossierPolicy::default() }).await;
    assert_refused(office.dossiers.submit(&office.owner).await, &ReviewError::Incomplete { fields: required });
    office.edit(Field::City, Some("Paris")).await;
    let missing = ReviewError::Incomplete { fields: vec![Field::LegalName] };
    assert_refused(office.dossiers.submit(&office.owner).await, &missing);
    office.edit(Field::LegalName, Some("ABC")).await;
    office.dossiers.submit(&office.owner).await.unwrap();
    let office = Office::open().await;
    assert_refused(office.dossiers.submit(&office.owner).await, &ReviewError::Incomplete { fields: vec![] });
}

#[tokio::test]
async fn only_who_may_review_takes_a_step_and_only_who_may_read_lists() {
    let office = Office::open().await;
    office.submitted().await;
    let holder = |number, permission| {
        let set = PermissionSet::default().with(permission);
        signed_in(&office.world, AccountBuilder::numbered(number).permissions(set).build())
    };
    let reader = holder(4, Permission::DossierRead).await;
    let reviewer = holder(5, Permission::DossierReview).await;
    let (id, dossiers) = (office.id(), &office.dossiers);
    for caller in [&office.owner, &reader] {
        let outcomes = [
            dossiers.take_next(caller).await.map(drop),
            dossiers.hold(caller, id).await.map(drop),
            dossiers.release(caller, id).await.map(drop),
            office.judge(caller, good()).await.map(drop),
            dossiers.accept(caller, id).await.map(drop),
            office.reject(caller, None).await.map(drop),
            dossiers.reopen(caller, id).await.map(drop),
        ];
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(DossierError::Forbidden))), "{outcomes:?}");
    }
    assert!(matches!(office.list(&office.owner, QueueFilter::Open).await, Err(DossierError::Forbidden)));
    for caller in [&reader, &reviewer, &office.first, &office.second] {
        assert_eq!(office.list(caller, QueueFilter::Open).await.unwrap(), [id]);
    }
    assert!(dossiers.take_next(&reviewer).await.unwrap().is_some());
    assert!(matches!(dossiers.hold(&reviewer, reader.id()).await, Err(DossierError::NotFound)));
}

#[tokio::test]
async fn nobody_reviews_their_own_dossier() {
    let office = Office::open().await;
    edit(&office.world, &office.first, Field::City, Some("Paris")).await;
    office.dossiers.submit(&office.first).await.unwrap();
    assert!(office.dossiers.take_next(&office.first).await.unwrap().is_none());
    let own = office.first.id();
    assert_refused(office.dossiers.hold(&office.first, own).await, &ReviewError::OwnDossier);
    assert_refused(office.dossiers.accept(&office.first, own).await, &ReviewError::OwnDossier);
    assert_eq!(office.dossiers.take_next(&office.second).await.unwrap().unwrap().account, own);
}

#[tokio::test]
async fn with_four_eyes_two_reviewers_accept() {
    let office = Office::with(DossierPolicy { four_eyes: true, ..DossierPolicy::default() }).await;
    office.submitted().await;
    office.dossiers.take_next(&office.first).await.unwrap().unwrap();
    office.judge(&office.first, good()).await.unwrap();
    let waiting = office.dossiers.accept(&office.first, office.id()).await.unwrap();
    assert_eq!(waiting.review.state(), ReviewState::Submitted);
    assert!(office.dossiers.take_next(&office.first).await.unwrap().is_none());
    let second = ReviewError::SecondReviewerNeeded;
    assert_refused(office.dossiers.hold(&office.first, office.id()).await, &second);
    office.dossiers.take_next(&office.second).await.unwrap().unwrap();
    office.world.advance(Duration::SECOND);
    let accepted = office.dossiers.accept(&office.second, office.id()).await.unwrap();
    assert_eq!(accepted.review.state(), ReviewState::Accepted);
    let reviewers = [&office.first, &office.second].map(|reviewer| Actor::Account(reviewer.id()));
    assert_eq!(office.decisions().await, reviewers);
}

#[tokio::test]
async fn a_hold_is_renewed_runs_out_and_is_put_back() {
    let lease = Duration::minutes(5);
    let office = Office::with(DossierPolicy { hold: lease, ..DossierPolicy::default() }).await;
    office.submitted().await;
    office.dossiers.take_next(&office.first).await.unwrap().unwrap();
    office.world.advance(lease - Duration::SECOND);
    let renewed = office.dossiers.hold(&office.first, office.id()).await.unwrap();
    let until = office.world.clock_now() + lease;
    assert_eq!(renewed.review.record().hold.unwrap().until, until);
    office.world.advance(lease);
    let held = ReviewError::Held { by: office.first.id(), until };
    assert_refused(office.dossiers.hold(&office.second, office.id()).await, &held);
    assert_refused(office.judge(&office.first, good()).await, &ReviewError::NotHolder);
    office.world.advance(CLOCK_SKEW);
    office.dossiers.take_next(&office.second).await.unwrap().unwrap();
    let set = PermissionSet::default().with(Permission::DossierReview);
    let third = signed_in(&office.world, AccountBuilder::numbered(4).permissions(set).build()).await;
    assert_refused(office.dossiers.release(&third, office.id()).await, &ReviewError::NotHolder);
    let freed = office.dossiers.release(&office.first, office.id()).await.unwrap();
    assert_eq!(freed.review.state(), ReviewState::Submitted, "an admin puts back what another holds");
    office.dossiers.hold(&third, office.id()).await.unwrap();
    office.dossiers.release(&third, office.id()).await.unwrap();
    let waits = ReviewError::WrongState { state: ReviewState::Submitted };
    assert_refused(office.dossiers.release(&office.first, office.id()).await, &waits);
}

#[tokio::test]
async fn a_decision_is_reopened_and_that_is_recorded() {
    let office = Office::open().await;
    office.submitted().await;
    office.dossiers.hold(&office.first, office.id()).await.unwrap();
    office.judge(&office.first, good()).await.unwrap();
    office.dossiers.accept(&office.first, office.id()).await.unwrap();
    office.world.advance(Duration::SECOND);
    let reopened = office.dossiers.reopen(&office.second, office.id()).await.unwrap();
    assert_eq!(reopened.review.state(), ReviewState::InReview);
    assert_eq!(reopened.review.record().hold.unwrap().by, office.second.id());
    let in_review = ReviewError::WrongState { state: ReviewState::InReview };
    assert_refused(office.dossiers.reopen(&office.second, office.id()).await, &in_review);
    office.judge(&office.second, bad(Field::City)).await.unwrap();
    office.world.advance(Duration::SECOND);
    office.reject(&office.second, None).await.unwrap();
    let reviewers = [&office.first, &office.second, &office.second].map(|reviewer| Actor::Account(reviewer.id()));
    assert_eq!(office.decisions().await, reviewers, "what failed was not recorded");
}

#[tokio::test]
async fn the_queue_is_listed_in_pages_oldest_first() {
    let office = Office::open().await;
    let mut ids = Vec::new();
    for number in [13, 11, 12] {
        let owner = signed_in(&office.world, AccountBuilder::numbered(number).build()).await;
        edit(&office.world, &owner, Field::City, Some("Paris")).await;
        office.world.advance(Duration::SECOND);
        let dossier = office.dossiers.submit(&owner).await.unwrap();
        ids.push((owner.id(), QueuePlace::of(&dossier)));
    }
    let mut after = None;
    for (turn, (id, place)) in ids.iter().enumerate() {
        let page = QueuePage { after, limit: 1 };
        let input = ListQueue { filter: QueueFilter::Waiting, page };
        let page = office.dossiers.list_queue(&office.first, input).await.unwrap();
        assert_eq!(page.items.iter().map(|dossier| dossier.account).collect::<Vec<_>>(), [*id]);
        assert_eq!(page.has_more, turn < 2);
        after = *place;
    }
    let taken = office.dossiers.take_next(&office.first).await.unwrap().unwrap();
    assert_eq!(taken.account, ids[0].0);
    assert_eq!(office.list(&office.second, QueueFilter::HeldBy(office.first.id())).await.unwrap(), [ids[0].0]);
}
