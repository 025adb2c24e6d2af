//! Changing a message of a profile's thread.

use vestibule_domain::{
    Permission, Profile, ProfileId, ProfileMessageId, conversation::MessageText, picture::PictureSize,
};

use super::{PictureInput, ProfileError, Profiles, check_may, pictures::PicturesOf};
use crate::{Caller, accounts::Edit};

/// What is to become of a message; what is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct EditMessage {
    /// What it says.
    pub text: Option<MessageText>,
    pub image: Edit<PictureInput>,
}

impl Profiles {
    /// Changes a message; refused if nothing is to be changed.
    pub async fn edit_message(
        &self,
        caller: &Caller,
        (id, message): (ProfileId, ProfileMessageId),
        input: EditMessage,
    ) -> Result<Profile, ProfileError> {
        check_may(caller, Permission::ProfileUpdate)?;
        if input.text.is_none() && input.image == Edit::Keep {
            return Err(ProfileError::NothingToDo);
        }
        let present = self.core.read().profiles().find(id).await?.ok_or(ProfileError::NotFound)?;
        present.record().message(message).ok_or(ProfileError::UnknownMessage)?;
        let mut pictures = PicturesOf::new(self, id, Some(&present));
        let image = match input.image {
            Edit::Set(image) => Edit::Set(pictures.one(image, PictureSize::Detail).await?),
            Edit::Clear => Edit::Clear,
            Edit::Keep => Edit::Keep,
        };
        let mut unit = self.core.begin().await?;
        let mut profile = unit.profiles().find_for_update(id).await?.ok_or(ProfileError::NotFound)?;
        let before: Vec<_> = profile.blobs().collect();
        let mut content = profile.content();
        let found = content.messages.iter_mut().find(|one| one.id == message);
        let found = found.ok_or(ProfileError::UnknownMessage)?;
        found.text = input.text.unwrap_or_else(|| found.text.clone());
        found.image = image.over(found.image);
        let changes =
            profile.change(content, caller.actor(), self.core.now()).map_err(|_| ProfileError::TooManyMessages)?;
        pictures.check(&before, &profile)?;
        if !changes.is_empty() {
            unit.release(before, profile.blobs());
            unit.profiles().replace(&profile, &changes).await?;
        }
        pictures.keep();
        unit.commit().await?;
        Ok(profile)
    }
}
