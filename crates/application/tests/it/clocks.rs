//! A clock that was ahead is put right: no wait is longer than its rule.

use time::Duration;
use vestibule_application::{
    Fault, Operator,
    mail::Delivery,
    password_reset::{RequestPasswordReset, ResetMeans},
    sign_in::{Identifier, SignInError},
};

use crate::support::{FORMAT, PASSWORD, World, email, origin};

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const AHEAD: Duration = Duration::days(2);

impl World {
    fn put_clock_right(&self) {
        self.clock.set(self.app.core().now() - AHEAD);
    }

    async fn wait_to_sign_in(&self, address: &str, password: &str, from: u8) -> Option<u64> {
        match self.sign_in(address, password, from).await {
            Err(SignInError::Fault(Fault::Throttled { retry_after })) => Some(retry_after),
            _ => None,
        }
    }

    async fn wait_for_a_code(&self, address: &str, from: u8) -> Option<u64> {
        let means = ResetMeans::Code(FORMAT);
        let input = RequestPasswordReset { origin: origin(from), identifier: Identifier::Email(email(address)), means };
        match self.app.request_password_reset(input).await {
            Ok(_) => None,
            Err(Fault::Throttled { retry_after }) => Some(retry_after),
            Err(fault) => panic!("{fault:?}"),
        }
    }
}

/// Two accounts, made while the clock is two days ahead.
async fn a_world_ahead() -> World {
    let world = World::new();
    world.clock.set(world.app.core().now() + AHEAD);
    world.register(ALICE).await.unwrap();
    world.register(BOB).await.unwrap();
    world
}

#[tokio::test]
async fn a_source_that_was_counted_ahead_goes_on() {
    let world = a_world_ahead().await;
    assert_eq!(world.wait_to_sign_in(BOB, "a wrong guess", 1).await, None);
    assert_eq!(world.wait_for_a_code(BOB, 1).await, None);
    world.put_clock_right();
    world.sign_in(ALICE, PASSWORD, 1).await.unwrap();
    assert_eq!(world.wait_for_a_code(ALICE, 1).await, None);
}

#[tokio::test]
async fn the_limits_of_a_source_hold_however_the_clock_is_set() {
    let world = World::new();
    for number in 0..5 {
        assert_eq!(world.wait_for_a_code(&format!("person-{number}@example.com"), 1).await, None);
        world.clock.set(world.app.core().now() + Duration::hours(1));
    }
    let wait = world.wait_for_a_code(ALICE, 1).await;
    assert!(wait.is_some_and(|wait| wait <= 3_600), "{wait:?}");
}

#[tokio::test]
async fn an_account_that_was_guessed_at_ahead_waits_as_long_as_its_rule_says() {
    let world = a_world_ahead().await;
    for from in 100..105 {
        assert_eq!(world.wait_to_sign_in(BOB, "a wrong guess", from).await, None);
    }
    world.put_clock_right();
    assert_eq!(world.wait_to_sign_in(BOB, PASSWORD, 1).await, Some(3));
    world.advance(Duration::seconds(3));
    world.sign_in(BOB, PASSWORD, 1).await.unwrap();
}

#[tokio::test]
async fn a_mailbox_that_was_written_to_ahead_waits_as_long_as_its_rule_says() {
    for address in [BOB, "unknown@example.com"] {
        let world = a_world_ahead().await;
        assert_eq!(world.wait_for_a_code(address, 1).await, None);
        world.put_clock_right();
        assert_eq!(world.wait_for_a_code(address, 2).await, Some(60), "{address}");
        world.advance(Duration::seconds(59));
        assert_eq!(world.wait_for_a_code(address, 3).await, Some(1), "{address}");
        world.advance(Duration::seconds(1));
        assert_eq!(world.wait_for_a_code(address, 4).await, None, "{address}");
    }
}

#[tokio::test]
async fn a_refused_mail_counts_in_none_of_the_counts_of_its_mailbox() {
    let world = World::new();
    for _ in 0..20 {
        world.wait_for_a_code(BOB, 1).await;
    }
    for from in 2..6 {
        world.advance(Duration::minutes(1));
        assert_eq!(world.wait_for_a_code(BOB, from).await, None);
    }
    world.advance(Duration::minutes(1));
    assert!(world.wait_for_a_code(BOB, 6).await.is_some(), "five an hour have been sent");
}

#[tokio::test]
async fn mail_that_was_written_or_leased_ahead_goes_out() {
    let world = a_world_ahead().await;
    for address in ["leased@example.com", "written@example.com"] {
        world.app.post_test_mail(Operator::at_the_console(), email(address)).await.unwrap();
    }
    let leased = world.app.lease_due_mail(1).await.unwrap();
    assert_eq!(leased.len(), 1);
    world.put_clock_right();
    assert_eq!(world.deliver_due_mail().await.unwrap(), []);
    world.app.tidy_up().await.unwrap();
    assert_eq!(world.deliver_due_mail().await.unwrap(), [Delivery::Sent]);
    world.advance(Duration::minutes(1));
    world.app.tidy_up().await.unwrap();
    assert_eq!(world.deliver_due_mail().await.unwrap(), [Delivery::Sent], "its worker did not come back");
}
