//! The dialect's paths for pictures: `profile/<name>_thumbnail.jpg`, `profile/<name>_detail.png`, `message/<name>.jpg`. The name is
//! the id of the profile and that of the picture, in hexadecimal digits.

use vestibule_application::profiles::PicturePath;
use vestibule_domain::{BlobId, ProfileId, picture::PictureFormat, profile::StoredPicture};

/// What the name of a picture looks like, with the digits below.
pub(crate) const NAME_PATTERN: &str = r"^[0-9a-f]{56}(_thumbnail|_detail)?\.(jpg|png)$";
/// The digits of the id of a profile, and of a picture.
const PROFILE_DIGITS: usize = 24;
const PICTURE_DIGITS: usize = 32;

/// What a path says of a picture beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Thumbnail,
    Detail,
    Message,
}

impl Place {
    const ALL: [Self; 3] = [Self::Thumbnail, Self::Detail, Self::Message];

    /// The folder, and what comes behind the name.
    const fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Thumbnail => ("profile/", "_thumbnail"),
            Self::Detail => ("profile/", "_detail"),
            Self::Message => ("message/", ""),
        }
    }
}

/// The path of a picture.
pub(crate) fn path(place: Place, profile: ProfileId, picture: StoredPicture) -> String {
    let (folder, suffix) = place.around();
    let blob = picture.blob.to_string().replace('-', "");
    format!("{folder}{}{blob}{suffix}.{}", profile.hex(), extension(picture.format))
}

/// The picture that a path names. Whether there is one is not looked at.
pub(crate) fn parse(path: &str) -> Option<PicturePath> {
    let (stem, extension) = path.rsplit_once('.')?;
    let format =
        [PictureFormat::Jpeg, PictureFormat::Png].into_iter().find(|format| self::extension(*format) == extension)?;
    let name = Place::ALL.into_iter().find_map(|place| {
        let (folder, suffix) = place.around();
        stem.strip_prefix(folder)?.strip_suffix(suffix).filter(|name| !name.contains('_'))
    })?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if name.len() != PROFILE_DIGITS + PICTURE_DIGITS || !name.bytes().all(is_digit) {
        return None;
    }
    let (profile, blob) = name.split_at(PROFILE_DIGITS);
    Some(PicturePath {
        profile: ProfileId::from_hex(profile).ok()?,
        picture: StoredPicture { blob: hyphenated(blob).parse::<BlobId>().ok()?, format },
    })
}

/// The content type of a format.
pub(crate) const fn media_type(format: PictureFormat) -> &'static str {
    match format {
        PictureFormat::Jpeg => "image/jpeg",
        PictureFormat::Png => "image/png",
    }
}

const fn extension(format: PictureFormat) -> &'static str {
    match format {
        PictureFormat::Jpeg => "jpg",
        PictureFormat::Png => "png",
    }
}

/// Groups 32 digits as a UUID does.
fn hyphenated(digits: &str) -> String {
    let mut text = String::with_capacity(PICTURE_DIGITS + 4);
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "507f1f77bcf86cd7994390110123456789ab4cde8f0123456789abcd";

    fn named() -> PicturePath {
        PicturePath {
            profile: ProfileId::from_hex("507f1f77bcf86cd799439011").unwrap(),
            picture: StoredPicture {
                blob: "01234567-89ab-4cde-8f01-23456789abcd".parse().unwrap(),
                format: PictureFormat::Png,
            },
        }
    }

    #[test]
    fn a_path_names_the_profile_and_the_picture() {
        for (place, expected) in [
            (Place::Thumbnail, format!("profile/{NAME}_thumbnail.png")),
            (Place::Detail, format!("profile/{NAME}_detail.png")),
            (Place::Message, format!("message/{NAME}.png")),
        ] {
            assert_eq!(path(place, named().profile, named().picture), expected);
            assert_eq!(parse(&expected), Some(named()));
        }
    }

    #[test]
    fn any_other_text_is_no_path() {
        for text in [
            String::new(),
            format!("/profile/{NAME}_detail.png"),
            format!("images/profile/{NAME}_detail.png"),
            format!("profile/{NAME}.png"),
            format!("message/{NAME}_detail.png"),
            format!("profile//{NAME}_detail.png"),
            format!("profile/../profile/{NAME}_detail.png"),
            format!("profile/{NAME}_detail.webp"),
            format!("profile/{NAME}_detail.PNG"),
            format!("profile/{NAME}_detail"),
            format!("profile/{}_detail.png", NAME.to_uppercase()),
            format!("profile/{NAME}0_detail.png"),
            format!("profile/{}_detail.png", &NAME[1..]),
            format!("profile/{}g_detail.png", &NAME[1..]),
            "profile/alex_detail.png".to_owned(),
            format!("profile/{NAME}_detail.png "),
            format!("message/{NAME}.png\0"),
            format!("message/{}.png", "\u{e9}".repeat(28)),
        ] {
            assert_eq!(parse(&text), None, "{text:?}");
        }
    }
}
