//! Rows of profiles and their changes: what is searched or sorted by has a column, the rest is JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;
use vestibule_domain::{
    AccountId, FullName, Profile, ProfileId, ProfileMessageId, ProfileRecord,
    conversation::MessageText,
    dossier::Note,
    picture::PictureFormat,
    place::PlaceName,
    profile::{
        About, Age, ChangedPart, Details, Facet, PartValue, ProfileChange, ProfileDecision, ProfileMessage,
        ProfilePicture, ProfileRejection, StoredPicture, Tag, Tags,
    },
};

use super::{StoredTime, account_id, actor, actor_columns, micros, optional, time, valid};
use crate::{ProfileSummary, StoreError};

const DETAILS: StoreError = StoreError::Corrupt { what: "details of a profile" };
const TAGS: StoreError = StoreError::Corrupt { what: "tags of a profile" };
const MESSAGES: StoreError = StoreError::Corrupt { what: "messages of a profile" };
const DECISION: StoreError = StoreError::Corrupt { what: "decision about a profile" };

rows! {
    /// A row of a profile. In its JSON, times are whole microseconds since 1970-01-01 UTC, ids are UUIDs, and absent values are
    /// left out.
    pub struct StoredProfile<T> {
        pub id: Uuid,
        pub ord: i32,
        pub age: Option<i16>,
        pub location: Option<String>,
        /// A JSON object from the stored word of each facet to its list of tags.
        pub tags: String,
        /// A JSON object: `name`, `about`, and `picture` with a `detail` and a `thumb`, each with `blob` and `format`.
        pub details: String,
        pub state: String,
        /// A JSON object: `by`, `at`, and for a refusal `flaw` and `note`.
        pub decision: Option<String>,
        pub author: Option<Uuid>,
        pub changes: i64,
        pub created_at: T,
        pub updated_at: T,
        /// A JSON list of objects: `id`, `text`, `own`, `image` and `at`. Searches do not read it.
        pub messages: String,
    }
}

/// The columns of a profile that searches read.
pub struct StoredProfileSummary {
    pub id: Uuid,
    pub ord: i32,
    pub age: Option<i16>,
    pub location: Option<String>,
    pub tags: String,
    pub details: String,
}

rows! {
    /// A row of a change of a profile.
    pub struct StoredProfileChange<T> {
        pub profile_id: Uuid,
        pub number: i64,
        pub part: String,
        pub message_id: Option<Uuid>,
        /// A JSON list of texts, as is `new_value`.
        pub old_value: String,
        pub new_value: String,
        pub actor: String,
        pub actor_id: Option<Uuid>,
        pub at: T,
    }
}

impl<T: StoredTime> TryFrom<StoredProfile<T>> for Profile {
    type Error = StoreError;

    fn try_from(row: StoredProfile<T>) -> Result<Self, StoreError> {
        let StoredProfile { id, ord, age, location, tags, details, .. } = row;
        let summary = StoredProfileSummary { id, ord, age, location, tags, details };
        let ProfileSummary { id, order, details } = summary.try_into()?;
        Ok(Self::restore(ProfileRecord {
            id,
            order,
            details,
            messages: messages(&row.messages).ok_or(MESSAGES)?,
            state: valid(row.state.parse(), "state of a profile")?,
            decision: row.decision.map(|stored| decision(&stored).ok_or(DECISION)).transpose()?,
            author: row.author.map(account_id).transpose()?,
            changes: valid(row.changes.try_into(), "number of changes of a profile")?,
            created_at: time(row.created_at, "time of creation of a profile")?,
            updated_at: time(row.updated_at, "time of change of a profile")?,
        }))
    }
}

impl<T: StoredTime> From<&Profile> for StoredProfile<T> {
    fn from(profile: &Profile) -> Self {
        let ProfileRecord { id, order, details, messages, state, decision, author, changes, created_at, updated_at } =
            profile.record();
        Self {
            id: id.uuid(),
            ord: *order,
            age: details.age.map(|age| age.years().into()),
            location: details.location.as_ref().map(|location| location.as_str().to_owned()),
            tags: tags_json(details),
            details: details_json(details).to_string(),
            state: state.as_str().to_owned(),
            decision: decision.as_ref().map(|decision| decision_json(decision).to_string()),
            author: author.map(AccountId::uuid),
            changes: i64::try_from(*changes).unwrap_or(i64::MAX),
            created_at: T::of(*created_at),
            updated_at: T::of(*updated_at),
            messages: messages.iter().map(message_json).collect::<Json>().to_string(),
        }
    }
}

impl TryFrom<StoredProfileSummary> for ProfileSummary {
    type Error = StoreError;

    fn try_from(row: StoredProfileSummary) -> Result<Self, StoreError> {
        let stored: Map<String, Json> = valid(serde_json::from_str(&row.details), "details of a profile")?;
        let name = stored.get("name").and_then(Json::as_str).ok_or(DETAILS)?;
        let age = |years: i16| u64::try_from(years).ok().and_then(|years| Age::new(years).ok()).ok_or(());
        Ok(Self {
            id: valid(ProfileId::from_uuid(row.id), "id of a profile")?,
            order: row.ord,
            details: Details {
                name: valid(FullName::parse(name), "name of a profile")?,
                age: optional(row.age, age, "age of a profile")?,
                location: optional(row.location, |name| PlaceName::parse(&name), "location of a profile")?,
                about: stored.get("about").map(|about| text(about, About::parse).ok_or(DETAILS)).transpose()?,
                picture: stored.get("picture").map(|both| profile_picture(both).ok_or(DETAILS)).transpose()?,
                tags: tags(&row.tags).ok_or(TAGS)?,
            },
        })
    }
}

impl<T: StoredTime> TryFrom<StoredProfileChange<T>> for ProfileChange {
    type Error = StoreError;

    fn try_from(row: StoredProfileChange<T>) -> Result<Self, StoreError> {
        let message = optional(row.message_id, ProfileMessageId::from_uuid, "message of a change of a profile")?;
        Ok(Self {
            number: valid(row.number.try_into(), "number of a change of a profile")?,
            part: valid(ChangedPart::from_stored(&row.part, message), "part of a change of a profile")?,
            old: PartValue(valid(serde_json::from_str(&row.old_value), "value of a change of a profile")?),
            new: PartValue(valid(serde_json::from_str(&row.new_value), "value of a change of a profile")?),
            by: actor(&row.actor, row.actor_id, "actor of a change of a profile")?,
            at: time(row.at, "time of a change of a profile")?,
        })
    }
}

impl<T: StoredTime> From<(ProfileId, &ProfileChange)> for StoredProfileChange<T> {
    fn from((profile, change): (ProfileId, &ProfileChange)) -> Self {
        let ProfileChange { number, part, old, new, by, at } = change;
        let (actor, actor_id) = actor_columns(*by);
        Self {
            profile_id: profile.uuid(),
            number: i64::try_from(*number).unwrap_or(i64::MAX),
            part: part.as_str().to_owned(),
            message_id: part.message().map(ProfileMessageId::uuid),
            old_value: json!(old.0).to_string(),
            new_value: json!(new.0).to_string(),
            actor: actor.to_owned(),
            actor_id,
            at: T::of(*at),
        }
    }
}

fn text<T, E>(stored: &Json, parse: impl FnOnce(String) -> Result<T, E>) -> Option<T> {
    parse(stored.as_str()?.to_owned()).ok()
}

fn tags(stored: &str) -> Option<BTreeMap<Facet, Tags>> {
    let stored: BTreeMap<String, Vec<String>> = serde_json::from_str(stored).ok()?;
    let facet = |(facet, tags): (String, Vec<String>)| {
        let distinct = Tags::new(tags.iter().map(Tag::parse).collect::<Result<Vec<_>, _>>().ok()?).ok()?;
        (distinct.as_slice().len() == tags.len()).then_some((facet.parse().ok()?, distinct))
    };
    stored.into_iter().map(facet).collect()
}

fn tags_json(details: &Details) -> String {
    let list = |tags: &Tags| tags.as_slice().iter().map(|tag| Json::from(tag.as_str())).collect();
    let facets = details.tags.iter().map(|(facet, tags)| (facet.as_str().to_owned(), list(tags)));
    Json::Object(facets.collect()).to_string()
}

fn details_json(details: &Details) -> Json {
    let mut stored = json!({ "name": details.name.as_str() });
    if let Some(about) = &details.about {
        stored["about"] = about.as_str().into();
    }
    if let Some(ProfilePicture { detail, thumb }) = details.picture {
        stored["picture"] = json!({ "detail": picture_json(detail), "thumb": picture_json(thumb) });
    }
    stored
}

fn profile_picture(stored: &Json) -> Option<ProfilePicture> {
    Some(ProfilePicture { detail: picture(stored.get("detail")?)?, thumb: picture(stored.get("thumb")?)? })
}

fn picture(stored: &Json) -> Option<StoredPicture> {
    let format = match stored.get("format")?.as_str()? {
        "jpeg" => PictureFormat::Jpeg,
        "png" => PictureFormat::Png,
        _ => return None,
    };
    Some(StoredPicture { blob: stored.get("blob")?.as_str()?.parse().ok()?, format })
}

fn picture_json(picture: StoredPicture) -> Json {
    let format = match picture.format {
        PictureFormat::Jpeg => "jpeg",
        PictureFormat::Png => "png",
    };
    json!({ "blob": picture.blob.to_string(), "format": format })
}

fn messages(stored: &str) -> Option<Vec<ProfileMessage>> {
    let stored: Vec<Json> = serde_json::from_str(stored).ok()?;
    let message = |stored: &Json| {
        Some(ProfileMessage {
            id: ProfileMessageId::from_uuid(stored.get("id")?.as_str()?.parse().ok()?).ok()?,
            text: text(stored.get("text")?, MessageText::parse)?,
            is_own: stored.get("own")?.as_bool()?,
            image: match stored.get("image") {
                Some(image) => Some(picture(image)?),
                None => None,
            },
            at: stored.get("at")?.as_i64()?.read()?,
        })
    };
    if stored.len() <= Profile::MAX_MESSAGES { stored.iter().map(message).collect() } else { None }
}

fn message_json(message: &ProfileMessage) -> Json {
    let ProfileMessage { id, text, is_own, image, at } = message;
    let mut stored = json!({ "id": id.uuid().to_string(), "text": text.as_str(), "own": is_own, "at": micros(*at) });
    if let Some(image) = image {
        stored["image"] = picture_json(*image);
    }
    stored
}

fn decision(stored: &str) -> Option<ProfileDecision> {
    let stored: Json = serde_json::from_str(stored).ok()?;
    let note = match stored.get("note") {
        Some(note) => Some(Note::parse(note.as_str()?).ok()?),
        None => None,
    };
    let rejection = match stored.get("flaw") {
        Some(flaw) => Some(ProfileRejection::new(flaw.as_str()?.parse().ok()?, note).ok()?),
        None => None,
    };
    let by = AccountId::from_uuid(stored.get("by")?.as_str()?.parse().ok()?).ok()?;
    Some(ProfileDecision { by, at: stored.get("at")?.as_i64()?.read()?, rejection })
}

fn decision_json(decision: &ProfileDecision) -> Json {
    let ProfileDecision { by, at, rejection } = decision;
    let mut stored = json!({ "by": by.uuid().to_string(), "at": micros(*at) });
    if let Some(rejection) = rejection {
        stored["flaw"] = rejection.flaw().as_str().into();
        if let Some(note) = rejection.note() {
            stored["note"] = note.as_str().into();
        }
    }
    stored
}
