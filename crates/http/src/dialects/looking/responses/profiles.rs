//! Profiles, whole and in part, and what becomes of them.

use serde::Serialize;
use vestibule_application::ProfileSummary;
use vestibule_domain::{
    Profile, ProfileId, ProfileRecord,
    place::PlaceName,
    profile::{About, Age, Details, ProfileMessage, ProfilePicture, ProfileState, Tag},
};

use super::to_the_second;
use crate::dialects::looking::words::pictures::{self, Place};

/// A profile as it is.
#[derive(Serialize)]
pub(crate) struct FullProfile<'a> {
    #[serde(rename = "_id")]
    id: String,
    order: i32,
    details: FullDetails<'a>,
    messages: Vec<Message<'a>>,
    submitted: bool,
    approved: bool,
}

/// A profile without its messages.
#[derive(Serialize)]
pub(crate) struct FoundProfile<'a> {
    #[serde(rename = "_id")]
    id: String,
    order: i32,
    details: FullDetails<'a>,
}

/// What is shown of a profile in a list.
#[derive(Serialize)]
pub(crate) struct ListedProfile<'a> {
    #[serde(rename = "_id")]
    id: String,
    order: i32,
    details: ListedDetails<'a>,
}

/// What is unset is left out; a list without a tag is empty.
#[derive(Serialize)]
struct FullDetails<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pic: Option<Picture>,
    position: Vec<&'a str>,
    looking: Vec<&'a str>,
    tribes: Vec<&'a str>,
    ethnos: Vec<&'a str>,
}

#[derive(Serialize)]
struct ListedDetails<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pic: Option<Thumb>,
}

#[derive(Serialize)]
struct Picture {
    thumb: String,
    detail: String,
}

#[derive(Serialize)]
struct Thumb {
    thumb: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(rename = "_id")]
    id: String,
    text: &'a str,
    is_user: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    timestamp: String,
}

impl<'a> FullProfile<'a> {
    pub(crate) fn new(profile: &'a Profile) -> Self {
        let ProfileRecord { id, order, details, messages, state, .. } = profile.record();
        Self {
            id: id.hex(),
            order: *order,
            details: FullDetails::new(*id, details),
            messages: messages.iter().map(|message| Message::new(*id, message)).collect(),
            submitted: is_submitted(*state),
            approved: profile.is_public(),
        }
    }
}

impl<'a> FoundProfile<'a> {
    pub(crate) fn new(found: &'a ProfileSummary) -> Self {
        Self { id: found.id.hex(), order: found.order, details: FullDetails::new(found.id, &found.details) }
    }
}

impl<'a> ListedProfile<'a> {
    pub(crate) fn new(found: &'a ProfileSummary) -> Self {
        let Details { name, picture, .. } = &found.details;
        let thumb =
            |picture: ProfilePicture| Thumb { thumb: pictures::path(Place::Thumbnail, found.id, picture.thumb) };
        let details = ListedDetails { name: name.as_str(), pic: picture.map(thumb) };
        Self { id: found.id.hex(), order: found.order, details }
    }
}

impl<'a> FullDetails<'a> {
    fn new(id: ProfileId, details: &'a Details) -> Self {
        use vestibule_domain::profile::Facet::{Ethnicities, Looking, Position, Tribes};
        let tags = |facet| details.tags(facet).iter().map(Tag::as_str).collect();
        Self {
            name: details.name.as_str(),
            age: details.age.map(Age::years),
            location: details.location.as_ref().map(PlaceName::as_str),
            about: details.about.as_ref().map(About::as_str),
            pic: details.picture.map(|picture| Picture {
                thumb: pictures::path(Place::Thumbnail, id, picture.thumb),
                detail: pictures::path(Place::Detail, id, picture.detail),
            }),
            position: tags(Position),
            looking: tags(Looking),
            tribes: tags(Tribes),
            ethnos: tags(Ethnicities),
        }
    }
}

impl<'a> Message<'a> {
    fn new(profile: ProfileId, message: &'a ProfileMessage) -> Self {
        Self {
            id: message.id.hex(),
            text: message.text.as_str(),
            is_user: message.is_own,
            image: message.image.map(|image| pictures::path(Place::Message, profile, image)),
            timestamp: to_the_second(message.at),
        }
    }
}

/// Whether a decision is due, or was made for it: what was refused has to be submitted again.
const fn is_submitted(state: ProfileState) -> bool {
    match state {
        ProfileState::Submitted | ProfileState::Approved => true,
        ProfileState::Draft | ProfileState::Rejected => false,
    }
}

/// A profile that was made.
#[derive(Serialize)]
pub(crate) struct Created<'a> {
    #[serde(rename = "_id")]
    id: String,
    message: &'static str,
    profile: FullProfile<'a>,
}

impl<'a> Created<'a> {
    pub(crate) fn new(profile: &'a Profile) -> Self {
        let message = "Profile created successfully";
        Self { id: profile.id().hex(), message, profile: FullProfile::new(profile) }
    }
}

/// A profile that was changed.
#[derive(Serialize)]
pub(crate) struct Updated<'a> {
    message: &'static str,
    profile: FullProfile<'a>,
}

impl<'a> Updated<'a> {
    pub(crate) fn new(profile: &'a Profile) -> Self {
        Self { message: "Profile updated successfully", profile: FullProfile::new(profile) }
    }

    /// The same where one of its messages was changed.
    pub(crate) fn message(profile: &'a Profile) -> Self {
        Self { message: "Message updated successfully", profile: FullProfile::new(profile) }
    }
}

/// A profile that was removed.
#[derive(Serialize)]
pub(crate) struct Deleted {
    message: &'static str,
    id: String,
}

impl Deleted {
    pub(crate) fn new(id: ProfileId) -> Self {
        Self { message: "Profile deleted successfully", id: id.hex() }
    }
}

/// A profile that is public now.
#[derive(Serialize)]
pub(crate) struct Approved {
    message: &'static str,
    profile: ApprovedProfile,
}

#[derive(Serialize)]
struct ApprovedProfile {
    #[serde(rename = "_id")]
    id: String,
    approved: bool,
}

impl Approved {
    pub(crate) fn new(profile: &Profile) -> Self {
        let profile = ApprovedProfile { id: profile.id().hex(), approved: profile.is_public() };
        Self { message: "Profile approved", profile }
    }
}

/// A profile that was handed in.
#[derive(Serialize)]
pub(crate) struct Submitted {
    message: &'static str,
    profile: SubmittedProfile,
}

#[derive(Serialize)]
struct SubmittedProfile {
    #[serde(rename = "_id")]
    id: String,
    submitted: bool,
    approved: bool,
}

impl Submitted {
    pub(crate) fn new(profile: &Profile) -> Self {
        let message = "Story submitted successfully. It will be reviewed before publishing.";
        let submitted = is_submitted(profile.state());
        Self { message, profile: SubmittedProfile { id: profile.id().hex(), submitted, approved: profile.is_public() } }
    }
}
