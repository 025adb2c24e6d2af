//! Signing in through a provider.

use std::sync::Arc;

use time::Duration;
use vestibule_application::{
    Policy,
    sign_in::{ProviderSignInError, SignInError, SignInWithProvider, SignedIn},
};
use vestibule_domain::{
    AccountRecord, AccountStatus, EventKind, LinkedIdentity, NamePart, ProvenIdentity, Provider, ProviderUserId,
    SignInOutcome,
};
use vestibule_ports::{IdentityError, MockClock, MockIdentityProvider};
use vestibule_testkit::{AccountBuilder, FixedClock};

use crate::support::{PASSWORD, World, email, origin};

const ALICE: &str = "alice@example.com";

fn identity(user_id: &str, address: Option<&str>, vouched: bool) -> ProvenIdentity {
    ProvenIdentity {
        identity: LinkedIdentity {
            provider: Provider::Google,
            user_id: ProviderUserId::parse(user_id).unwrap(),
            picture: Some("https://example.org/picture".to_owned()),
        },
        email: address.map(email),
        email_is_vouched_for: vouched,
        first_name: Some(NamePart::parse("Alice").unwrap()),
        last_name: None,
    }
}

impl World {
    async fn sign_in_as(&self, proven: ProvenIdentity) -> Result<SignedIn, ProviderSignInError> {
        self.provider.accept("credential", proven);
        let input = SignInWithProvider {
            origin: origin(1),
            provider: Provider::Google,
            credential: "credential".to_owned(),
            first_name: None,
            last_name: None,
        };
        self.app.sign_in_with_provider(input).await
    }
}

#[tokio::test]
async fn a_vouched_stranger_gets_an_account_with_a_user_name_and_comes_back_to_it() {
    let world = World::unlimited();
    let first = world.sign_in_as(identity("g-1", Some("a+b@example.com"), true)).await.unwrap().account;
    assert_eq!(first.username().unwrap().as_str(), "ab00");
    assert_eq!(first.name().first(), Some("Alice"));
    assert!(first.mailbox_proven_at().is_some() && first.password().is_none());
    let again = world.sign_in_as(identity("g-1", None, false)).await.unwrap().account;
    assert_eq!(again.id(), first.id());
}

#[tokio::test]
async fn a_taken_user_name_gets_digits() {
    let world = World::unlimited();
    for number in 0..30 {
        let address = format!("alice@shop-{number}.example.com");
        let account = world.sign_in_as(identity(&format!("g-{number}"), Some(&address), true)).await.unwrap().account;
        assert!(account.username().unwrap().as_str().starts_with("alice"));
    }
}

#[tokio::test]
async fn an_unvouched_stranger_joins_and_makes_nothing() {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    for proven in [
        identity("g-1", Some(ALICE), false),
        identity("g-1", Some("x@example.com"), false),
        identity("g-1", None, true),
    ] {
        assert!(matches!(world.sign_in_as(proven).await, Err(ProviderSignInError::Unvouched)));
    }
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_ok());
}

#[tokio::test]
async fn linking_drops_a_password_whose_mailbox_was_never_proven_and_ends_its_tokens() {
    let world = World::unlimited();
    let before = world.register(ALICE).await.unwrap().account;
    let after = world.sign_in_as(identity("g-1", Some(ALICE), true)).await.unwrap().account;
    assert_eq!(after.id(), before.id());
    assert_ne!(after.epoch(), before.epoch());
    assert!(matches!(world.sign_in(ALICE, PASSWORD, 1).await, Err(SignInError::NoPassword)));
}

#[tokio::test]
async fn a_password_that_linking_drops_leaves_an_event_and_no_other_does() {
    let world = World::unlimited();
    let alice = world.register(ALICE).await.unwrap().account;
    for _ in 0..2 {
        world.sign_in_as(identity("g-1", Some(ALICE), true)).await.unwrap();
    }
    let kinds: Vec<EventKind> =
        world.events(Some(alice.id())).await.into_iter().rev().map(|event| event.kind).collect();
    let changes = kinds.iter().filter(|kind| **kind == EventKind::PasswordChange).count();
    assert_eq!((kinds.first(), changes), (Some(&EventKind::PasswordChange), 1), "{kinds:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_from_a_credential_that_is_refused() {
    let world = World::with_ports(Policy::default(), |_, ports| {
        let mut provider = MockIdentityProvider::new();
        provider.expect_prove().times(1).returning(|_| Err(IdentityError::Unavailable("down".into())));
        ports.providers.insert(Provider::Google, Arc::new(provider));
    });
    let outcome = world.sign_in_as(identity("g-1", Some(ALICE), true)).await;
    assert!(matches!(outcome, Err(ProviderSignInError::ProviderUnavailable(_))), "{outcome:?}");
    assert_eq!(world.events(None).await, [], "a failure of the provider is nobody's failed sign-in");
}

#[tokio::test]
async fn a_sign_in_is_at_one_moment_however_much_is_done_in_it() {
    let world = World::with_ports(Policy { limits: false, ..Policy::default() }, |core, _| {
        let (mut clock, mut time) = (MockClock::new(), FixedClock::START);
        clock.expect_now().returning(move || {
            time += Duration::SECOND;
            time
        });
        clock.expect_monotonic().returning(std::time::Duration::default);
        core.clock = Arc::new(clock);
    });
    let SignedIn { at, account, .. } = world.sign_in_as(identity("g-1", Some(ALICE), true)).await.unwrap();
    let stored = world.store.read().accounts().find(account.id()).await.unwrap().unwrap();
    assert_eq!([account.created_at(), stored.sign_ins().last_at.unwrap()], [at, at]);
}

#[tokio::test]
async fn linking_keeps_the_password_of_a_proven_mailbox() {
    let world = World::unlimited();
    let before = AccountBuilder::numbered(1).email(ALICE).build();
    world.insert(&before).await;
    let after = world.sign_in_as(identity("g-1", Some(ALICE), true)).await.unwrap().account;
    assert_eq!((after.password(), after.epoch()), (before.password(), before.epoch()));
    assert_eq!(after.identities().len(), 1);
}

#[tokio::test]
async fn a_disabled_account_stays_so_and_nothing_but_the_failure_is_saved() {
    let world = World::unlimited();
    let before = AccountBuilder::numbered(1).email(ALICE).status(AccountStatus::Disabled).build();
    world.insert(&before).await;
    let refused = world.sign_in_as(identity("g-1", Some(ALICE), true)).await;
    assert!(matches!(refused, Err(ProviderSignInError::Disabled)));
    let after = world.store.read().accounts().find(before.id()).await.unwrap().unwrap();
    let failed = before.sign_ins().after(SignInOutcome::Failed, after.sign_ins().last_failed_at.unwrap());
    assert_eq!(after.record(), &AccountRecord { sign_ins: failed, ..before.record().clone() });
}

#[tokio::test]
async fn a_pending_account_becomes_active_by_a_vouched_address() {
    let world = World::unlimited();
    let pending = AccountBuilder::numbered(1).email(ALICE).status(AccountStatus::Pending).mailbox_proven_at(None);
    world.insert(&pending.build()).await;
    let after = world.sign_in_as(identity("g-1", Some(ALICE), true)).await.unwrap().account;
    assert!(after.is_active() && after.password().is_none());
}

#[tokio::test]
async fn sixteen_first_sign_ins_at_once_make_one_account() {
    let world = World::unlimited();
    world.provider.accept("credential", identity("g-1", Some(ALICE), true));
    let sign_ins = (0..16).map(|_| world.sign_in_as(identity("g-1", Some(ALICE), true)));
    let ids = futures_util::future::join_all(sign_ins).await;
    let first = ids[0].as_ref().unwrap().account.id();
    assert!(ids.iter().all(|signed_in| signed_in.as_ref().unwrap().account.id() == first));
}

#[tokio::test]
async fn a_provider_that_is_not_configured_is_off() {
    let world = World::unlimited();
    let input = SignInWithProvider {
        origin: origin(1),
        provider: Provider::Facebook,
        credential: String::new(),
        first_name: None,
        last_name: None,
    };
    let refused = world.app.sign_in_with_provider(input).await;
    assert!(matches!(refused, Err(ProviderSignInError::ProviderOff)));
}
