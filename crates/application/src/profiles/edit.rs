//! Making and changing profiles.

use std::mem;

use time::OffsetDateTime;
use vestibule_domain::{
    Permission, Profile, ProfileContent, ProfileId, ProfileMessageId,
    picture::PictureSize,
    profile::{Details, NewProfile, ProfileMessage, ProfilePicture},
};

use super::{
    ContentEdit, DetailsEdit, MessageInput, ProfileError, Profiles, check_may, decide::Step, pictures::PicturesOf,
};
use crate::{Caller, accounts::Edit};

/// What is to become of a profile.
#[derive(Debug, Clone, Default)]
pub struct EditProfile {
    pub content: ContentEdit,
    /// Whether a decision is asked for.
    pub is_submitted: Option<bool>,
    /// Whether it is public; counts only for a caller who may approve.
    pub is_approved: Option<bool>,
}

/// How a profile is made.
pub(super) struct Making<'a> {
    pub(super) author: Option<&'a Caller>,
    pub(super) is_submitted: bool,
    pub(super) is_approved: bool,
}

/// A content whose pictures are rendered.
pub(super) struct Rendered {
    order: Option<i32>,
    details: DetailsEdit,
    picture: Edit<ProfilePicture>,
    messages: Option<Vec<ProfileMessage>>,
}

impl Profiles {
    pub(super) async fn make(&self, making: Making<'_>, content: ContentEdit) -> Result<Profile, ProfileError> {
        let name = content.details.name.clone().ok_or(ProfileError::NothingToDo)?;
        let now = self.core.now();
        let id = ProfileId::new(now, self.core.random());
        let mut pictures = PicturesOf::new(self, id, None);
        let rendered = self.render(content, &mut pictures, now).await?;
        let empty = ProfileContent { order: 0, details: Details::named(name), messages: Vec::new() };
        let new = NewProfile {
            id,
            content: rendered.over(empty),
            is_submitted: making.is_submitted,
            author: making.author.map(Caller::id),
            created_at: now,
        };
        let mut profile = Profile::new(new).map_err(|_| ProfileError::TooManyMessages)?;
        let mut unit = self.core.begin().await?;
        unit.profiles().insert(&profile).await?;
        if let Some(author) = making.author.filter(|_| making.is_approved) {
            self.take(&mut unit, &mut profile, (author, now), Step::Approve).await?;
        }
        // From here on the row may be there, also if the answer does not come back.
        pictures.keep();
        unit.commit().await?;
        Ok(profile)
    }

    /// Changes a profile; refused if nothing is to be changed.
    pub async fn edit(&self, caller: &Caller, id: ProfileId, input: EditProfile) -> Result<Profile, ProfileError> {
        check_may(caller, Permission::ProfileUpdate)?;
        if input.content == ContentEdit::default() && input.is_submitted.is_none() && input.is_approved.is_none() {
            return Err(ProfileError::NothingToDo);
        }
        let present = self.core.read().profiles().find(id).await?.ok_or(ProfileError::NotFound)?;
        let now = self.core.now();
        let mut pictures = PicturesOf::new(self, id, Some(&present));
        let rendered = self.render(input.content, &mut pictures, now).await?;
        let mut unit = self.core.begin().await?;
        let mut profile = unit.profiles().find_for_update(id).await?.ok_or(ProfileError::NotFound)?;
        let before: Vec<_> = profile.blobs().collect();
        let content = rendered.over(profile.content());
        let mut changes = profile.change(content, caller.actor(), now).map_err(|_| ProfileError::TooManyMessages)?;
        if let Some(is_submitted) = input.is_submitted {
            changes.extend(profile.set_submitted(is_submitted, caller.actor(), now));
        }
        pictures.check(&before, &profile)?;
        if !changes.is_empty() {
            unit.release(before, profile.blobs());
            unit.profiles().replace(&profile, &changes).await?;
        }
        if let Some(is_approved) = input.is_approved.filter(|_| check_may(caller, Permission::ProfileManage).is_ok()) {
            let step = if is_approved { Some(Step::Approve) } else { profile.is_public().then_some(Step::Reopen) };
            if let Some(step) = step {
                self.take(&mut unit, &mut profile, (caller, now), step).await?;
            }
        }
        pictures.keep();
        unit.commit().await?;
        Ok(profile)
    }

    async fn render(
        &self,
        content: ContentEdit,
        pictures: &mut PicturesOf<'_>,
        now: OffsetDateTime,
    ) -> Result<Rendered, ProfileError> {
        let ContentEdit { order, mut details, messages } = content;
        if messages.as_ref().is_some_and(|messages| messages.len() > Profile::MAX_MESSAGES) {
            return Err(ProfileError::TooManyMessages);
        }
        let picture = match mem::take(&mut details.picture) {
            Edit::Set(edit) => Edit::Set(pictures.both(edit).await?),
            Edit::Clear => Edit::Clear,
            Edit::Keep => Edit::Keep,
        };
        let messages = match messages {
            Some(messages) => Some(self.messages(messages, pictures, now).await?),
            None => None,
        };
        Ok(Rendered { order, details, picture, messages })
    }

    async fn messages(
        &self,
        messages: Vec<MessageInput>,
        pictures: &mut PicturesOf<'_>,
        now: OffsetDateTime,
    ) -> Result<Vec<ProfileMessage>, ProfileError> {
        let mut made = Vec::with_capacity(messages.len());
        for MessageInput { id, text, is_own, image } in messages {
            let image = match image {
                Some(image) => Some(pictures.one(image, PictureSize::Detail).await?),
                None => None,
            };
            let is_taken = |id| made.iter().any(|message: &ProfileMessage| message.id == id);
            let present = id.filter(|id| !is_taken(*id)).and_then(|id| pictures.message(id));
            let (id, at) = present.unwrap_or_else(|| (ProfileMessageId::new(now, self.core.random()), now));
            made.push(ProfileMessage { id, text, is_own, image, at });
        }
        Ok(made)
    }
}

impl Rendered {
    /// The content with what is given, and the rest as it is.
    fn over(self, present: ProfileContent) -> ProfileContent {
        let mut details = present.details;
        let DetailsEdit { name, age, location, about, picture: _, tags } = self.details;
        details.name = name.unwrap_or(details.name);
        details.age = age.over(details.age);
        details.location = location.over(details.location);
        details.about = about.over(details.about);
        details.picture = self.picture.over(details.picture);
        details.tags.extend(tags);
        ProfileContent {
            order: self.order.unwrap_or(present.order),
            details,
            messages: self.messages.unwrap_or(present.messages),
        }
    }
}
