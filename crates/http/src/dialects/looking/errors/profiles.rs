//! The failures of profiles, pictures and places.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use vestibule_application::{Fault, places::PlaceError, profiles::ProfileError};
use vestibule_domain::Permission;

use super::{Body, Failure, KeyPattern};

impl Failure {
    pub(crate) const IMAGE: Self =
        Self::coded(StatusCode::INTERNAL_SERVER_ERROR, "There was an error processing the image", "IMAGE");
    pub(crate) const PROFILE_NOT_UPDATED: Self =
        Self::coded(StatusCode::INTERNAL_SERVER_ERROR, "Could not update profile", "INTERNAL");
    pub(crate) const INVALID_LOCATION: Self =
        Self::coded(StatusCode::BAD_REQUEST, "Invalid location", "INVALID_LOCATION");
    pub(crate) const PLACE_TAKEN: Self = Self::duplicate(KeyPattern::Place { key: 1 });
    pub(crate) const PROFILE_NOT_FOUND: Self = Self::missing_thing("Profile not found");
    pub(crate) const MESSAGE_NOT_FOUND: Self = Self::missing_thing("Message not found");
    pub(crate) const PLACE_NOT_FOUND: Self = Self::missing_thing("Geocache entry not found");
    /// What a browser gets that asks ahead of a wish for what changes something.
    pub(crate) const PREFETCH: Self = Self::forbidden(Cow::Borrowed("Refused to a prefetch"));

    const fn missing_thing(message: &'static str) -> Self {
        Self::of(StatusCode::NOT_FOUND, Body::Sentence { message })
    }

    /// What a change of a profile gets, whose other failures are those of every request.
    pub(crate) fn of_update(error: ProfileError) -> Self {
        match error {
            ProfileError::Fault(fault @ Fault::Internal(_)) => {
                let Self { retry_after, .. } = Self::from(fault);
                Self { retry_after, ..Self::PROFILE_NOT_UPDATED }
            }
            error => error.into(),
        }
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Forbidden(permission) => Self::missing(permission),
            ProfileError::NotFound => Self::PROFILE_NOT_FOUND,
            ProfileError::UnknownMessage => Self::MESSAGE_NOT_FOUND,
            ProfileError::UnknownPicture => Self::NOT_FOUND,
            ProfileError::NothingToDo => Self::NO_DATA,
            ProfileError::TooManyMessages => Self::invalid("messages"),
            ProfileError::BadPicture(_) => Self::IMAGE,
            // Only a rejection is refused for its state, and there is none here.
            ProfileError::WrongState(_) => Self::PROFILE_NOT_UPDATED,
            ProfileError::Fault(fault) => fault.into(),
        }
    }
}

impl From<PlaceError> for Failure {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Forbidden => Self::missing(Permission::AppPreferences),
            PlaceError::NotFound => Self::PLACE_NOT_FOUND,
            PlaceError::NameTaken => Self::PLACE_TAKEN,
            PlaceError::Fault(fault) => fault.into(),
        }
    }
}
