//! What of a content is taken, and what is made of one that is broken.

use sha2::{Digest, Sha256};
use vestibule_application::{Documents, Fault, documents::DocumentError};
use vestibule_domain::{BlobName, Role, dossier::MediaType};

use super::{PDF, Pieces, pdf, tax_id};
use crate::support::World;

const PIECE: usize = 64 * 1_024;

fn most() -> usize {
    usize::try_from(Documents::MAX_BYTES).unwrap()
}

#[tokio::test]
async fn a_document_of_the_most_bytes_is_taken_and_a_larger_one_is_not_read_on() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    let mut content = Pieces::sized(most());
    let stored = world.documents.upload(&caller, of, &mut content).await.unwrap();
    assert_eq!((stored.size_bytes, content.pulled), (Documents::MAX_BYTES, most() / PIECE));
    assert_eq!(stored.sha256[..], Sha256::digest(pdf(most()))[..]);
    assert!(world.download(&caller, of).await.unwrap() == pdf(most()), "another content");
    let mut content = Pieces::sized(2 * most());
    let refused = world.documents.upload(&caller, of, &mut content).await;
    assert!(matches!(refused, Err(DocumentError::TooLarge)), "{refused:?}");
    assert_eq!(content.pulled, most() / PIECE + 1, "no more than what is one piece too many");
    let refused = world.upload(&caller, of, &pdf(most() + 1)).await;
    assert!(matches!(refused, Err(DocumentError::TooLarge)), "{refused:?}");
    world.documents.remove_discarded().await.unwrap();
    assert_eq!(world.blobs_now().await, world.referenced(account.id()).await);
    assert_eq!(
        world.dossier(account.id()).await.values.stored_document(of.field),
        Some(&stored),
        "the earlier one stays"
    );
}

#[tokio::test]
async fn the_type_is_told_by_the_content_before_anything_is_written() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    let mut letters = [b'a'; 2_000];
    letters[1_500..1_505].copy_from_slice(b"%PDF-");
    for content in
        [&[&b"<svg/>"[..]][..], &[b"PK\x03\x04"], &[b"%", b"P", b"D", b"F"], &[b"<", b"%PDF-1.7"], &[&letters]]
    {
        let refused = world.documents.upload(&caller, of, &mut Pieces::of(content)).await;
        assert!(matches!(refused, Err(DocumentError::UnsupportedMedia)), "{refused:?}");
    }
    for content in [&[][..], &[&b""[..], b""]] {
        let refused = world.documents.upload(&caller, of, &mut Pieces::of(content)).await;
        assert!(matches!(refused, Err(DocumentError::Empty)), "{refused:?}");
    }
    assert!(world.blobs_now().await.is_empty());
    assert_eq!(world.store.read().dossiers().find(account.id()).await.unwrap(), None, "no dossier was begun");
    let types = [
        (MediaType::Png, &[&b"\x89PNG\r"[..], b"\n\x1a", b"\n...."][..]),
        (MediaType::Jpeg, &[b"\xFF", b"\xD8", b"\xFF\xE0"]),
        (MediaType::Pdf, &[b"\n\n%", b"", b"PDF-", b"1.4"]),
    ];
    for (media_type, content) in types {
        let stored = world.documents.upload(&caller, of, &mut Pieces::of(content)).await.unwrap();
        assert_eq!(stored.media_type, media_type);
        assert_eq!(world.download(&caller, of).await.unwrap(), content.concat());
    }
}

#[tokio::test]
async fn a_source_that_breaks_off_leaves_nothing() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    let stored = world.upload(&caller, of, PDF).await.unwrap();
    for size in [PDF.len(), PIECE, 5 * PIECE + 7] {
        let refused = world.documents.upload(&caller, of, &mut Pieces::sized(size).broken_off()).await;
        assert!(matches!(refused, Err(DocumentError::Truncated)), "{refused:?}");
    }
    let refused = world.documents.upload(&caller, of, &mut Pieces::of(&[]).broken_off()).await;
    assert!(matches!(refused, Err(DocumentError::Truncated)), "{refused:?}");
    world.documents.remove_discarded().await.unwrap();
    assert_eq!(world.blobs_now().await.len(), 1);
    assert_eq!(world.dossier(account.id()).await.values.stored_document(of.field), Some(&stored));
}

/// Puts other bytes in the place of a blob's.
async fn overwrite(world: &World, name: BlobName, change: impl FnOnce(&mut Vec<u8>)) {
    let mut reader = world.blobs.open(name).await.unwrap().unwrap();
    let mut sealed = Vec::new();
    while let Some(piece) = reader.next().await.unwrap() {
        sealed.extend(piece);
    }
    change(&mut sealed);
    let mut writer = world.blobs.create(name).await.unwrap();
    writer.write(sealed).await.unwrap();
    writer.finish().await.unwrap();
}

#[tokio::test]
async fn a_content_that_was_tampered_with_ends_with_an_error_and_gives_nothing_false() {
    let world = World::unlimited();
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    let of = tax_id(account.id());
    let original = pdf(3 * PIECE);
    let changes: [fn(&mut Vec<u8>); 6] = [
        |sealed| sealed[25] ^= 1,
        |sealed| *sealed.last_mut().unwrap() ^= 1,
        |sealed| sealed.truncate(2 * PIECE),
        |sealed| sealed.truncate(20 + 2 * (PIECE + 16)),
        |sealed| sealed.clear(),
        |sealed| sealed.push(0),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let stored = world.upload(&caller, of, &original).await.unwrap();
        overwrite(&world, BlobName::of_document(account.id(), stored.blob), change).await;
        let mut content = world.documents.download(&caller, of).await.unwrap();
        let mut given = Vec::new();
        let broken = loop {
            match content.next().await {
                Ok(Some(piece)) => given.extend(piece),
                Ok(None) => panic!("change {number} was not noticed"),
                Err(fault) => break fault,
            }
        };
        assert!(matches!(broken, Fault::Internal(_)), "{broken}");
        assert!(original.starts_with(&given) && given.len() < original.len(), "change {number}");
        assert!(content.next().await.is_err(), "an error stays one");
    }
}

#[tokio::test]
async fn a_blob_that_is_missing_or_another_s_is_a_fault() {
    let world = World::unlimited();
    let (alice, caller) = world.a_caller("alice@example.com", Role::User).await;
    let (bob, other) = world.a_caller("bob@example.com", Role::User).await;
    let stored = world.upload(&caller, tax_id(alice.id()), PDF).await.unwrap();
    let theirs = world.upload(&other, tax_id(bob.id()), PDF).await.unwrap();
    let name = BlobName::of_document(alice.id(), stored.blob);
    let mut foreign = world.blobs.open(BlobName::of_document(bob.id(), theirs.blob)).await.unwrap().unwrap();
    let foreign = foreign.next().await.unwrap().unwrap();
    overwrite(&world, name, |sealed| *sealed = foreign).await;
    let swapped = world.download(&caller, tax_id(alice.id())).await;
    assert!(matches!(swapped, Err(DocumentError::Fault(Fault::Internal(_)))), "{swapped:?}");
    world.blobs.remove(name).await.unwrap();
    let missing = world.download(&caller, tax_id(alice.id())).await;
    assert!(matches!(missing, Err(DocumentError::Fault(Fault::Internal(_)))), "{missing:?}");
}
