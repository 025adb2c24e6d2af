//! Rows of dossiers: the fields are one JSON object, and what is searched or unique has a column of its own.

use serde_json::{Map, Value as Json};
use uuid::Uuid;
use vestibule_domain::{
    Dossier, PhoneNumber,
    dossier::{Detail, Field, Kind, Value, Values},
};

use super::{StoredTime, account_id, micros, optional_time, review::StoredReview, valid};
use crate::StoreError;

const FIELD: StoreError = StoreError::Corrupt { what: "field of a dossier" };

/// A row of a dossier.
pub struct StoredDossier<T> {
    pub account_id: Uuid,
    /// A JSON object of the stored words of fields: a text for each, but for a day the whole microseconds since 1970-01-01 UTC.
    pub fields: String,
    /// What is unique of the telephone number; written, and not believed when it is read.
    pub phone_key: Option<String>,
    pub review_state: String,
    pub submitted_at: Option<T>,
    pub held_by: Option<Uuid>,
    pub held_until: Option<T>,
    pub first_accepted_by: Option<Uuid>,
    pub decided_at: Option<T>,
    /// A JSON object with the rest of the review.
    pub review: String,
    pub updated_at: Option<T>,
}

impl<T: StoredTime> TryFrom<StoredDossier<T>> for Dossier {
    type Error = StoreError;

    fn try_from(row: StoredDossier<T>) -> Result<Self, StoreError> {
        let fields: Map<String, Json> = valid(serde_json::from_str(&row.fields), "fields of a dossier")?;
        let mut values = Values::default();
        for (word, stored) in fields {
            let field: Field = word.parse().map_err(|_| FIELD)?;
            let value = value(field.kind(), &stored).ok_or(FIELD)?;
            values.set(field, value).map_err(|_| FIELD)?;
        }
        let account = account_id(row.account_id)?;
        let review = StoredReview {
            state: row.review_state,
            submitted_at: row.submitted_at,
            held_by: row.held_by,
            held_until: row.held_until,
            first_accepted_by: row.first_accepted_by,
            decided_at: row.decided_at,
            parts: row.review,
        };
        Ok(Self {
            account,
            review: review.restore(account, &values)?,
            values,
            updated_at: optional_time(row.updated_at, "time of change of a dossier")?,
        })
    }
}

impl<T: StoredTime> From<&Dossier> for StoredDossier<T> {
    fn from(dossier: &Dossier) -> Self {
        let Dossier { account, values, review, updated_at } = dossier;
        let review = StoredReview::from(review);
        let fields: Map<String, Json> =
            values.iter().map(|(field, value)| (field.as_str().to_owned(), stored(value))).collect();
        Self {
            account_id: account.uuid(),
            fields: Json::Object(fields).to_string(),
            phone_key: values.phone().map(|phone| phone.key().to_owned()),
            review_state: review.state,
            submitted_at: review.submitted_at,
            held_by: review.held_by,
            held_until: review.held_until,
            first_accepted_by: review.first_accepted_by,
            decided_at: review.decided_at,
            review: review.parts,
            updated_at: updated_at.map(T::of),
        }
    }
}

fn value(kind: Kind, stored: &Json) -> Option<Value> {
    let line = || Detail::parse(stored.as_str()?).ok();
    match kind {
        Kind::Text => line().map(Value::Text),
        Kind::Document => line().map(Value::Document),
        Kind::Phone => PhoneNumber::parse(stored.as_str()?).ok().map(Value::Phone),
        Kind::Day => stored.as_i64()?.read().map(Value::Day),
    }
}

fn stored(value: &Value) -> Json {
    match value {
        Value::Text(line) | Value::Document(line) => line.as_str().into(),
        Value::Phone(phone) => phone.as_str().into(),
        Value::Day(day) => micros(*day).into(),
    }
}
