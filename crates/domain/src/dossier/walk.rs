//! The walk of a dossier through its review.
//!
//! ```text
//! draft → submitted → in review → accepted (edit → draft of the next round)
//!   ↑         ↑↓           ↓
//!   └ edit, withdraw   rejected → resubmitted, which is submitted in the next round
//! ```
//!
//! Who holds a dossier in review decides about it. A hold is a lease: others take it once it is over on every node. Each
//! transition either succeeds or changes nothing.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{Decision, Dossier, Field, GivenVerdict, Hold, HoldBounds, Note, ReviewState, Verdict};
use crate::{AccountId, account::to_microseconds};

/// Why a dossier does not take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// There is no such step from here.
    #[error("the dossier is {}", .state.as_str())]
    WrongState {
        /// Where it is.
        state: ReviewState,
    },
    /// Another reviewer has it.
    #[error("another reviewer holds the dossier")]
    Held {
        /// The reviewer.
        by: AccountId,
        /// When the hold ends.
        until: OffsetDateTime,
    },
    /// The reviewer does not hold it, or no longer.
    #[error("the reviewer does not hold the dossier")]
    NotHolder,
    /// It is empty, or these fields stand against it.
    #[error("the dossier is incomplete")]
    Incomplete {
        /// To submit: fields that are required and empty, or rejected and unchanged. To accept: fields that are not accepted.
        fields: Vec<Field>,
    },
    /// An empty field takes no verdict.
    #[error("the field {} is empty", .0.as_str())]
    EmptyField(Field),
    /// No field is rejected.
    #[error("no field is rejected")]
    NothingRejected,
    /// An owner does not review their own dossier.
    #[error("the dossier is the reviewer's own")]
    OwnDossier,
    /// The reviewer has accepted it already, and another one has to.
    #[error("a second reviewer is needed")]
    SecondReviewerNeeded,
}

/// Verdicts to give, and verdicts to take back; the others stay.
pub type VerdictChange = BTreeMap<Field, Option<Verdict>>;

/// What an acceptance led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// The dossier waits for the acceptance of another reviewer.
    First,
    /// The dossier is accepted.
    Final,
}

/// What the owner does.
impl Dossier {
    /// Submits a draft, or, in the next round, what was rejected once every rejected field has changed. The required fields
    /// must hold a value, and at least one field in any case.
    pub fn submit(&mut self, required: &[Field], now: OffsetDateTime) -> Result<(), ReviewError> {
        let is_rejected = match self.review.state() {
            ReviewState::Draft => false,
            ReviewState::Rejected => true,
            state => return Err(ReviewError::WrongState { state }),
        };
        let mut fields: Vec<Field> =
            required.iter().copied().filter(|field| self.values.get(*field).is_none()).collect();
        if is_rejected {
            fields.extend(self.review.rejected());
        }
        if self.values.has_nothing_to_review() || !fields.is_empty() {
            return Err(ReviewError::Incomplete { fields });
        }
        let review = &mut self.review.0;
        if is_rejected {
            review.round = review.round.saturating_add(1);
            review.message = None;
            review.decision = None;
        }
        review.state = ReviewState::waiting(review.round);
        review.submitted_at = Some(to_microseconds(now));
        Ok(())
    }

    /// Makes a draft of what is submitted or in review, in which the verdicts stand.
    pub fn withdraw(&mut self) -> Result<(), ReviewError> {
        let state = self.review.state();
        if !state.is_open() {
            return Err(ReviewError::WrongState { state });
        }
        self.become_draft();
        Ok(())
    }

    /// Follows an edit: the verdicts on what changed go, and what is open or accepted becomes a draft.
    pub(super) fn follow_edit(&mut self, changed: impl IntoIterator<Item = Field>) {
        for field in changed {
            self.review.0.verdicts.remove(&field);
        }
        match self.review.state() {
            ReviewState::Draft | ReviewState::Rejected => {}
            ReviewState::Submitted | ReviewState::InReview | ReviewState::Resubmitted => self.become_draft(),
            ReviewState::Accepted => {
                self.become_draft();
                self.review.0.round = self.review.0.round.saturating_add(1);
            }
        }
    }

    fn become_draft(&mut self) {
        let review = &mut self.review.0;
        review.state = ReviewState::Draft;
        review.submitted_at = None;
        review.hold = None;
        review.first_acceptance = None;
        review.decision = None;
    }
}

/// What a reviewer does.
impl Dossier {
    /// Takes what waits, or what another's hold no longer protects ([`HoldBounds`]), in review; or renews the reviewer's own
    /// hold, which is never shortened.
    pub fn hold(&mut self, reviewer: AccountId, now: OffsetDateTime, until: OffsetDateTime) -> Result<(), ReviewError> {
        self.must_not_be_of(reviewer)?;
        let state = self.review.state();
        if !state.is_open() {
            return Err(ReviewError::WrongState { state });
        }
        if self.review.0.first_acceptance.is_some_and(|first| first.by == reviewer) {
            return Err(ReviewError::SecondReviewerNeeded);
        }
        let held = self.review.0.hold.filter(|hold| HoldBounds::new(now).protect(hold));
        let mut until = to_microseconds(until);
        if let Some(Hold { by, until: held_until }) = held {
            if by != reviewer {
                return Err(ReviewError::Held { by, until: held_until });
            }
            until = until.max(held_until);
        }
        self.put_in_review(Hold { by: reviewer, until });
        Ok(())
    }

    /// Puts back what the reviewer holds, also after the hold ran out if no other reviewer has taken it.
    pub fn release(&mut self, reviewer: AccountId) -> Result<(), ReviewError> {
        match self.review.0.hold {
            Some(hold) if hold.by != reviewer => Err(ReviewError::NotHolder),
            _ => self.free(),
        }
    }

    /// Puts back what any reviewer holds.
    pub fn free(&mut self) -> Result<(), ReviewError> {
        match self.review.state() {
            ReviewState::InReview => {
                self.put_back();
                Ok(())
            }
            state => Err(ReviewError::WrongState { state }),
        }
    }

    /// Gives verdicts and takes others back; for the holder.
    pub fn set_verdicts(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        changes: VerdictChange,
    ) -> Result<(), ReviewError> {
        self.must_be_held_by(reviewer, now)?;
        let holds = |field: &Field| field.is_reviewed() && self.values.get(*field).is_some();
        let is_empty = |(field, verdict): &(&Field, &Option<Verdict>)| verdict.is_some() && !holds(field);
        if let Some((field, _)) = changes.iter().find(is_empty) {
            return Err(ReviewError::EmptyField(*field));
        }
        let verdicts = &mut self.review.0.verdicts;
        for (field, verdict) in changes {
            match verdict {
                Some(verdict) => {
                    verdicts.insert(field, GivenVerdict { verdict, by: reviewer, at: to_microseconds(now) });
                }
                None => drop(verdicts.remove(&field)),
            }
        }
        Ok(())
    }

    /// Accepts it, once every field that holds a value is accepted; for the holder. With four eyes the first acceptance is
    /// noted and puts it back, and another reviewer has to accept it too.
    pub fn accept(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        four_eyes: bool,
    ) -> Result<Acceptance, ReviewError> {
        self.must_be_held_by(reviewer, now)?;
        let fields = self.review.not_accepted(&self.values);
        if !fields.is_empty() {
            return Err(ReviewError::Incomplete { fields });
        }
        let decision = Decision { by: reviewer, at: to_microseconds(now) };
        if four_eyes && self.review.0.first_acceptance.is_none() {
            self.review.0.first_acceptance = Some(decision);
            self.put_back();
            return Ok(Acceptance::First);
        }
        self.decide(ReviewState::Accepted, decision);
        Ok(Acceptance::Final)
    }

    /// Gives it back to its owner, if at least one field is rejected; for the holder.
    pub fn reject(
        &mut self,
        reviewer: AccountId,
        now: OffsetDateTime,
        message: Option<Note>,
    ) -> Result<(), ReviewError> {
        self.must_be_held_by(reviewer, now)?;
        if self.review.rejected().next().is_none() {
            return Err(ReviewError::NothingRejected);
        }
        self.review.0.message = message;
        self.review.0.first_acceptance = None;
        self.decide(ReviewState::Rejected, Decision { by: reviewer, at: to_microseconds(now) });
        Ok(())
    }

    /// Takes what is accepted or rejected back in review, held by the reviewer; the verdicts stand.
    pub fn reopen(&mut self, reviewer: AccountId, until: OffsetDateTime) -> Result<(), ReviewError> {
        self.must_not_be_of(reviewer)?;
        let state = self.review.state();
        // What was rejected may have been emptied since.
        if !state.is_decided() || self.values.has_nothing_to_review() {
            return Err(ReviewError::WrongState { state });
        }
        self.review.0.message = None;
        self.review.0.first_acceptance = None;
        self.review.0.decision = None;
        self.put_in_review(Hold { by: reviewer, until: to_microseconds(until) });
        Ok(())
    }

    fn must_not_be_of(&self, reviewer: AccountId) -> Result<(), ReviewError> {
        if self.account == reviewer { Err(ReviewError::OwnDossier) } else { Ok(()) }
    }

    fn must_be_held_by(&self, reviewer: AccountId, now: OffsetDateTime) -> Result<(), ReviewError> {
        self.must_not_be_of(reviewer)?;
        match self.review.0.hold {
            None => Err(ReviewError::WrongState { state: self.review.state() }),
            Some(hold) if hold.by == reviewer && now < hold.until => Ok(()),
            Some(_) => Err(ReviewError::NotHolder),
        }
    }

    fn put_in_review(&mut self, hold: Hold) {
        self.review.0.state = ReviewState::InReview;
        self.review.0.hold = Some(hold);
    }

    fn put_back(&mut self) {
        self.review.0.state = ReviewState::waiting(self.review.0.round);
        self.review.0.hold = None;
    }

    fn decide(&mut self, state: ReviewState, decision: Decision) {
        self.review.0.state = state;
        self.review.0.hold = None;
        self.review.0.decision = Some(decision);
    }
}
