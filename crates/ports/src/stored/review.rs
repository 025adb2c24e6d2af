//! The review of a dossier in its row: what is searched or sorted by has a column, the rest is one JSON object.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;
use vestibule_domain::{
    AccountId,
    dossier::{Decision, Field, GivenVerdict, Hold, Note, Rejection, Review, ReviewRecord, Values, Verdict},
};

use super::{StoredTime, account_id, micros, optional_time, valid};
use crate::StoreError;

const PARTS: StoreError = StoreError::Corrupt { what: "review of a dossier" };

/// The columns of a review.
pub(super) struct StoredReview<T> {
    pub(super) state: String,
    pub(super) submitted_at: Option<T>,
    pub(super) held_by: Option<Uuid>,
    pub(super) held_until: Option<T>,
    pub(super) first_accepted_by: Option<Uuid>,
    pub(super) decided_at: Option<T>,
    /// `round`, `verdicts` by field (each with `by`, `at` and, if it is bad, `reason` and `note`), `message`,
    /// `first_accepted_at`, `decided_by`. Times are whole microseconds since 1970-01-01 UTC, accounts are UUIDs, and absent
    /// values are left out.
    pub(super) parts: String,
}

impl<T: StoredTime> StoredReview<T> {
    /// Restores the review of an account's dossier with these values.
    pub(super) fn restore(self, account: AccountId, values: &Values) -> Result<Review, StoreError> {
        let parts: Map<String, Json> = valid(serde_json::from_str(&self.parts), "review of a dossier")?;
        let holder = self.held_by.map(account_id).transpose()?;
        let held_until = optional_time(self.held_until, "hold of a dossier")?;
        let first = self.first_accepted_by.map(account_id).transpose()?;
        let decided_at = optional_time(self.decided_at, "time of the decision about a dossier")?;
        let record = ReviewRecord {
            state: valid(self.state.parse(), "state of a dossier")?,
            round: parts.get("round").and_then(Json::as_u64).and_then(|round| round.try_into().ok()).ok_or(PARTS)?,
            submitted_at: optional_time(self.submitted_at, "submission of a dossier")?,
            hold: both(holder, held_until)?.map(|(by, until)| Hold { by, until }),
            verdicts: verdicts(parts.get("verdicts"))?,
            message: note(parts.get("message"))?,
            first_acceptance: decision(first, parts.get("first_accepted_at").map(moment).transpose()?)?,
            decision: decision(parts.get("decided_by").map(person).transpose()?, decided_at)?,
        };
        valid(Review::restore(record, account, values), "review of a dossier")
    }
}

impl<T: StoredTime> From<&Review> for StoredReview<T> {
    fn from(review: &Review) -> Self {
        let ReviewRecord { state, round, submitted_at, hold, verdicts, message, first_acceptance, decision } =
            review.record();
        let mut parts = Map::from_iter([("round".to_owned(), Json::from(*round))]);
        let mut put = |name: &str, part: Option<Json>| drop(part.map(|part| parts.insert(name.to_owned(), part)));
        let given: Map<String, Json> =
            verdicts.iter().map(|(field, given)| (field.as_str().to_owned(), stored(given))).collect();
        put("verdicts", (!given.is_empty()).then_some(Json::Object(given)));
        put("message", message.as_ref().map(|note| note.as_str().into()));
        put("first_accepted_at", first_acceptance.map(|first| micros(first.at).into()));
        put("decided_by", decision.map(|decision| uuid(decision.by)));
        Self {
            state: state.as_str().to_owned(),
            submitted_at: submitted_at.map(T::of),
            held_by: hold.map(|hold| hold.by.uuid()),
            held_until: hold.map(|hold| T::of(hold.until)),
            first_accepted_by: first_acceptance.map(|first| first.by.uuid()),
            decided_at: decision.map(|decision| T::of(decision.at)),
            parts: Json::Object(parts).to_string(),
        }
    }
}

/// Two parts that are both there or both absent.
fn both<A, B>(first: Option<A>, second: Option<B>) -> Result<Option<(A, B)>, StoreError> {
    match (first, second) {
        (Some(first), Some(second)) => Ok(Some((first, second))),
        (None, None) => Ok(None),
        _ => Err(PARTS),
    }
}

fn decision(by: Option<AccountId>, at: Option<OffsetDateTime>) -> Result<Option<Decision>, StoreError> {
    Ok(both(by, at)?.map(|(by, at)| Decision { by, at }))
}

fn verdicts(stored: Option<&Json>) -> Result<BTreeMap<Field, GivenVerdict>, StoreError> {
    let Some(stored) = stored else { return Ok(BTreeMap::new()) };
    let verdict = |(word, stored): (&String, &Json)| Ok((word.parse().map_err(|_| PARTS)?, given(stored)?));
    stored.as_object().ok_or(PARTS)?.iter().map(verdict).collect()
}

fn given(stored: &Json) -> Result<GivenVerdict, StoreError> {
    let part = |name| stored.get(name).ok_or(PARTS);
    let verdict = match stored.get("reason") {
        None => Verdict::Accepted,
        Some(reason) => {
            let reason = text(reason)?.parse().map_err(|_| PARTS)?;
            Verdict::Rejected(Rejection::new(reason, note(stored.get("note"))?).map_err(|_| PARTS)?)
        }
    };
    Ok(GivenVerdict { verdict, by: person(part("by")?)?, at: moment(part("at")?)? })
}

fn stored(given: &GivenVerdict) -> Json {
    let mut verdict = json!({ "by": uuid(given.by), "at": micros(given.at) });
    if let Verdict::Rejected(rejection) = &given.verdict {
        verdict["reason"] = rejection.reason().as_str().into();
        if let Some(note) = rejection.note() {
            verdict["note"] = note.as_str().into();
        }
    }
    verdict
}

fn text(stored: &Json) -> Result<&str, StoreError> {
    stored.as_str().ok_or(PARTS)
}

fn note(stored: Option<&Json>) -> Result<Option<Note>, StoreError> {
    stored.map(|stored| Note::parse(text(stored)?).map_err(|_| PARTS)).transpose()
}

fn moment(stored: &Json) -> Result<OffsetDateTime, StoreError> {
    stored.as_i64().and_then(StoredTime::read).ok_or(PARTS)
}

fn person(stored: &Json) -> Result<AccountId, StoreError> {
    account_id(text(stored)?.parse().map_err(|_| PARTS)?)
}

fn uuid(account: AccountId) -> Json {
    account.uuid().to_string().into()
}
