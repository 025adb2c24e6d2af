//! Signing in, and the counting of guesses.

use time::Duration;
use vestibule_application::{Fault, sign_in::SignInError};
use vestibule_domain::AccountStatus;
use vestibule_testkit::{AccountBuilder, InstantHasher, Lines};

use crate::support::{PASSWORD, World};

const ALICE: &str = "alice@example.com";

async fn wait_of(world: &World, address: &str, from: u8) -> Option<u64> {
    match world.sign_in(address, "a wrong guess", from).await {
        Err(SignInError::Fault(Fault::Throttled { retry_after })) => Some(retry_after),
        _ => None,
    }
}

/// Guesses from ever new sources, so that only the count of the account matters.
async fn guess(world: &World, address: &str, times: u8) {
    for from in 100..100 + times {
        assert_eq!(wait_of(world, address, from).await, None);
    }
}

#[tokio::test]
async fn an_unknown_address_costs_a_comparison_too() {
    let world = World::new();
    let refused = world.sign_in("nobody@example.com", PASSWORD, 1).await;
    assert!(matches!(refused, Err(SignInError::UnknownAccount)));
    assert_eq!(world.hasher.comparisons(), 1);
}

#[tokio::test]
async fn after_four_free_failures_an_account_makes_its_guessers_wait() {
    for address in [ALICE, "nobody@example.com", "not an address"] {
        let world = World::new();
        world.register(ALICE).await.unwrap();
        guess(&world, address, 5).await;
        assert_eq!(wait_of(&world, address, 1).await, Some(3), "{address}");
        world.advance(Duration::seconds(3));
        assert_eq!(wait_of(&world, address, 2).await, None);
        assert_eq!(wait_of(&world, address, 3).await, Some(10));
        world.advance(Duration::seconds(10));
        assert_eq!(wait_of(&world, address, 4).await, None);
        assert_eq!(wait_of(&world, address, 5).await, Some(60));
    }
}

#[tokio::test]
async fn a_refused_guess_is_not_compared() {
    let world = World::new();
    world.register(ALICE).await.unwrap();
    guess(&world, ALICE, 5).await;
    let before = world.hasher.comparisons();
    assert!(wait_of(&world, ALICE, 1).await.is_some());
    assert_eq!(world.hasher.comparisons(), before);
}

#[tokio::test]
async fn a_success_forgets_the_failures() {
    let world = World::new();
    world.register(ALICE).await.unwrap();
    guess(&world, ALICE, 3).await;
    world.sign_in(ALICE, PASSWORD, 1).await.unwrap();
    guess(&world, ALICE, 5).await;
}

#[tokio::test]
async fn strangers_never_shut_out_a_source_that_signed_in_before() {
    let world = World::new();
    world.register(ALICE).await.unwrap();
    world.sign_in(ALICE, PASSWORD, 1).await.unwrap();
    for number in 0..100 {
        world.advance(Duration::seconds(60));
        assert_eq!(wait_of(&world, ALICE, 100 + number % 100).await, None);
    }
    world.advance(Duration::seconds(61));
    let closed = wait_of(&world, ALICE, 99).await.expect("closed to strangers");
    assert!(closed > 3_600, "until the window of 24 hours ends, not {closed} s");
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_ok());
}

#[tokio::test]
async fn a_source_tries_ten_times_a_minute() {
    let world = World::new();
    for number in 0..10 {
        let refused = world.sign_in(&format!("a{number}@example.com"), PASSWORD, 1).await;
        assert!(matches!(refused, Err(SignInError::UnknownAccount)));
    }
    let refused = world.sign_in("other@example.com", PASSWORD, 1).await;
    assert!(matches!(refused, Err(SignInError::Fault(Fault::Throttled { retry_after: 6 }))), "{refused:?}");
    assert!(matches!(world.sign_in("other@example.com", PASSWORD, 2).await, Err(SignInError::UnknownAccount)));
}

#[tokio::test]
async fn with_limits_off_nobody_waits() {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    for _ in 0..50 {
        assert_eq!(wait_of(&world, ALICE, 1).await, None);
    }
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_ok());
}

#[tokio::test]
async fn only_the_right_password_tells_that_an_account_is_disabled_or_pending() {
    let world = World::unlimited();
    for (number, status) in [(1, AccountStatus::Disabled), (2, AccountStatus::Pending)] {
        let address = format!("account-{number}@example.test");
        let hash = InstantHasher::outdated(PASSWORD);
        let account = AccountBuilder::numbered(number).status(status).password(Some(hash)).build();
        let mut unit = world.store.write().await.unwrap();
        unit.accounts().insert(&account).await.unwrap();
        unit.commit().await.unwrap();
        assert!(matches!(world.sign_in(&address, "wrong", 1).await, Err(SignInError::WrongPassword)));
        let refused = world.sign_in(&address, PASSWORD, 1).await;
        match status {
            AccountStatus::Disabled => assert!(matches!(refused, Err(SignInError::Disabled))),
            _ => assert!(matches!(refused, Err(SignInError::Pending))),
        }
    }
}

#[tokio::test]
async fn a_hash_of_an_earlier_cost_is_renewed_and_no_token_ends() {
    let world = World::new();
    let account = AccountBuilder::numbered(1).password(Some(InstantHasher::outdated(PASSWORD))).build();
    let mut unit = world.store.write().await.unwrap();
    unit.accounts().insert(&account).await.unwrap();
    unit.commit().await.unwrap();
    world.sign_in("account-1@example.test", PASSWORD, 1).await.unwrap();
    let now = world.store.read().accounts().find(account.id()).await.unwrap().unwrap();
    assert_eq!(now.password().unwrap().expose(), format!("instant:{PASSWORD}"));
    assert_eq!(now.epoch(), account.epoch());
}

#[tokio::test]
async fn an_account_whose_hash_is_of_another_kind_cannot_sign_in_by_password_and_the_log_says_whose_it_is() {
    let world = World::new();
    let account = AccountBuilder::numbered(1).password(Some(InstantHasher::of_another_kind())).build();
    let mut unit = world.store.write().await.unwrap();
    unit.accounts().insert(&account).await.unwrap();
    unit.commit().await.unwrap();
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let refused = world.sign_in("account-1@example.test", PASSWORD, 1).await;
    assert!(matches!(refused, Err(SignInError::WrongPassword)), "{refused:?}");
    let log = lines.text();
    assert!(log.contains(account.id().hex().as_str()) && log.contains("cannot be compared with"), "{log}");
    assert!(!log.contains("other:"), "{log}");
}

#[tokio::test]
async fn a_guess_that_an_overloaded_hasher_refuses_does_not_count() {
    let world = World::new();
    world.register(ALICE).await.unwrap();
    world.hasher.set_overloaded(true);
    for from in 100..120 {
        let refused = world.sign_in(ALICE, PASSWORD, from).await;
        assert!(matches!(refused, Err(SignInError::Fault(Fault::Overloaded(_)))), "{refused:?}");
    }
    world.hasher.set_overloaded(false);
    guess(&world, ALICE, 5).await;
    assert_eq!(wait_of(&world, ALICE, 1).await, Some(3));
}
