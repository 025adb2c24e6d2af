//! Showing a picture.

use vestibule_domain::picture::PictureFormat;

use super::{PicturePath, ProfileError, Profiles};
use crate::Principal;

/// A picture to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedPicture {
    pub format: PictureFormat,
    /// The encoded picture; none if it was not asked for.
    pub content: Option<Vec<u8>>,
    /// Whether everybody may see it: then it may be kept by every cache.
    pub is_public: bool,
}

impl Profiles {
    /// A picture of a profile that the reader may see, with its content if that is asked for.
    pub async fn picture(
        &self,
        reader: Option<&Principal>,
        path: PicturePath,
        with_content: bool,
    ) -> Result<ServedPicture, ProfileError> {
        let profile = self.seen(reader, path.profile).await?;
        let profile =
            profile.filter(|profile| profile.has_picture(path.picture)).ok_or(ProfileError::UnknownPicture)?;
        let content = if with_content { Some(self.content(path.profile, path.picture).await?) } else { None };
        Ok(ServedPicture { format: path.picture.format, content, is_public: profile.is_public() })
    }
}
