//! Pictures in bodies: a data URI, or the path of one that the profile has already.

use vestibule_application::profiles::{PictureEdit, PictureInput};

use super::tree::{Object, Tree};
use crate::{
    dialects::looking::{errors::Failure, words::pictures},
    shared::data_uri::decode_picture,
};

/// The most bytes of an encoded picture.
const MOST_BYTES: usize = 5 * 1_024 * 1_024;

/// A picture; null and what is not there are none.
pub(super) fn picture(object: &mut Object<'_>, name: &str) -> Result<Option<PictureInput>, Failure> {
    match object.remove(name) {
        None | Some(Tree::Null) => Ok(None),
        Some(Tree::Text(text)) => read(&text).map(Some),
        Some(Tree::Bool(_) | Tree::Number(_) | Tree::List(_) | Tree::Object(_)) => Err(Failure::IMAGE),
    }
}

/// The picture of a profile: one size is made from the other. None where neither is there.
pub(super) fn both(mut object: Object<'_>) -> Result<Option<PictureEdit>, Failure> {
    let detail = picture(&mut object, "detail")?;
    let thumb = picture(&mut object, "thumb")?;
    Ok(match (detail, thumb) {
        (Some(detail), Some(thumb)) => Some(PictureEdit::Both { detail, thumb }),
        (Some(one), None) | (None, Some(one)) => Some(PictureEdit::One(one)),
        (None, None) => None,
    })
}

fn read(text: &str) -> Result<PictureInput, Failure> {
    if let Some(path) = pictures::parse(text) {
        return Ok(PictureInput::Present(path));
    }
    decode_picture(text, MOST_BYTES).map(PictureInput::Encoded).map_err(|_| Failure::IMAGE)
}
