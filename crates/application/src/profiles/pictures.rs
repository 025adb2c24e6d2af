//! The pictures of profiles: rendered, sealed, written, and read back.

use time::OffsetDateTime;
use vestibule_domain::{
    BlobId, BlobName, Profile, ProfileId, ProfileMessageId,
    picture::PictureSize,
    profile::{ProfilePicture, StoredPicture},
};
use vestibule_ports::RenderedPicture;

use super::{BadPicture, PictureEdit, PictureInput, ProfileError, Profiles};
use crate::{Fault, documents::Orphan};

/// Where a picture is: which profile it belongs to, and which of its blobs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PicturePath {
    pub profile: ProfileId,
    pub picture: StoredPicture,
}

/// The profile that pictures are for, and those it has already.
pub(super) struct PicturesOf<'a> {
    profiles: &'a Profiles,
    id: ProfileId,
    present: Option<&'a Profile>,
    written: Vec<Orphan>,
}

impl<'a> PicturesOf<'a> {
    pub(super) const fn new(profiles: &'a Profiles, id: ProfileId, present: Option<&'a Profile>) -> Self {
        Self { profiles, id, present, written: Vec::new() }
    }

    /// A message that the profile has: which, and when it was made.
    pub(super) fn message(&self, id: ProfileMessageId) -> Option<(ProfileMessageId, OffsetDateTime)> {
        let message = self.present?.record().message(id)?;
        Some((message.id, message.at))
    }

    /// Refuses a picture that the profile had when it was read, and has no longer: its blob may be gone.
    pub(super) fn check(&self, before: &[BlobName], after: &Profile) -> Result<(), ProfileError> {
        let is_there = |blob| before.contains(&blob) || self.written.iter().any(|orphan| orphan.is(blob));
        let all_are_there = after.blobs().all(is_there);
        if all_are_there { Ok(()) } else { Err(ProfileError::BadPicture(BadPicture::Foreign)) }
    }

    /// Leaves what was written alone: a row is about to refer to it.
    pub(super) fn keep(self) {
        self.written.into_iter().for_each(Orphan::keep);
    }

    /// The picture of a profile in both sizes.
    pub(super) async fn both(&mut self, edit: PictureEdit) -> Result<ProfilePicture, ProfileError> {
        match edit {
            PictureEdit::Both { detail, thumb } => Ok(ProfilePicture {
                detail: self.one(detail, PictureSize::Detail).await?,
                thumb: self.one(thumb, PictureSize::Thumb).await?,
            }),
            PictureEdit::One(PictureInput::Present(path)) => {
                let picture = self.present(path)?;
                let both = self.present.and_then(|profile| profile.record().details.picture);
                match both.filter(|both| both.detail == picture || both.thumb == picture) {
                    Some(both) => Ok(both),
                    None => self.made_from(self.profiles.content(self.id, picture).await?).await,
                }
            }
            PictureEdit::One(PictureInput::Encoded(encoded)) => self.made_from(encoded).await,
        }
    }

    /// A picture in one size.
    pub(super) async fn one(&mut self, input: PictureInput, size: PictureSize) -> Result<StoredPicture, ProfileError> {
        match input {
            PictureInput::Present(path) => self.present(path),
            PictureInput::Encoded(encoded) => {
                let [picture] = self.render(encoded, [size]).await?;
                self.write(picture).await
            }
        }
    }

    async fn made_from(&mut self, encoded: Vec<u8>) -> Result<ProfilePicture, ProfileError> {
        let [detail, thumb] = self.render(encoded, [PictureSize::Detail, PictureSize::Thumb]).await?;
        Ok(ProfilePicture { detail: self.write(detail).await?, thumb: self.write(thumb).await? })
    }

    async fn render<const N: usize>(
        &self,
        encoded: Vec<u8>,
        sizes: [PictureSize; N],
    ) -> Result<[RenderedPicture; N], ProfileError> {
        let rendered = self.profiles.ports.renderer.render(encoded, &sizes).await?;
        rendered.try_into().map_err(|_| Fault::internal("a picture was rendered in other sizes").into())
    }

    /// Only what belongs to this very profile may be named.
    fn present(&self, path: PicturePath) -> Result<StoredPicture, ProfileError> {
        let is_its = |profile: &Profile| path.profile == self.id && profile.has_picture(path.picture);
        let foreign = ProfileError::BadPicture(BadPicture::Foreign);
        self.present.is_some_and(is_its).then_some(path.picture).ok_or(foreign)
    }

    async fn write(&mut self, picture: RenderedPicture) -> Result<StoredPicture, ProfileError> {
        let blob = BlobId::new(self.profiles.core.random());
        let name = BlobName::of_picture(self.id, blob);
        self.written.push(self.profiles.core.discarded.unless_kept(name));
        let mut writer = self.profiles.ports.blobs.create(name).await?;
        writer.write(self.profiles.seal(name, &picture.bytes)).await?;
        writer.finish().await?;
        Ok(StoredPicture { blob, format: picture.format })
    }
}

impl Profiles {
    /// Seals the content of a picture together with its name, so that it opens under no other.
    fn seal(&self, name: BlobName, content: &[u8]) -> Vec<u8> {
        self.core.ports.keyring.seal(&[name.id.uuid().as_bytes(), content].concat())
    }

    /// The content of a picture that a profile refers to.
    pub(super) async fn content(&self, profile: ProfileId, picture: StoredPicture) -> Result<Vec<u8>, ProfileError> {
        let name = BlobName::of_picture(profile, picture.blob);
        let mut reader = self.ports.blobs.open(name).await?.ok_or(ProfileError::UnknownPicture)?;
        let mut sealed = Vec::new();
        while let Some(mut piece) = reader.next().await? {
            sealed.append(&mut piece);
        }
        let opened = self.core.ports.keyring.open(&sealed).inspect_err(|_| {
            tracing::error!(blob = %name, "the content of a picture is broken, or was sealed under another secret");
        })?;
        let content = opened.strip_prefix(name.id.uuid().as_bytes()).map(<[u8]>::to_vec);
        content.ok_or_else(|| Fault::internal("a picture is another one's").into())
    }
}
