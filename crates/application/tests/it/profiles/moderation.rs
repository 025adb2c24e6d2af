//! Decisions about profiles.

use vestibule_application::profiles::{CreateProfile, EditProfile, ProfileError};
use vestibule_domain::{
    EventKind, Permission,
    dossier::Note,
    profile::{ProfileFlaw, ProfileRejection, ProfileState},
};

use super::{Gallery, named};

fn spam() -> ProfileRejection {
    ProfileRejection::new(ProfileFlaw::Spam, None).unwrap()
}

async fn decisions(gallery: &Gallery) -> usize {
    let events = gallery.world.store.read().events().list(None, None, 100).await.unwrap();
    events.iter().filter(|event| event.kind == EventKind::ProfileDecision).count()
}

#[tokio::test]
async fn a_decision_is_recorded_once_however_often_it_is_asked_for() {
    let gallery = Gallery::open().await;
    let (profiles, editor) = (&gallery.profiles, &gallery.editor);
    let id = gallery.create(named("Alex")).await.id();
    for _ in 0..2 {
        let approved = profiles.approve(editor, id).await.unwrap();
        assert_eq!(approved.state(), ProfileState::Approved);
        assert_eq!(approved.record().decision.as_ref().unwrap().by, editor.id());
    }
    assert_eq!(decisions(&gallery).await, 1);
    for _ in 0..2 {
        assert_eq!(profiles.reopen(editor, id).await.unwrap().state(), ProfileState::Submitted);
    }
    for _ in 0..2 {
        let rejected = profiles.reject(editor, id, spam()).await.unwrap();
        assert_eq!(rejected.record().decision.as_ref().unwrap().rejection, Some(spam()));
    }
    assert_eq!(decisions(&gallery).await, 3);
}

#[tokio::test]
async fn only_what_waits_is_rejected() {
    let gallery = Gallery::open().await;
    let id = gallery.created_public(named("Alex")).await.id();
    let refused = gallery.profiles.reject(&gallery.editor, id, spam()).await;
    assert!(matches!(refused, Err(ProfileError::WrongState(_))), "{refused:?}");
    assert!(ProfileRejection::new(ProfileFlaw::Other, None).is_err());
    assert!(ProfileRejection::new(ProfileFlaw::Other, Some(Note::parse("Why not").unwrap())).is_ok());
}

#[tokio::test]
async fn approval_in_an_edit_counts_only_for_those_who_may_approve() {
    let gallery = Gallery::open().await;
    let id = gallery.create(named("Alex")).await.id();
    let approve = EditProfile { is_approved: Some(true), ..EditProfile::default() };
    let withdraw = EditProfile { is_approved: Some(false), ..EditProfile::default() };
    let updater = gallery.user(2, &[Permission::ProfileUpdate]).await;
    let state =
        async |caller, input: &EditProfile| gallery.profiles.edit(caller, id, input.clone()).await.unwrap().state();
    assert_eq!(state(&updater, &approve).await, ProfileState::Submitted);
    assert_eq!(state(&gallery.editor, &approve).await, ProfileState::Approved);
    assert_eq!(state(&updater, &withdraw).await, ProfileState::Approved);
    assert_eq!(state(&gallery.editor, &withdraw).await, ProfileState::Submitted);
    let adder = gallery.user(3, &[Permission::ProfileAdd]).await;
    let input = CreateProfile { content: named("Kim"), is_submitted: true, is_approved: true };
    assert_eq!(gallery.profiles.create(&adder, input.clone()).await.unwrap().state(), ProfileState::Submitted);
    assert_eq!(gallery.profiles.create(&gallery.editor, input).await.unwrap().state(), ProfileState::Approved);
}

#[tokio::test]
async fn a_draft_is_submitted_and_taken_back_but_not_what_was_decided_about() {
    let gallery = Gallery::open().await;
    let input = CreateProfile { content: named("Alex"), is_submitted: false, is_approved: false };
    let id = gallery.profiles.create(&gallery.editor, input).await.unwrap().id();
    let submit = async |is_submitted| {
        let input = EditProfile { is_submitted: Some(is_submitted), ..EditProfile::default() };
        gallery.profiles.edit(&gallery.editor, id, input).await.unwrap().state()
    };
    assert_eq!(submit(true).await, ProfileState::Submitted);
    assert_eq!(submit(false).await, ProfileState::Draft);
    gallery.profiles.approve(&gallery.editor, id).await.unwrap();
    assert_eq!(submit(false).await, ProfileState::Approved);
}
