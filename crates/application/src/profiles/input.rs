//! What is to become of a profile, as a client asks for it.

use std::collections::BTreeMap;

use vestibule_domain::{
    FullName, ProfileMessageId,
    conversation::MessageText,
    place::PlaceName,
    profile::{About, Age, Facet, Tags},
};

use super::PicturePath;
use crate::accounts::Edit;

/// A picture in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureInput {
    /// A picture as a client encoded it: JPEG, PNG or WebP.
    Encoded(Vec<u8>),
    /// One that the profile has already.
    Present(PicturePath),
}

/// The picture of a profile in a request; the size that is missing is made from the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureEdit {
    /// Both sizes are made from one.
    One(PictureInput),
    /// Each size has its own.
    Both {
        /// To be looked at.
        detail: PictureInput,
        /// For a list.
        thumb: PictureInput,
    },
}

/// What a profile is to tell; what is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailsEdit {
    /// What it is called.
    pub name: Option<FullName>,
    /// How old it says to be.
    pub age: Edit<Age>,
    /// Where it says to be.
    pub location: Edit<PlaceName>,
    /// Its words about itself.
    pub about: Edit<About>,
    pub picture: Edit<PictureEdit>,
    /// The tags of facets, each as a whole; those that are not there stay.
    pub tags: BTreeMap<Facet, Tags>,
}

/// A message of a profile's thread in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageInput {
    /// Which message of the thread it is, if it is to stay that one.
    pub id: Option<ProfileMessageId>,
    /// What it says.
    pub text: MessageText,
    /// Whether these are the profile's own words.
    pub is_own: bool,
    pub image: Option<PictureInput>,
}

/// What is to become of a profile's content; what is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentEdit {
    /// Its place in lists.
    pub order: Option<i32>,
    /// What it is to tell.
    pub details: DetailsEdit,
    /// Its thread as a whole.
    pub messages: Option<Vec<MessageInput>>,
}
