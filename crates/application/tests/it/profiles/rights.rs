//! Every use case of profiles with every single permission.

use vestibule_application::{
    Principal,
    profiles::{CreateProfile, EditMessage, EditProfile, ProfileError},
};
use vestibule_domain::{
    Permission,
    conversation::MessageText,
    profile::{ProfileFilter, ProfileFlaw, ProfileRejection},
};

use super::{ALL, ContentEdit, Gallery, named, says};

fn word<T>(outcome: Result<T, ProfileError>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(ProfileError::Forbidden(_) | ProfileError::NotFound) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// What one with a permission may do: see what is not public, list submitted ones, find, create, edit, edit a message, approve,
/// reject, reopen, read the history, remove.
async fn rights(permission: Option<Permission>) -> [bool; 11] {
    let gallery = Gallery::open().await;
    let profiles = &gallery.profiles;
    let caller = gallery.user(2, permission.as_slice()).await;
    let reader = Principal::Account(caller.clone());
    let content = ContentEdit { messages: Some(vec![says("one")]), ..named("Alex") };
    let profile = gallery.create(content).await;
    let (id, message) = (profile.id(), profile.record().messages[0].id);
    let text = EditMessage { text: Some(MessageText::parse("two").unwrap()), ..EditMessage::default() };
    let new = CreateProfile { content: named("Kim"), is_submitted: true, is_approved: false };
    let edit = EditProfile { content: named("Robin"), ..EditProfile::default() };
    let spam = ProfileRejection::new(ProfileFlaw::Spam, None).unwrap();
    [
        word(profiles.show(Some(&reader), id).await),
        word(profiles.list_submitted(&reader, ALL).await),
        word(profiles.find(&reader, &ProfileFilter::default(), ALL).await),
        word(profiles.create(&caller, new).await),
        word(profiles.edit(&caller, id, edit).await),
        word(profiles.edit_message(&caller, (id, message), text).await),
        word(profiles.reject(&caller, id, spam).await),
        word(profiles.reopen(&caller, id).await),
        word(profiles.approve(&caller, id).await),
        word(profiles.history(&caller, id, (None, 1)).await),
        word(profiles.remove(&caller, id).await),
    ]
}

#[tokio::test]
async fn each_permission_gives_its_rights_and_no_other() {
    const T: bool = true;
    const F: bool = false;
    for permission in Permission::ALL {
        let expected = match permission {
            Permission::ProfileView => [T, T, T, F, F, F, F, F, F, T, F],
            Permission::ProfileAdd => [F, F, F, T, F, F, F, F, F, F, F],
            Permission::ProfileEdit | Permission::ProfileUpdate => [F, F, F, F, T, T, F, F, F, F, F],
            Permission::ProfileManage => [T, T, F, F, F, F, T, T, T, F, F],
            Permission::ProfileDelete => [F, F, F, F, F, F, F, F, F, F, T],
            _ => [F; 11],
        };
        assert_eq!(rights(Some(permission)).await, expected, "{}", permission.as_str());
    }
    assert_eq!(rights(None).await, [F; 11]);
}

#[tokio::test]
async fn a_client_that_did_not_sign_in_sees_only_what_is_public() {
    let gallery = Gallery::open().await;
    let hidden = gallery.create(named("Hidden")).await;
    let public = gallery.created_public(named("Public")).await;
    assert!(matches!(gallery.profiles.show(None, hidden.id()).await, Err(ProfileError::NotFound)));
    gallery.profiles.show(None, public.id()).await.unwrap();
    let submitted = gallery.submit(named("Handed in"), 1).await.unwrap();
    assert!(matches!(gallery.profiles.show(None, submitted.id()).await, Err(ProfileError::NotFound)));
    assert_eq!(gallery.profiles.list_public(ALL).await.unwrap().profiles, [public]);
}
