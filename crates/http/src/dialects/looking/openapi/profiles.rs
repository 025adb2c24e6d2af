//! Profiles and their pictures.

use actix_web::HttpResponse;
use serde_json::{Value, json};
use vestibule_application::ProfileSummary;
use vestibule_domain::{
    FullName, Permission, Profile, ProfileId, ProfileMessageId, ProfileRecord,
    conversation::MessageText,
    picture::PictureFormat,
    place::PlaceName,
    profile::{Age, Details, Facet, ProfileMessage, ProfilePicture, ProfileState, StoredPicture, Tag, Tags},
};

use super::{AT, bad, good, limited, of_guard, shapes};
use crate::{
    dialects::looking::{
        errors::Failure,
        requests::{MessageBody, ProfileBody, profiles::refusal},
        responses::{
            self, pictures,
            profiles::{Approved, Created, Deleted, FoundProfile, FullProfile, ListedProfile, Submitted, Updated},
        },
    },
    shared::{
        describe::{Answer, Description, Parameter},
        shape::{Shape, bytes, count, id as shown_id, list as list_of, object, required, text},
    },
};

const ID: &str = "507f1f77bcf86cd799439011";
const MESSAGE: &str = "507f1f77bcf86cd799439012";
const BLOB: &str = "01234567-89ab-4cde-8f01-23456789abcd";
/// One pixel.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5\
                       ErkJggg==";

pub(crate) fn list() -> Description {
    Description::new("looking_profiles", "List approved profiles, at most 1000", of_list()).filtered_by(paging())
}

pub(crate) fn list_verified() -> Description {
    Description::new("looking_verified_profiles", "The same as `GET /profiles`", of_list()).filtered_by(paging())
}

pub(crate) fn list_submitted() -> Description {
    let mut answers =
        vec![listed("profiles that wait for a decision; `X-Total-Count` says how many", ProfileState::Submitted)];
    answers.push(bad("`limit` or `skip` is no whole number", &Failure::INVALID_FILTER));
    let summary = "List profiles that wait for a decision, at most 1000; not for an anonymous token";
    Description::new("looking_submitted_profiles", summary, answers).filtered_by(paging())
}

pub(super) fn paging() -> [Parameter; 2] {
    [Parameter::new("limit", 1_000, count().told("0 and more than 1000 are 1000.")), Parameter::new("skip", 0, count())]
}

fn of_list() -> Vec<Answer> {
    vec![
        listed("approved profiles; `X-Total-Count` says how many", ProfileState::Approved),
        bad("`limit` or `skip` is no whole number", &Failure::INVALID_FILTER),
    ]
}

fn listed(when: &'static str, state: ProfileState) -> Answer {
    let profiles = example(state);
    good(when, profiles.iter().map(FullProfile::new).collect::<Vec<_>>(), list_of(shapes::profile()))
}

pub(crate) fn find() -> Description {
    let found = found();
    let answers = vec![
        good(
            "the profiles without their messages",
            found.iter().map(FoundProfile::new).collect::<Vec<_>>(),
            list_of(shapes::found_profile()),
        ),
        bad("a number that is none", &Failure::INVALID_FILTER),
    ];
    let summary = "Find approved profiles. Segments may be missing at the end, and `null` is unset; `min` and `max` are ages, the \
                   last four tags separated by `|`, of which any fits";
    Description::new("looking_find_profiles", summary, answers)
}

pub(crate) fn find_names() -> Description {
    let found = found();
    let answers = vec![
        good(
            "names and small pictures",
            found.iter().map(ListedProfile::new).collect::<Vec<_>>(),
            list_of(shapes::listed_profile()),
        ),
        bad("a number that is none", &Failure::INVALID_FILTER),
    ];
    Description::new("looking_list_profiles", "The same as `/profiles/find`, with less of each profile", answers)
}

pub(crate) fn show() -> Description {
    let mut answers = vec![one(|profile| responses::ok(FullProfile::new(profile)), ("the profile", shapes::profile()))];
    answers.extend(of_guard());
    answers
        .push(bad("no such profile, or it is not approved and the caller may not see it", &Failure::PROFILE_NOT_FOUND));
    Description::new("looking_profile", "Show a profile", answers)
}

pub(crate) fn create() -> Description {
    let mut answers =
        vec![one(|profile| responses::created(Created::new(profile)), ("made", shapes::created_profile()))];
    answers.extend(of_body(&json!({ "details": { "name": "Alex", "age": -1 } })));
    let summary = "Make a profile. `approved` counts only for a caller with `manage`";
    Description::new("looking_create_profile", summary, answers).taking(body(), shapes::new_profile(true))
}

pub(crate) fn edit() -> Description {
    let mut answers = vec![one(|profile| responses::ok(Updated::new(profile)), ("changed", shapes::changed_profile()))];
    answers.extend(of_body(&json!({ "order": "first" })));
    answers.extend([
        bad("no such profile", &Failure::PROFILE_NOT_FOUND),
        bad("the store failed", &Failure::PROFILE_NOT_UPDATED),
    ]);
    let summary = "Change a profile: `details` key by key, lists and `messages` as a whole; `null` unsets a key. `approved` \
                   counts only for a caller with `manage`";
    Description::new("looking_update_profile", summary, answers).taking(body(), shapes::new_profile(false))
}

pub(crate) fn edit_message() -> Description {
    let mut answers =
        vec![one(|profile| responses::ok(Updated::message(profile)), ("changed", shapes::changed_profile()))];
    answers.extend([
        bad("a text that is none", &refusal::<MessageBody>(&json!({ "text": "" }))),
        bad("not a JSON object", &Failure::INVALID_BODY),
        bad("more than 8 MiB", &Failure::TOO_LARGE),
        bad("in UTF-16 or UTF-32", &Failure::UNSUPPORTED_CHARSET),
        bad("no such profile", &Failure::PROFILE_NOT_FOUND),
        bad("no such message", &Failure::MESSAGE_NOT_FOUND),
        bad("neither `text` nor `image`", &Failure::NO_DATA),
        bad("a picture is not taken", &refusal::<MessageBody>(&json!({ "image": "cat.jpg" }))),
        bad("the store failed", &Failure::PROFILE_NOT_UPDATED),
    ]);
    Description::new("looking_update_message", "Change a message of a profile", answers)
        .taking(json!({ "text": "Hello", "image": PICTURE }), shapes::new_message())
}

pub(crate) fn remove() -> Description {
    let mut answers = vec![bad("no such profile", &Failure::PROFILE_NOT_FOUND)];
    let shape = object([required("message", text()), required("id", shown_id())]);
    answers.extend(id().map(|id| good("deleted", Deleted::new(id), shape)));
    Description::new("looking_delete_profile", "Delete a profile", answers)
}

pub(crate) fn approve() -> Description {
    Description::new("looking_approve_profile", "Make a profile public. `HEAD` changes nothing", of_approval())
}

pub(crate) fn approve_by_post() -> Description {
    Description::new("looking_approve_profile_by_post", "Make a profile public", of_approval())
}

fn of_approval() -> Vec<Answer> {
    vec![
        one(|profile| responses::ok(Approved::new(profile)), ("public", shapes::profile_state(&["approved"]))),
        bad("the request is a prefetch", &Failure::PREFETCH),
        bad("no such profile", &Failure::PROFILE_NOT_FOUND),
    ]
}

pub(crate) fn submit() -> Description {
    let mut answers = Vec::new();
    let shape = shapes::profile_state(&["submitted", "approved"]);
    answers.extend(example(ProfileState::Submitted).map(|profile| good("handed in", Submitted::new(&profile), shape)));
    answers.extend(of_body(&json!({ "details": { "name": "Alex", "age": 151 } })));
    answers.push(limited());
    let summary = "Hand a story in, to be reviewed; 10 an hour from one source. `order`, `submitted` and `approved` count for nothing";
    Description::new("looking_submit_profile", summary, answers).taking(body(), shapes::new_profile(true))
}

pub(crate) fn picture() -> Description {
    let mut answers = Answer::of("the picture, a JPEG or PNG", pictures::example(), bytes()).also_as(&["image/png"]);
    answers.push(Answer::of("the client has it, by `If-None-Match`", HttpResponse::NotModified().finish(), bytes()));
    answers.extend(of_guard());
    answers.push(bad(
        "no such picture, or its profile is not approved and the caller may not see it",
        &Failure::NOT_FOUND,
    ));
    Description::new("looking_picture", "Show a picture of a profile, by the path that the profile has", answers)
}

/// What a body of a profile is refused with.
fn of_body(wrong: &Value) -> [Answer; 6] {
    [
        bad("a value that is none", &refusal::<ProfileBody>(wrong)),
        bad("not a JSON object", &Failure::INVALID_BODY),
        bad("more than 8 MiB", &Failure::TOO_LARGE),
        bad("in UTF-16 or UTF-32", &Failure::UNSUPPORTED_CHARSET),
        bad("nothing to do, or no name", &Failure::NO_DATA),
        bad(
            "a picture is not taken",
            &refusal::<ProfileBody>(&json!({ "details": { "pic": { "detail": "data:text/html,x" } } })),
        ),
    ]
}

fn body() -> Value {
    json!({
        "details": {
            "name": "Alex", "age": 28, "location": "San Francisco, CA", "pic": { "detail": PICTURE },
            "position": ["Top"], "looking": ["Dates"], "tribes": ["Geek"], "ethnos": ["White"],
        },
        "messages": [{ "text": "Hello", "isUser": false }],
    })
}

fn one(answer: impl FnOnce(&Profile) -> HttpResponse, (when, shape): (&'static str, Shape)) -> Answer {
    let profile = example(ProfileState::Approved);
    profile.map_or_else(
        || bad(when, &Failure::missing(Permission::ProfileView)),
        |profile| Answer::of(when, answer(&profile), shape),
    )
}

fn id() -> Option<ProfileId> {
    ProfileId::from_hex(ID).ok()
}

fn found() -> Option<ProfileSummary> {
    example(ProfileState::Approved).map(|profile| ProfileSummary::from(profile.record()))
}

/// The profile of the document.
fn example(state: ProfileState) -> Option<Profile> {
    let stored = StoredPicture { blob: BLOB.parse().ok()?, format: PictureFormat::Jpeg };
    let tags = |tag: &str| Tags::new(Tag::parse(tag).ok()).ok();
    let details = Details {
        age: Age::new(28).ok(),
        location: PlaceName::parse("San Francisco, CA").ok(),
        picture: Some(ProfilePicture { detail: stored, thumb: stored }),
        tags: [
            (Facet::Position, "Top"),
            (Facet::Looking, "Dates"),
            (Facet::Tribes, "Geek"),
            (Facet::Ethnicities, "White"),
        ]
        .into_iter()
        .filter_map(|(facet, tag)| Some((facet, tags(tag)?)))
        .collect(),
        ..Details::named(FullName::parse("Alex").ok()?)
    };
    let message = ProfileMessage {
        id: ProfileMessageId::from_hex(MESSAGE).ok()?,
        text: MessageText::parse("Hello").ok()?,
        is_own: false,
        image: Some(stored),
        at: AT,
    };
    Some(Profile::restore(ProfileRecord {
        id: id()?,
        order: 1,
        details,
        messages: vec![message],
        state,
        decision: None,
        author: None,
        changes: 0,
        created_at: AT,
        updated_at: AT,
    }))
}
