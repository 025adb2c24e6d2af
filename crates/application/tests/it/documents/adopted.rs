//! After the secret was changed on purpose.

use std::sync::Arc;

use vestibule_application::{Operator, Policy};
use vestibule_domain::{Account, Role, dossier::DocumentField};
use vestibule_keys::SecretKeyring;

use super::{DocumentOf, PDF, Pieces, broken_off, pdf, tax_id};
use crate::support::World;

/// Another node with the same store and blobs, and with a secret of its own.
fn with_secret(world: &World, secret: u8) -> World {
    let mut other = World::with_ports(Policy { limits: false, ..Policy::default() }, |core, _| {
        core.store = Arc::clone(&world.store);
        core.keyring = Arc::new(SecretKeyring::new(&vec![secret; 32].into()).unwrap());
    });
    other.share_blobs(&world.blobs);
    other
}

async fn with_document(world: &World) -> Account {
    let (account, caller) = world.a_caller("alice@example.com", Role::User).await;
    world.app.check_secret().await.unwrap();
    world.upload(&caller, tax_id(account.id()), PDF).await.unwrap();
    account
}

#[tokio::test]
async fn documents_can_be_stored_again_once_another_secret_is_adopted() {
    let before = World::unlimited();
    let account = with_document(&before).await;
    let after = with_secret(&before, 8);
    after.app.adopt_secret(Operator::at_the_console()).await.unwrap();
    let caller = after.caller(&account).await.unwrap();
    let fields: Vec<_> = DocumentField::all().map(|field| DocumentOf { owner: account.id(), field }).collect();
    let other = *fields.iter().find(|of| of.field != tax_id(account.id()).field).unwrap();
    after.upload(&caller, other, PDF).await.unwrap();
    assert_eq!(after.download(&caller, other).await.unwrap(), PDF);
    after.download(&caller, tax_id(account.id())).await.unwrap_err();
    for content in [PDF, &pdf(100_000)] {
        after.upload(&caller, tax_id(account.id()), content).await.unwrap();
        assert_eq!(after.download(&caller, tax_id(account.id())).await.unwrap(), content);
    }
    assert_eq!(after.download(&caller, other).await.unwrap(), PDF, "the new key was replaced too");
}

#[tokio::test]
async fn a_node_with_a_secret_that_was_not_adopted_replaces_no_key() {
    let world = World::unlimited();
    let account = with_document(&world).await;
    let stranger = with_secret(&world, 8);
    let caller = stranger.caller(&account).await.unwrap();
    let mut content = Pieces::of(&[PDF]);
    stranger.documents.upload(&caller, tax_id(account.id()), &mut content).await.unwrap_err();
    let caller = world.caller(&account).await.unwrap();
    assert_eq!(world.download(&caller, tax_id(account.id())).await.unwrap(), PDF);
}

#[tokio::test]
async fn many_first_uploads_after_the_change_are_sealed_under_one_key() {
    // Each finds the key broken before any replaces it.
    let before = broken_off::slow_world();
    let account = with_document(&before).await;
    let after = with_secret(&before, 8);
    after.app.adopt_secret(Operator::at_the_console()).await.unwrap();
    let caller = after.caller(&account).await.unwrap();
    let fields: Vec<_> = DocumentField::all().take(4).map(|field| DocumentOf { owner: account.id(), field }).collect();
    let uploads = fields.iter().map(|of| after.upload(&caller, *of, PDF));
    for uploaded in futures_util::future::join_all(uploads).await {
        uploaded.unwrap();
    }
    for of in fields {
        assert_eq!(after.download(&caller, of).await.unwrap(), PDF);
    }
}
