//! Signing up.

use vestibule_application::{
    Fault,
    accounts::{AuthenticateError, Presented},
    register::RegisterError,
};
use vestibule_domain::{AccountStatus, Role};
use vestibule_ports::Store;
use vestibule_testkit::AccountBuilder;

use crate::support::{PASSWORD, World, origin};

#[tokio::test]
async fn a_new_account_lives_at_once_with_an_unproven_mailbox() {
    let world = World::new();
    let account = world.register("Alice@Example.com").await.unwrap().account;
    assert_eq!(account.email().as_str(), "alice@example.com");
    assert_eq!((account.role(), account.status()), (Role::User, AccountStatus::Active));
    assert_eq!(account.mailbox_proven_at(), None);
    assert!(world.sign_in("alice@example.com", PASSWORD, 1).await.is_ok());
}

#[tokio::test]
async fn a_taken_address_is_refused_in_any_letter_case() {
    let world = World::new();
    world.register("alice@example.com").await.unwrap();
    assert!(matches!(world.register("ALICE@example.com").await, Err(RegisterError::EmailTaken)));
}

#[tokio::test]
async fn a_pending_account_is_replaced() {
    let world = World::new();
    let pending = AccountBuilder::numbered(1).email("alice@example.com").provisional().build();
    insert(&*world.store, &pending).await;
    let account = world.register("alice@example.com").await.unwrap().account;
    assert_ne!(account.id(), pending.id());
    let gone =
        world.app.authenticate(Presented { account: pending.id(), epoch: pending.epoch().into() }, origin(1)).await;
    assert!(matches!(gone, Err(AuthenticateError::UnknownAccount)));
}

#[tokio::test]
async fn a_source_registers_twenty_times_an_hour() {
    let world = World::new();
    for number in 0..20 {
        world.register(&format!("a{number}@example.com")).await.unwrap();
    }
    let refused = world.register("more@example.com").await;
    let Err(RegisterError::Fault(Fault::Throttled { retry_after })) = refused else { panic!("{refused:?}") };
    world.advance(time::Duration::seconds(i64::try_from(retry_after).unwrap()));
    assert!(world.register("more@example.com").await.is_ok());
}

async fn insert(store: &dyn Store, account: &vestibule_domain::Account) {
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(account).await.unwrap();
    unit.commit().await.unwrap();
}
