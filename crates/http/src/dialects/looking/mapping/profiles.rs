//! The inputs of the use cases of profiles.

use vestibule_application::{
    ProfileWindow,
    profiles::{CreateProfile, EditMessage, EditProfile, SubmitProfile},
};

use crate::{
    dialects::looking::requests::{MessageBody, ProfileBody},
    shared::paged::Part,
};

pub(crate) const fn window(part: Part) -> ProfileWindow {
    ProfileWindow { skip: part.skip, limit: part.limit }
}

/// A profile is submitted and not approved unless the body says otherwise.
pub(crate) fn create(request: ProfileBody) -> CreateProfile {
    let ProfileBody { content, submitted, approved } = request;
    let (is_submitted, is_approved) = (submitted.unwrap_or(true), approved.unwrap_or(false));
    CreateProfile { content, is_submitted, is_approved }
}

pub(crate) fn edit(request: ProfileBody) -> EditProfile {
    let ProfileBody { content, submitted, approved } = request;
    EditProfile { content, is_submitted: submitted, is_approved: approved }
}

/// What is not the public's to say counts for nothing.
pub(crate) fn submit(request: ProfileBody) -> SubmitProfile {
    SubmitProfile { content: request.content }
}

pub(crate) fn edit_message(request: MessageBody) -> EditMessage {
    EditMessage { text: request.text, image: request.image }
}
