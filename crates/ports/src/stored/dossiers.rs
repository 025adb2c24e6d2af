//! Rows of dossiers: the fields are one JSON object; what is searched or unique has its own column.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;
use vestibule_domain::{
    Dossier, PhoneNumber,
    dossier::{Detail, Document, Field, Kind, StoredDocument, Value, Values},
};

use super::{StoredTime, account_id, micros, optional_time, review::StoredReview, valid};
use crate::StoreError;

const FIELD: StoreError = StoreError::Corrupt { what: "field of a dossier" };

rows! {
    /// A row of a dossier.
    pub struct StoredDossier<T> {
        pub account_id: Uuid,
        /// A JSON object keyed by the stored words of fields. Values are texts, except whole microseconds since 1970-01-01 UTC
        /// for a day, and an object for a stored document.
        pub fields: String,
        /// The unique form of the telephone number; written, but not trusted when read.
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
}

rows! {
    /// The key of the documents in a dossier, which is a column of its row.
    pub struct StoredDocumentKey {
        pub account_id: Uuid,
        /// Sealed under the server secret.
        pub sealed: Vec<u8>,
    }
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
        Kind::Document => match stored {
            Json::Object(members) => stored_document(members).map(Document::Stored),
            _ => line().map(Document::Path),
        }
        .map(Value::Document),
        Kind::Phone => PhoneNumber::parse(stored.as_str()?).ok().map(Value::Phone),
        Kind::Day => stored.as_i64()?.read().map(Value::Day),
    }
}

fn stored(value: &Value) -> Json {
    match value {
        Value::Text(line) | Value::Document(Document::Path(line)) => line.as_str().into(),
        Value::Document(Document::Stored(document)) => document_json(document),
        Value::Phone(phone) => phone.as_str().into(),
        Value::Day(day) => micros(*day).into(),
    }
}

/// The members of a stored document, all required; the account comes from the row.
fn stored_document(members: &Map<String, Json>) -> Option<StoredDocument> {
    let mut sha256 = [0; 32];
    hex::decode_to_slice(members.get("sha256")?.as_str()?, &mut sha256).ok()?;
    Some(StoredDocument {
        blob: members.get("blob")?.as_str()?.parse().ok()?,
        media_type: members.get("media_type")?.as_str()?.parse().ok()?,
        size_bytes: members.get("size_bytes")?.as_u64()?,
        sha256,
        uploaded_at: members.get("uploaded_at")?.as_i64()?.read()?,
    })
}

fn document_json(document: &StoredDocument) -> Json {
    let StoredDocument { blob, media_type, size_bytes, sha256, uploaded_at } = document;
    json!({
        "blob": blob.to_string(),
        "media_type": media_type.as_str(),
        "size_bytes": size_bytes,
        "sha256": hex::encode(sha256),
        "uploaded_at": micros(*uploaded_at),
    })
}
