//! Profiles: stories that people submit, that moderators decide on, and that the public reads.
//!
//! A profile belongs to no account. Its content is changed as a whole, and each changed value is a change to be stored
//! ([`ProfileChange`]); its state changes by the transitions below.

mod change;
mod details;
mod filter;
mod review;

use time::OffsetDateTime;

pub use self::{
    change::{ChangedPart, InvalidPart, PartValue, ProfileChange},
    details::{
        About, Age, Details, Facet, InvalidAbout, InvalidAge, InvalidFacet, InvalidTag, ProfilePicture, StoredPicture,
        Tag, Tags,
    },
    filter::ProfileFilter,
    review::{InvalidProfileFlaw, InvalidProfileState, ProfileDecision, ProfileFlaw, ProfileRejection, ProfileState},
};
use crate::{
    AccountId, Actor, BlobName, ProfileId, ProfileMessageId, account::to_microseconds, conversation::MessageText,
};

/// A message of a profile's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileMessage {
    pub id: ProfileMessageId,
    pub text: MessageText,
    /// Whether the profile itself says it.
    pub is_own: bool,
    pub image: Option<StoredPicture>,
    /// When it was made, in whole microseconds.
    pub at: OffsetDateTime,
}

/// A profile with every field as it is stored; [`Profile::restore`] turns it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRecord {
    pub id: ProfileId,
    /// Its place in lists, which are ascending, then by id.
    pub order: i32,
    /// What it says.
    pub details: Details,
    /// Its thread, in order; at most [`Profile::MAX_MESSAGES`].
    pub messages: Vec<ProfileMessage>,
    pub state: ProfileState,
    /// The last decision, if there was one.
    pub decision: Option<ProfileDecision>,
    /// The account that created it; none for a public submission.
    pub author: Option<AccountId>,
    /// How many changes it had.
    pub changes: u64,
    /// When it was created, in whole microseconds.
    pub created_at: OffsetDateTime,
    /// When anything in it last changed, in whole microseconds; never goes back.
    pub updated_at: OffsetDateTime,
}

impl ProfileRecord {
    /// A message of its thread.
    pub fn message(&self, id: ProfileMessageId) -> Option<&ProfileMessage> {
        self.messages.iter().find(|message| message.id == id)
    }
}

/// The values that a new profile is made of.
#[derive(Debug, Clone)]
pub struct NewProfile {
    pub id: ProfileId,
    pub content: ProfileContent,
    /// Whether it is submitted for a decision at once.
    pub is_submitted: bool,
    /// The account that creates it; none for a public submission.
    pub author: Option<AccountId>,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// The content of a profile, which is changed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileContent {
    /// Its place in lists.
    pub order: i32,
    /// What it says.
    pub details: Details,
    /// Its thread, in order; at most [`Profile::MAX_MESSAGES`].
    pub messages: Vec<ProfileMessage>,
}

/// Why a thread is too long for a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a profile has at most 100 messages")]
pub struct TooManyMessages;

/// Why a decision is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the profile is {}, and nothing can be decided about it", .0.as_str())]
pub struct WrongProfileState(pub ProfileState);

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile(ProfileRecord);

impl Profile {
    /// The most messages of a thread.
    pub const MAX_MESSAGES: usize = 100;

    /// Makes a profile, a draft or submitted.
    pub fn new(new: NewProfile) -> Result<Self, TooManyMessages> {
        let now = to_microseconds(new.created_at);
        let state = if new.is_submitted { ProfileState::Submitted } else { ProfileState::Draft };
        let ProfileContent { order, details, messages } = new.content.fitting()?;
        Ok(Self(ProfileRecord {
            id: new.id,
            order,
            details,
            messages,
            state,
            decision: None,
            author: new.author,
            changes: 0,
            created_at: now,
            updated_at: now,
        }))
    }

    /// Restores a stored profile.
    pub const fn restore(record: ProfileRecord) -> Self {
        Self(record)
    }

    /// Every field, for the store.
    pub const fn record(&self) -> &ProfileRecord {
        &self.0
    }

    /// Its id.
    pub const fn id(&self) -> ProfileId {
        self.0.id
    }

    /// Its state.
    pub const fn state(&self) -> ProfileState {
        self.0.state
    }

    /// Whether the public may read it.
    pub fn is_public(&self) -> bool {
        self.0.state == ProfileState::Approved
    }

    /// Its content.
    pub fn content(&self) -> ProfileContent {
        ProfileContent { order: self.0.order, details: self.0.details.clone(), messages: self.0.messages.clone() }
    }

    /// The blobs that it refers to.
    pub fn blobs(&self) -> impl Iterator<Item = BlobName> {
        let of_picture = self.0.details.picture.into_iter().flat_map(|picture| [picture.detail, picture.thumb]);
        let of_messages = self.0.messages.iter().filter_map(|message| message.image);
        of_picture.chain(of_messages).map(|picture| BlobName::of_picture(self.0.id, picture.blob))
    }

    /// Whether a picture belongs to it.
    pub fn has_picture(&self, picture: StoredPicture) -> bool {
        let is_its = |its: StoredPicture| its == picture;
        self.0.details.picture.is_some_and(|both| is_its(both.detail) || is_its(both.thumb))
            || self.0.messages.iter().filter_map(|message| message.image).any(is_its)
    }

    /// Replaces its content; returns what changed.
    pub fn change(
        &mut self,
        content: ProfileContent,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<Vec<ProfileChange>, TooManyMessages> {
        let ProfileContent { order, details, messages } = content.fitting()?;
        let record = ProfileRecord { order, details, messages, ..self.0.clone() };
        Ok(self.become_changed(record, by, now))
    }

    /// Submits it for a decision, or withdraws it; returns what changed. A profile with a decision stays as it is.
    pub fn set_submitted(&mut self, is_submitted: bool, by: Actor, now: OffsetDateTime) -> Vec<ProfileChange> {
        let state = match (self.0.state, is_submitted) {
            (ProfileState::Draft, true) => ProfileState::Submitted,
            (ProfileState::Submitted, false) => ProfileState::Draft,
            (state, _) => state,
        };
        self.become_changed(ProfileRecord { state, ..self.0.clone() }, by, now)
    }

    /// Makes it public from any state; returns what changed, which is nothing if it is already public.
    pub fn approve(&mut self, by: AccountId, now: OffsetDateTime) -> Vec<ProfileChange> {
        if self.is_public() {
            return Vec::new();
        }
        self.decide(ProfileState::Approved, ProfileDecision { by, at: to_microseconds(now), rejection: None })
    }

    /// Refuses it while a decision is due; returns what changed, which is nothing if it was refused for the same reason.
    pub fn reject(
        &mut self,
        rejection: ProfileRejection,
        by: AccountId,
        now: OffsetDateTime,
    ) -> Result<Vec<ProfileChange>, WrongProfileState> {
        let again = self.0.decision.as_ref().and_then(|decision| decision.rejection.as_ref()) == Some(&rejection);
        match self.0.state {
            ProfileState::Rejected if again => Ok(Vec::new()),
            ProfileState::Submitted | ProfileState::Rejected => {
                let decision = ProfileDecision { by, at: to_microseconds(now), rejection: Some(rejection) };
                Ok(self.decide(ProfileState::Rejected, decision))
            }
            state @ (ProfileState::Draft | ProfileState::Approved) => Err(WrongProfileState(state)),
        }
    }

    /// Undoes a decision, so that a new one is due; returns what changed, which is nothing if one is due already.
    pub fn reopen(&mut self, by: AccountId, now: OffsetDateTime) -> Result<Vec<ProfileChange>, WrongProfileState> {
        match self.0.state {
            ProfileState::Submitted => Ok(Vec::new()),
            ProfileState::Approved | ProfileState::Rejected => {
                let decision = ProfileDecision { by, at: to_microseconds(now), rejection: None };
                Ok(self.decide(ProfileState::Submitted, decision))
            }
            state @ ProfileState::Draft => Err(WrongProfileState(state)),
        }
    }

    fn decide(&mut self, state: ProfileState, decision: ProfileDecision) -> Vec<ProfileChange> {
        let (by, at) = (Actor::Account(decision.by), decision.at);
        self.become_changed(ProfileRecord { state, decision: Some(decision), ..self.0.clone() }, by, at)
    }

    fn become_changed(&mut self, record: ProfileRecord, by: Actor, now: OffsetDateTime) -> Vec<ProfileChange> {
        if record == self.0 {
            return Vec::new();
        }
        let at = to_microseconds(now);
        let parts = change::difference(&self.0, &record);
        let numbered = (self.0.changes + 1..).zip(parts);
        let changes: Vec<_> =
            numbered.map(|(number, (part, old, new))| ProfileChange { number, part, old, new, by, at }).collect();
        let updated_at = at.max(self.0.updated_at + time::Duration::MICROSECOND);
        self.0 =
            ProfileRecord { updated_at, changes: changes.last().map_or(self.0.changes, |last| last.number), ..record };
        changes
    }
}

impl ProfileContent {
    /// The content as it is stored: its times in whole microseconds.
    fn fitting(mut self) -> Result<Self, TooManyMessages> {
        if self.messages.len() > Profile::MAX_MESSAGES {
            return Err(TooManyMessages);
        }
        for message in &mut self.messages {
            message.at = to_microseconds(message.at);
        }
        self.details.tags.retain(|_, tags| !tags.as_slice().is_empty());
        Ok(self)
    }
}
