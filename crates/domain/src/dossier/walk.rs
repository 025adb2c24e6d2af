//! The walk of a dossier through its review.
//!
//! ```text
//! draft → submitted → in review → accepted (edit → draft of the next round)
//!   ↑         ↑↓           ↓
//!   └ edit, withdraw   rejected → resubmitted, which is submitted in the next round
//! ```
//!
//! The holder of a dossier in review decides about it. A hold is a lease: another reviewer may take the dossier once the
//! lease is over on every node. Each transition either succeeds or changes nothing.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{Decision, Dossier, Field, GivenVerdict, Hold, HoldBounds, Note, ReviewState, Verdict};
use crate::{AccountId, account::to_microseconds};

/// Why a dossier does not take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// This state has no such step.
    #[error("the dossier is {}", .state.as_str())]
    WrongState {
        /// The present state.
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
    /// The reviewer does not hold it, or no longer does.
    #[error("the reviewer does not hold the dossier")]
    NotHolder,
    /// It is empty, or these fields prevent the step.
    #[error("the dossier is incomplete")]
    Incomplete {
        /// When submitting: required fields that are empty, and rejected fields that are unchanged. When accepting: fields
        /// that are not accepted.
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
    /// This reviewer has already accepted it; another reviewer must.
    #[error("a second reviewer is needed")]
    SecondReviewerNeeded,
}

/// Verdicts to give and verdicts to withdraw; the others stay.
pub type VerdictChange = BTreeMap<Field, Option<Verdict>>;

/// What an acceptance led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// The dossier waits for the acceptance of another reviewer.
    First,
    /// The dossier is accepted.
    Final,
}

/// The owner's steps.
impl Dossier {
    /// Submits a draft, or, as the next round, a rejected dossier once every rejected field has changed. The required
    /// fields must have a value, and at least one field in any case.
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

    /// Turns a submitted dossier, or one in review, back into a draft; the verdicts stay.
    pub fn withdraw(&mut self) -> Result<(), ReviewError> {
        let state = self.review.state();
        if !state.is_open() {
            return Err(ReviewError::WrongState { state });
        }
        self.become_draft();
        Ok(())
    }

    /// Follows an edit: verdicts on changed fields are dropped, and an open or accepted dossier becomes a draft.
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

/// The reviewers' steps.
impl Dossier {
    /// Takes a waiting dossier, or one whose hold no longer protects it ([`HoldBounds`]), into review; or renews the
    /// reviewer's own hold, which is never shortened.
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

    /// Puts back a dossier that the reviewer holds, even an expired hold if no other reviewer has taken the dossier.
    pub fn release(&mut self, reviewer: AccountId) -> Result<(), ReviewError> {
        match self.review.0.hold {
            Some(hold) if hold.by != reviewer => Err(ReviewError::NotHolder),
            _ => self.free(),
        }
    }

    /// Puts back a dossier that any reviewer holds.
    pub fn free(&mut self) -> Result<(), ReviewError> {
        match self.review.state() {
            ReviewState::InReview => {
                self.put_back();
                Ok(())
            }
            state => Err(ReviewError::WrongState { state }),
        }
    }

    /// Gives and withdraws verdicts; only the holder may.
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

    /// Accepts it once every field with a value is accepted; only the holder may. With four eyes, the first acceptance is
    /// noted and puts the dossier back, and another reviewer must accept it too.
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

    /// Returns it to its owner if at least one field is rejected; only the holder may.
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

    /// Takes an accepted or rejected dossier back into review, held by the reviewer; the verdicts stay.
    pub fn reopen(&mut self, reviewer: AccountId, until: OffsetDateTime) -> Result<(), ReviewError> {
        self.must_not_be_of(reviewer)?;
        let state = self.review.state();
        // A rejected dossier may have been emptied since.
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
