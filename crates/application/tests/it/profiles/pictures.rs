//! Pictures of profiles.

use vestibule_application::{
    Fault, Principal,
    accounts::Edit,
    profiles::{
        BadPicture, ContentEdit, DetailsEdit, EditMessage, MessageInput, PictureEdit, PictureInput, PicturePath,
        ProfileError,
    },
};
use vestibule_domain::{
    BlobName, Profile,
    profile::{ProfilePicture, StoredPicture},
};

use super::{Gallery, named, says, with};

fn encoded(text: &str) -> PictureInput {
    PictureInput::Encoded(text.as_bytes().to_vec())
}

fn picture(edit: PictureEdit) -> ContentEdit {
    with(DetailsEdit { picture: Edit::Set(edit), ..named("Alex").details })
}

fn both(profile: &Profile) -> ProfilePicture {
    profile.record().details.picture.expect("it has a picture")
}

fn path(profile: &Profile, picture: StoredPicture) -> PicturePath {
    PicturePath { profile: profile.id(), picture }
}

impl Gallery {
    /// What a picture shows to one who may see it.
    async fn content(&self, profile: &Profile, picture: StoredPicture) -> String {
        let reader = Principal::Account(self.editor.clone());
        let shown = self.profiles.picture(Some(&reader), path(profile, picture), true).await.unwrap();
        String::from_utf8(shown.content.unwrap()).unwrap()
    }

    async fn blobs(&self) -> Vec<BlobName> {
        self.world.documents.remove_discarded().await.unwrap();
        self.world.blobs_now().await.into_iter().collect()
    }

    async fn assert_only_blobs_of(&self, profile: &Profile) {
        let mut referenced: Vec<_> = profile.blobs().collect();
        referenced.sort();
        referenced.dedup();
        assert_eq!(self.blobs().await, referenced);
    }
}

#[tokio::test]
async fn the_size_that_is_missing_is_made_from_the_other() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(picture(PictureEdit::One(encoded("one")))).await;
    assert_eq!(gallery.content(&profile, both(&profile).detail).await, "Detail:one");
    assert_eq!(gallery.content(&profile, both(&profile).thumb).await, "Thumb:one");
    let two = PictureEdit::Both { detail: encoded("large"), thumb: encoded("small") };
    let profile = gallery.edit(&profile, picture(two)).await.unwrap();
    assert_eq!(gallery.content(&profile, both(&profile).detail).await, "Detail:large");
    assert_eq!(gallery.content(&profile, both(&profile).thumb).await, "Thumb:small");
    gallery.assert_only_blobs_of(&profile).await;
}

#[tokio::test]
async fn pictures_are_not_stored_in_clear() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(picture(PictureEdit::One(encoded("a face")))).await;
    for blob in profile.blobs() {
        let mut reader = gallery.world.blobs.open(blob).await.unwrap().unwrap();
        let sealed = reader.next().await.unwrap().unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"a face"));
    }
}

#[tokio::test]
async fn a_picture_that_the_profile_has_may_be_named_and_one_of_another_not() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(picture(PictureEdit::One(encoded("one")))).await;
    let other = gallery.create(picture(PictureEdit::One(encoded("other")))).await;
    let ProfilePicture { detail, thumb } = both(&profile);
    let present = |picture| PictureInput::Present(path(&profile, picture));
    let same = PictureEdit::Both { detail: present(detail), thumb: present(thumb) };
    assert_eq!(gallery.edit(&profile, picture(same)).await.unwrap(), profile);
    let same = PictureEdit::One(present(detail));
    assert_eq!(gallery.edit(&profile, picture(same)).await.unwrap(), profile);
    for foreign in [path(&other, both(&other).detail), path(&profile, both(&other).detail), path(&other, detail)] {
        let foreign = PictureEdit::One(PictureInput::Present(foreign));
        let refused = gallery.edit(&profile, picture(foreign)).await;
        assert!(matches!(refused, Err(ProfileError::BadPicture(BadPicture::Foreign))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_picture_of_a_message_can_become_that_of_the_profile() {
    let gallery = Gallery::open().await;
    let message = MessageInput { image: Some(encoded("hello")), ..says("hello") };
    let profile = gallery.create(ContentEdit { messages: Some(vec![message]), ..named("Alex") }).await;
    let image = profile.record().messages[0].image.unwrap();
    let profile = gallery.edit(&profile, picture(PictureEdit::One(PictureInput::Present(path(&profile, image))))).await;
    let profile = profile.unwrap();
    assert_eq!(gallery.content(&profile, both(&profile).thumb).await, "Thumb:Detail:hello");
    gallery.assert_only_blobs_of(&profile).await;
}

#[tokio::test]
async fn pictures_that_nothing_refers_to_any_more_go() {
    let gallery = Gallery::open().await;
    let message = MessageInput { image: Some(encoded("in a message")), ..says("look") };
    let content = ContentEdit { messages: Some(vec![message]), ..picture(PictureEdit::One(encoded("one"))) };
    let profile = gallery.create(content).await;
    assert_eq!(gallery.blobs().await.len(), 3);
    let cleared = DetailsEdit { picture: Edit::Clear, ..DetailsEdit::default() };
    let profile = gallery.edit(&profile, with(cleared)).await.unwrap();
    gallery.assert_only_blobs_of(&profile).await;
    let message = profile.record().messages[0].id;
    let input = EditMessage { image: Edit::Clear, ..EditMessage::default() };
    gallery.profiles.edit_message(&gallery.editor, (profile.id(), message), input).await.unwrap();
    assert_eq!(gallery.blobs().await, []);
    let again = picture(PictureEdit::One(encoded("two")));
    let profile = gallery.edit(&profile, again).await.unwrap();
    gallery.profiles.remove(&gallery.editor, profile.id()).await.unwrap();
    assert_eq!(gallery.blobs().await, []);
}

#[tokio::test]
async fn a_picture_that_is_refused_leaves_nothing() {
    let gallery = Gallery::open().await;
    let two = PictureEdit::Both { detail: encoded("good"), thumb: encoded("bad one") };
    let refused = gallery.submit(picture(two.clone()), 1).await;
    assert!(matches!(refused, Err(ProfileError::BadPicture(BadPicture::Broken))), "{refused:?}");
    assert_eq!(gallery.blobs().await, []);
    gallery.renderer.set_overloaded(true);
    let busy = gallery.submit(picture(two), 1).await;
    assert!(matches!(busy, Err(ProfileError::Fault(Fault::Overloaded(_)))), "{busy:?}");
}

#[tokio::test]
async fn pictures_are_seen_as_their_profile_is() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(picture(PictureEdit::One(encoded("one")))).await;
    let path = path(&profile, both(&profile).detail);
    let staff = Principal::Account(gallery.editor.clone());
    let plain = Principal::Account(gallery.user(2, &[]).await);
    let seen = async |reader: Option<&Principal>| match gallery.profiles.picture(reader, path, false).await {
        Ok(shown) => Some(shown.is_public),
        Err(ProfileError::UnknownPicture) => None,
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!([seen(None).await, seen(Some(&plain)).await, seen(Some(&staff)).await], [None, None, Some(false)]);
    gallery.profiles.approve(&gallery.editor, profile.id()).await.unwrap();
    assert_eq!([seen(None).await, seen(Some(&plain)).await, seen(Some(&staff)).await], [Some(true); 3]);
    gallery.profiles.reopen(&gallery.editor, profile.id()).await.unwrap();
    assert_eq!(seen(None).await, None);
}

#[tokio::test]
async fn what_the_sweep_finds_referenced_stays() {
    let gallery = Gallery::open().await;
    let profile = gallery.create(picture(PictureEdit::One(encoded("one")))).await;
    assert_eq!(gallery.world.sweep().await.unwrap(), 0);
    gallery.assert_only_blobs_of(&profile).await;
}
