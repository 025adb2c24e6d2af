//! Profiles: who may do what, what an edit changes, and what becomes of pictures.

mod moderation;
mod pictures;
mod rights;

use std::sync::Arc;

use time::Duration;
use vestibule_application::{
    Caller, Fault, Principal, ProfileWindow, Profiles, ProfilesPorts,
    accounts::Edit,
    profiles::{
        ContentEdit, CreateProfile, DetailsEdit, EditMessage, EditProfile, MessageInput, ProfileError, SubmitProfile,
    },
};
use vestibule_domain::{
    FullName, Permission, PermissionSet, Profile, Role,
    conversation::MessageText,
    place::PlaceName,
    profile::{Age, ChangedPart, Facet, ProfileFilter, ProfileState, Tag, Tags},
};
use vestibule_testkit::{AccountBuilder, EchoRenderer};

use crate::support::{World, origin};

/// A world with profiles.
pub(crate) struct Gallery {
    pub(crate) world: World,
    pub(crate) profiles: Profiles,
    pub(crate) renderer: Arc<EchoRenderer>,
    /// Has every right over profiles.
    pub(crate) editor: Caller,
}

impl Gallery {
    pub(crate) async fn open() -> Self {
        Self::of(World::unlimited()).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let renderer = Arc::new(EchoRenderer::default());
        let ports = ProfilesPorts { blobs: Arc::clone(&world.blobs), renderer: renderer.clone() };
        let profiles = Profiles::new(Arc::clone(world.app.core()), ports);
        let editor = caller(&world, 1, Role::Admin, &[]).await;
        Self { world, profiles, renderer, editor }
    }

    /// A user with these permissions and no other.
    pub(crate) async fn user(&self, number: u32, permissions: &[Permission]) -> Caller {
        caller(&self.world, number, Role::User, permissions).await
    }

    pub(crate) async fn create(&self, content: ContentEdit) -> Profile {
        let input = CreateProfile { content, is_submitted: true, is_approved: false };
        self.profiles.create(&self.editor, input).await.unwrap()
    }

    pub(crate) async fn created_public(&self, content: ContentEdit) -> Profile {
        let profile = self.create(content).await;
        self.profiles.approve(&self.editor, profile.id()).await.unwrap()
    }

    pub(crate) async fn edit(&self, profile: &Profile, content: ContentEdit) -> Result<Profile, ProfileError> {
        let input = EditProfile { content, ..EditProfile::default() };
        self.profiles.edit(&self.editor, profile.id(), input).await
    }

    pub(crate) async fn submit(&self, content: ContentEdit, from: u8) -> Result<Profile, ProfileError> {
        let counted = self.profiles.count_submission(&origin(from))?;
        self.profiles.submit(counted, SubmitProfile { content }).await
    }
}

async fn caller(world: &World, number: u32, role: Role, permissions: &[Permission]) -> Caller {
    let set = permissions.iter().fold(PermissionSet::EMPTY, |set, permission| set.with(*permission));
    let account = AccountBuilder::numbered(number).role(role).permissions(set).build();
    world.insert(&account).await;
    world.caller(&account).await.unwrap()
}

pub(crate) fn named(name: &str) -> ContentEdit {
    with(DetailsEdit { name: Some(FullName::parse(name).unwrap()), ..DetailsEdit::default() })
}

pub(crate) fn with(details: DetailsEdit) -> ContentEdit {
    ContentEdit { details, ..ContentEdit::default() }
}

pub(crate) fn says(text: &str) -> MessageInput {
    MessageInput { id: None, text: MessageText::parse(text).unwrap(), is_own: true, image: None }
}

pub(crate) const ALL: ProfileWindow = ProfileWindow { skip: 0, limit: 1_000 };

fn tags(words: &[&str]) -> Tags {
    Tags::new(words.iter().map(|word| Tag::parse(*word).unwrap())).unwrap()
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_leaves_the_rest() {
    let gallery = Gallery::open().await;
    let mut content = named("Alex");
    content.order = Some(7);
    content.messages = Some(vec![says("one"), says("two")]);
    content.details.age = Edit::Set(Age::new(28).unwrap());
    content.details.location = Edit::Set(PlaceName::parse("Paris").unwrap());
    content.details.tags = [(Facet::Position, tags(&["Top"])), (Facet::Tribes, tags(&["Geek", "Bear"]))].into();
    let before = gallery.create(content).await;
    let details = DetailsEdit {
        age: Edit::Clear,
        tags: [(Facet::Tribes, tags(&["Bear"])), (Facet::Looking, tags(&["Dates"]))].into(),
        ..DetailsEdit::default()
    };
    let after = gallery.edit(&before, with(details)).await.unwrap();
    let (old, new) = (before.record(), after.record());
    assert_eq!((new.order, &new.details.name, &new.messages), (7, &old.details.name, &old.messages));
    assert_eq!((new.details.age, &new.details.location), (None, &old.details.location));
    assert_eq!(new.details.tags(Facet::Position), tags(&["Top"]).as_slice());
    assert_eq!(new.details.tags(Facet::Tribes), tags(&["Bear"]).as_slice());
    assert_eq!(new.details.tags(Facet::Looking), tags(&["Dates"]).as_slice());
    assert_eq!(
        gallery.profiles.show(Some(&Principal::Account(gallery.editor.clone())), before.id()).await.unwrap(),
        after
    );
}

#[tokio::test]
async fn an_edit_that_names_nothing_is_refused_and_one_that_changes_nothing_is_not() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(named("Alex")).await;
    assert!(matches!(gallery.edit(&profile, ContentEdit::default()).await, Err(ProfileError::NothingToDo)));
    assert_eq!(gallery.edit(&profile, named("Alex")).await.unwrap(), profile);
    let nameless = CreateProfile { content: ContentEdit::default(), is_submitted: true, is_approved: false };
    assert!(matches!(gallery.profiles.create(&gallery.editor, nameless).await, Err(ProfileError::NothingToDo)));
}

#[tokio::test]
async fn a_message_that_is_named_stays_the_same_one_when_the_thread_is_replaced() {
    let gallery = Gallery::open().await;
    let content = ContentEdit { messages: Some(vec![says("one"), says("two")]), ..named("Alex") };
    let before = gallery.create(content).await;
    let [first, second] = &before.record().messages[..] else { panic!("{before:?}") };
    gallery.world.advance(Duration::minutes(1));
    let thread = vec![
        MessageInput { id: Some(second.id), ..says("two, again") },
        MessageInput { id: Some(second.id), ..says("copy") },
        says("new"),
    ];
    let content = ContentEdit { messages: Some(thread), ..ContentEdit::default() };
    let after = gallery.edit(&before, content).await.unwrap();
    let messages = &after.record().messages;
    assert_eq!((messages[0].id, messages[0].at, messages[0].text.as_str()), (second.id, second.at, "two, again"));
    assert!(messages[1..].iter().all(|message| message.id != first.id && message.id != second.id));
    assert!(messages[1..].iter().all(|message| message.at == second.at + Duration::minutes(1)));
}

#[tokio::test]
async fn a_single_message_is_changed_and_another_is_unknown() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(ContentEdit { messages: Some(vec![says("one")]), ..named("Alex") }).await;
    let message = profile.record().messages[0].id;
    let text = MessageText::parse("other").unwrap();
    let input = EditMessage { text: Some(text), ..EditMessage::default() };
    let edited = gallery.profiles.edit_message(&gallery.editor, (profile.id(), message), input.clone()).await.unwrap();
    assert_eq!(edited.record().messages[0].text.as_str(), "other");
    let other = gallery.create(named("Kim")).await;
    let unknown = gallery.profiles.edit_message(&gallery.editor, (other.id(), message), input).await;
    assert!(matches!(unknown, Err(ProfileError::UnknownMessage)));
    let nothing = gallery.profiles.edit_message(&gallery.editor, (profile.id(), message), EditMessage::default()).await;
    assert!(matches!(nothing, Err(ProfileError::NothingToDo)));
}

#[tokio::test]
async fn a_thread_has_so_many_messages() {
    let gallery = Gallery::open().await;
    let full = ContentEdit { messages: Some(vec![says("a"); Profile::MAX_MESSAGES]), ..named("Alex") };
    let profile = gallery.create(full).await;
    let more = ContentEdit { messages: Some(vec![says("a"); Profile::MAX_MESSAGES + 1]), ..ContentEdit::default() };
    assert!(matches!(gallery.edit(&profile, more).await, Err(ProfileError::TooManyMessages)));
}

#[tokio::test]
async fn each_changed_value_is_kept_with_who_changed_it() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(named("Alex")).await;
    gallery.edit(&profile, named("Kim")).await.unwrap();
    gallery.profiles.approve(&gallery.editor, profile.id()).await.unwrap();
    let history = gallery.profiles.history(&gallery.editor, profile.id(), (None, 10)).await.unwrap();
    let told: Vec<_> = history
        .items
        .iter()
        .map(|change| (change.number, change.part, change.old.0.join(","), change.new.0.join(",")))
        .collect();
    let expected = [
        (2, ChangedPart::State, "submitted".to_owned(), "approved".to_owned()),
        (1, ChangedPart::Name, "Alex".to_owned(), "Kim".to_owned()),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn only_public_profiles_are_found_in_their_order() {
    let gallery = Gallery::open().await;
    gallery.create(named("Hidden")).await;
    let last = gallery.created_public(ContentEdit { order: Some(2), ..named("Last") }).await;
    let first = gallery.created_public(ContentEdit { order: Some(-1), ..named("First") }).await;
    let reader = Principal::Account(gallery.editor.clone());
    let found = gallery.profiles.find(&reader, &ProfileFilter::default(), ALL).await.unwrap();
    assert_eq!(found.iter().map(|profile| profile.id).collect::<Vec<_>>(), [first.id(), last.id()]);
    let listed = gallery.profiles.list_public(ALL).await.unwrap();
    assert_eq!((listed.total, listed.profiles), (2, vec![first, last]));
    let submitted = gallery.profiles.list_submitted(&reader, ALL).await.unwrap();
    assert_eq!(submitted.profiles.iter().map(Profile::state).collect::<Vec<_>>(), [ProfileState::Submitted]);
}

#[tokio::test]
async fn one_source_hands_in_ten_an_hour() {
    let gallery = Gallery::of(World::new()).await;
    for _ in 0..10 {
        gallery.submit(named("Alex"), 1).await.unwrap();
    }
    let refused = gallery.submit(named("Alex"), 1).await;
    assert!(matches!(refused, Err(ProfileError::Fault(Fault::Throttled { retry_after: 1..=3_600 }))), "{refused:?}");
    gallery.submit(named("Alex"), 2).await.unwrap();
    gallery.world.advance(Duration::hours(1));
    gallery.submit(named("Alex"), 1).await.unwrap();
}

#[tokio::test]
async fn what_was_handed_in_and_not_approved_is_dropped_after_30_days() {
    let gallery = Gallery::open().await;
    let waiting = gallery.submit(named("Waiting"), 1).await.unwrap();
    let approved = gallery.submit(named("Approved"), 1).await.unwrap();
    gallery.profiles.approve(&gallery.editor, approved.id()).await.unwrap();
    let of_staff = gallery.create(named("Draft of staff")).await;
    gallery.world.advance(Duration::days(29));
    assert_eq!(gallery.profiles.drop_stale().await.unwrap(), 0);
    gallery.world.advance(Duration::days(2));
    assert_eq!(gallery.profiles.drop_stale().await.unwrap(), 1);
    let reader = Principal::Account(gallery.world.caller(&gallery.editor.account().clone()).await.unwrap());
    assert!(matches!(gallery.profiles.show(Some(&reader), waiting.id()).await, Err(ProfileError::NotFound)));
    for kept in [approved, of_staff] {
        gallery.profiles.show(Some(&reader), kept.id()).await.unwrap();
    }
}
