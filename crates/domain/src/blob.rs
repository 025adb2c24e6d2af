//! Blobs: contents stored beside the rows, under names that we choose.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::{AccountId, ProfileId};

/// Tells the blobs of one owner apart: 128 random bits, as a version-4 UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(Uuid);

impl BlobId {
    /// Makes an id of random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(random).into_uuid())
    }

    /// The UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Why a text does not name a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a blob")]
pub struct InvalidBlobName;

impl FromStr for BlobId {
    type Err = InvalidBlobName;

    /// Reads only the canonical form: a blob has one name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = Uuid::try_parse(text).map(Self).map_err(|_| InvalidBlobName)?;
        if id.to_string() == text { Ok(id) } else { Err(InvalidBlobName) }
    }
}

/// What a blob belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlobOwner {
    /// The dossier of an account: the content of a document.
    Dossier(AccountId),
    /// A profile: one of its pictures.
    Profile(ProfileId),
}

impl BlobOwner {
    /// The first part of blob names, up to a slash, one per kind of owner.
    pub const ROOTS: [&str; 2] = ["dossiers", "profiles"];

    fn parts(self) -> (&'static str, Uuid) {
        let [dossiers, profiles] = Self::ROOTS;
        match self {
            Self::Dossier(account) => (dossiers, account.uuid()),
            Self::Profile(profile) => (profiles, profile.uuid()),
        }
    }

    fn of_parts(root: &str, id: Uuid) -> Result<Self, InvalidBlobName> {
        let [dossiers, profiles] = Self::ROOTS;
        match root {
            _ if root == dossiers => AccountId::from_uuid(id).map(Self::Dossier),
            _ if root == profiles => ProfileId::from_uuid(id).map(Self::Profile),
            _ => return Err(InvalidBlobName),
        }
        .map_err(|_| InvalidBlobName)
    }
}

/// The name of a blob, made here and never by a client: `dossiers/<account>/<id>` or `profiles/<profile>/<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName {
    /// What it belongs to.
    pub owner: BlobOwner,
    /// Which of the owner's blobs it is.
    pub id: BlobId,
}

impl BlobName {
    /// The content of a document of an account's dossier.
    pub const fn of_document(account: AccountId, id: BlobId) -> Self {
        Self { owner: BlobOwner::Dossier(account), id }
    }

    /// A picture of a profile.
    pub const fn of_picture(profile: ProfileId, id: BlobId) -> Self {
        Self { owner: BlobOwner::Profile(profile), id }
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, owner) = self.owner.parts();
        write!(f, "{root}/{owner}/{}", self.id)
    }
}

impl FromStr for BlobName {
    type Err = InvalidBlobName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        let (Some(root), Some(owner), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidBlobName);
        };
        let owner = Uuid::try_parse(owner).map_err(|_| InvalidBlobName)?;
        let name = Self { owner: BlobOwner::of_parts(root, owner)?, id: id.parse()? };
        if name.to_string() == text { Ok(name) } else { Err(InvalidBlobName) }
    }
}
