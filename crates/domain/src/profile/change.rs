//! The changes of a profile, value by value.

use time::OffsetDateTime;

use super::{Details, Facet, ProfileRecord, StoredPicture};
use crate::{Actor, ProfileMessageId};

/// The part of a profile that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangedPart {
    /// Its state.
    State,
    /// Its place in lists.
    Order,
    /// Its name.
    Name,
    /// Its age.
    Age,
    /// Its location.
    Location,
    /// Its text about itself.
    About,
    /// Its picture: the blob of the detail size.
    Picture,
    /// The tags of a facet.
    Tags(Facet),
    /// The text of one of its messages.
    Message(ProfileMessageId),
    /// The picture of one of its messages: its blob.
    MessageImage(ProfileMessageId),
}

/// Why a word is not a part of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a part of a profile")]
pub struct InvalidPart;

impl ChangedPart {
    /// The stored word, without the message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Order => "order",
            Self::Name => "name",
            Self::Age => "age",
            Self::Location => "location",
            Self::About => "about",
            Self::Picture => "picture",
            Self::Tags(facet) => facet.as_str(),
            Self::Message(_) => "message",
            Self::MessageImage(_) => "message-image",
        }
    }

    /// The message, if it is a part of one.
    pub const fn message(self) -> Option<ProfileMessageId> {
        match self {
            Self::Message(id) | Self::MessageImage(id) => Some(id),
            _ => None,
        }
    }

    /// The part for a stored word and a message.
    pub fn from_stored(word: &str, message: Option<ProfileMessageId>) -> Result<Self, InvalidPart> {
        if let Some(message) = message {
            return [Self::Message(message), Self::MessageImage(message)]
                .into_iter()
                .find(|part| part.as_str() == word)
                .ok_or(InvalidPart);
        }
        let facets = Facet::ALL.map(Self::Tags);
        [Self::State, Self::Order, Self::Name, Self::Age, Self::Location, Self::About, Self::Picture]
            .into_iter()
            .chain(facets)
            .find(|part| part.as_str() == word)
            .ok_or(InvalidPart)
    }
}

/// A value of a part, as text: tags in their order; empty if unset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartValue(pub Vec<String>);

/// A changed part of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileChange {
    /// Its number among the changes of the profile: 1, 2, 3…
    pub number: u64,
    /// Which part.
    pub part: ChangedPart,
    /// What it was.
    pub old: PartValue,
    /// What it became.
    pub new: PartValue,
    /// Who changed it.
    pub by: Actor,
    /// When, in whole microseconds.
    pub at: OffsetDateTime,
}

/// The parts in which two states of a profile differ, with both values.
pub(super) fn difference(old: &ProfileRecord, new: &ProfileRecord) -> Vec<(ChangedPart, PartValue, PartValue)> {
    let mut parts =
        of_head(old).into_iter().zip(of_head(new)).map(|((part, old), (_, new))| (part, old, new)).collect();
    of_messages(old, new, &mut parts);
    parts.retain(|(_, old, new)| old != new);
    parts
}

fn of_head(record: &ProfileRecord) -> Vec<(ChangedPart, PartValue)> {
    let Details { name, age, location, about, picture, .. } = &record.details;
    let mut parts = vec![
        (ChangedPart::State, one(Some(record.state.as_str()))),
        (ChangedPart::Order, one(Some(record.order))),
        (ChangedPart::Name, one(Some(name.as_str()))),
        (ChangedPart::Age, one(age.map(super::Age::years))),
        (ChangedPart::Location, one(location.as_ref().map(crate::place::PlaceName::as_str))),
        (ChangedPart::About, one(about.as_ref().map(super::About::as_str))),
        (ChangedPart::Picture, of_picture(picture.map(|picture| picture.detail))),
    ];
    let tags = |facet| PartValue(record.details.tags(facet).iter().map(ToString::to_string).collect());
    parts.extend(Facet::ALL.map(|facet| (ChangedPart::Tags(facet), tags(facet))));
    parts
}

fn of_messages(old: &ProfileRecord, new: &ProfileRecord, parts: &mut Vec<(ChangedPart, PartValue, PartValue)>) {
    let added = new.messages.iter().filter(|message| old.message(message.id).is_none());
    for id in old.messages.iter().chain(added).map(|message| message.id) {
        let (before, after) = (old.message(id), new.message(id));
        let text = |message: Option<&super::ProfileMessage>| one(message.map(|message| message.text.as_str()));
        let image = |message: Option<&super::ProfileMessage>| of_picture(message.and_then(|message| message.image));
        parts.push((ChangedPart::Message(id), text(before), text(after)));
        parts.push((ChangedPart::MessageImage(id), image(before), image(after)));
    }
}

fn of_picture(picture: Option<StoredPicture>) -> PartValue {
    one(picture.map(|picture| picture.blob))
}

fn one(value: Option<impl ToString>) -> PartValue {
    PartValue(value.map(|value| value.to_string()).into_iter().collect())
}
