//! The review of a dossier: its state, and the valid combinations of its parts.

use std::{collections::BTreeMap, str::FromStr};

use time::{Duration, OffsetDateTime};

use super::{Field, GivenVerdict, Note, Values};
use crate::{AccountId, CLOCK_SKEW, account::to_microseconds};

/// The state of a review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ReviewState {
    /// With its owner, not submitted.
    #[default]
    Draft,
    /// Waiting for a reviewer, in the first round.
    Submitted,
    /// Held by a reviewer.
    InReview,
    /// Accepted as a whole.
    Accepted,
    /// With its owner, who must change what was rejected.
    Rejected,
    /// Waiting for a reviewer, in a later round.
    Resubmitted,
}

/// Why a word is not a state of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a review is draft, submitted, in-review, accepted, rejected or resubmitted")]
pub struct InvalidReviewState;

impl ReviewState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Submitted, Self::InReview, Self::Accepted, Self::Rejected, Self::Resubmitted];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::InReview => "in-review",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Resubmitted => "resubmitted",
        }
    }

    /// Whether it awaits a decision: submitted, resubmitted or in review.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview | Self::Resubmitted)
    }

    /// Whether it is decided.
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected)
    }

    /// The state of a dossier that waits for a reviewer in this round.
    pub(super) const fn waiting(round: u32) -> Self {
        if round == 1 { Self::Submitted } else { Self::Resubmitted }
    }
}

impl FromStr for ReviewState {
    type Err = InvalidReviewState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(InvalidReviewState)
    }
}

/// A reviewer's lease of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// The reviewer.
    pub by: AccountId,
    /// When it ends, in whole microseconds.
    pub until: OffsetDateTime,
}

/// Which holds protect a dossier: those that end between these two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldBounds {
    /// A hold that ends by this time is over on every node, allowing for clock skew.
    pub over_by: OffsetDateTime,
    /// A hold that ends later than this was written by a clock that was wrong.
    pub latest: OffsetDateTime,
}

impl HoldBounds {
    /// The longest that a dossier can be held.
    pub const LONGEST: Duration = Duration::hours(4);

    /// The bounds for a reviewer who takes a dossier now. They allow [`HoldBounds::LONGEST`], because a hold may have been
    /// taken before the setting was lowered.
    pub fn new(now: OffsetDateTime) -> Self {
        let now = to_microseconds(now);
        Self { over_by: now - CLOCK_SKEW, latest: now + Self::LONGEST + CLOCK_SKEW }
    }

    /// Whether a hold keeps other reviewers away.
    pub fn protect(&self, hold: &Hold) -> bool {
        self.over_by < hold.until && hold.until <= self.latest
    }
}

/// A reviewer's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The reviewer.
    pub by: AccountId,
    /// When, in whole microseconds.
    pub at: OffsetDateTime,
}

/// The parts of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRecord {
    pub state: ReviewState,
    /// The number of the round, from 1. The first submission after a rejection begins the next round, and so does the first
    /// edit after an acceptance.
    pub round: u32,
    /// Its place in the queue; none for a draft.
    pub submitted_at: Option<OffsetDateTime>,
    /// The reviewer's lease; set in review and only then.
    pub hold: Option<Hold>,
    /// The verdicts on fields; only on fields with a value.
    pub verdicts: BTreeMap<Field, GivenVerdict>,
    /// The message to the owner from the reviewer who rejected it.
    pub message: Option<Note>,
    /// The first acceptance where two are needed; kept once the dossier is accepted.
    pub first_acceptance: Option<Decision>,
    /// The decision, if it is accepted or rejected.
    pub decision: Option<Decision>,
}

/// A draft without a verdict.
impl Default for ReviewRecord {
    fn default() -> Self {
        Self {
            state: ReviewState::Draft,
            round: 1,
            submitted_at: None,
            hold: None,
            verdicts: BTreeMap::new(),
            message: None,
            first_acceptance: None,
            decision: None,
        }
    }
}

/// A combination of parts that no transition leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parts of a review contradict each other: {0}")]
pub struct InvalidReview(pub &'static str);

/// The review of a dossier. Only the transitions of [`Dossier`](super::Dossier) change it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review(pub(super) ReviewRecord);

impl Review {
    /// Restores the review of an account's dossier, its times cut to whole microseconds.
    pub fn restore(record: ReviewRecord, account: AccountId, values: &Values) -> Result<Self, InvalidReview> {
        let record = in_microseconds(record);
        match broken_rule(&record, account, values) {
            Some(rule) => Err(InvalidReview(rule)),
            None => Ok(Self(record)),
        }
    }

    /// Its parts.
    pub const fn record(&self) -> &ReviewRecord {
        &self.0
    }

    /// Its state.
    pub const fn state(&self) -> ReviewState {
        self.0.state
    }

    /// The number of the round, from 1.
    pub const fn round(&self) -> u32 {
        self.0.round
    }

    /// The verdict on a field.
    pub fn verdict(&self, field: Field) -> Option<&GivenVerdict> {
        self.0.verdicts.get(&field)
    }

    /// When it was accepted or rejected, if it is.
    pub fn decided_at(&self) -> Option<OffsetDateTime> {
        self.0.decision.map(|decision| decision.at)
    }

    /// The fields that were rejected, in the order of the catalogue.
    pub(super) fn rejected(&self) -> impl Iterator<Item = Field> {
        self.0.verdicts.iter().filter(|(_, given)| !given.is_accepted()).map(|(field, _)| *field)
    }

    /// The filled fields that are not accepted, in the order of the catalogue.
    pub(super) fn not_accepted(&self, values: &Values) -> Vec<Field> {
        let is_accepted = |field: &Field| self.verdict(*field).is_some_and(GivenVerdict::is_accepted);
        values.reviewed().map(|(field, _)| field).filter(|field| !is_accepted(field)).collect()
    }
}

fn in_microseconds(record: ReviewRecord) -> ReviewRecord {
    let decision = |decision: Decision| Decision { at: to_microseconds(decision.at), ..decision };
    let given = |given: GivenVerdict| GivenVerdict { at: to_microseconds(given.at), ..given };
    ReviewRecord {
        submitted_at: record.submitted_at.map(to_microseconds),
        hold: record.hold.map(|hold| Hold { until: to_microseconds(hold.until), ..hold }),
        verdicts: record.verdicts.into_iter().map(|(field, verdict)| (field, given(verdict))).collect(),
        first_acceptance: record.first_acceptance.map(decision),
        decision: record.decision.map(decision),
        ..record
    }
}

/// The first rule that the parts break, if any.
fn broken_rule(record: &ReviewRecord, account: AccountId, values: &Values) -> Option<&'static str> {
    let ReviewRecord { state, round, submitted_at, hold, verdicts, message, first_acceptance, decision } = record;
    let holder = hold.map(|hold| hold.by);
    let first = first_acceptance.map(|first| first.by);
    let decider = decision.map(|decision| decision.by);
    let accepts = || decider.filter(|_| *state == ReviewState::Accepted);
    let reviewers = || verdicts.values().map(|given| given.by).chain([holder, first, decider].into_iter().flatten());
    let is_accepted =
        || values.reviewed().all(|(field, _)| verdicts.get(&field).is_some_and(GivenVerdict::is_accepted));
    let rules = [
        (*round >= 1, "rounds are counted from 1"),
        (*state != ReviewState::Submitted || *round == 1, "only the first round has a first submission"),
        (*state != ReviewState::Resubmitted || *round > 1, "the first round has no second submission"),
        (submitted_at.is_none() == (*state == ReviewState::Draft), "a draft is what was not submitted"),
        (hold.is_some() == (*state == ReviewState::InReview), "what is in review is held, and nothing else is"),
        (decision.is_some() == state.is_decided(), "a decision is kept while it stands"),
        (message.is_none() || *state == ReviewState::Rejected, "a message goes with a rejection"),
        (verdicts.keys().all(|field| values.get(*field).is_some()), "an empty field has no verdict"),
        (reviewers().all(|reviewer| reviewer != account), "no owner reviews their own dossier"),
        (
            first.is_none() || state.is_open() || *state == ReviewState::Accepted,
            "a first acceptance is kept until a rejection or an edit",
        ),
        (first.is_none() || (first != holder && first != accepts()), "two acceptances are of two accounts"),
        (
            *state == ReviewState::Draft || *state == ReviewState::Rejected || !values.has_nothing_to_review(),
            "it is empty",
        ),
        (*state != ReviewState::Accepted || is_accepted(), "what is accepted is accepted in every field"),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
}
