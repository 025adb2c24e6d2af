//! The outbox and the local mailbox.

use time::Duration;
use vestibule_application::{Operator, mail::Delivery};
use vestibule_domain::CLOCK_SKEW;
use vestibule_ports::MailerError;

use crate::support::{World, email};

async fn post(world: &World, to: &str) {
    world.app.post_test_mail(Operator::at_the_console(), email(to)).await.unwrap();
}

#[tokio::test]
async fn a_mail_is_delivered_once() {
    let world = World::new();
    post(&world, "a@example.com").await;
    assert_eq!(world.deliver_due_mail().await.unwrap(), [Delivery::Sent]);
    assert_eq!(world.deliver_due_mail().await.unwrap(), []);
    assert_eq!(world.mailer.taken().len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_is_tried_again_by_the_schedule() {
    let world = World::new();
    world.mailer.refuse("a@example.com", MailerError::Transient("450".to_owned()));
    post(&world, "a@example.com").await;
    for wait in [30, 60, 120, 300, 900, 1_800, 1_800] {
        assert_eq!(world.deliver_due_mail().await.unwrap(), [Delivery::Postponed]);
        world.advance(Duration::seconds(wait - 1));
        assert_eq!(world.deliver_due_mail().await.unwrap(), [], "before {wait} s");
        world.advance(Duration::seconds(1));
    }
    world.mailer.take_all();
    assert_eq!(world.deliver_due_mail().await.unwrap(), [Delivery::Sent]);
}

#[tokio::test]
async fn a_mail_is_given_up_after_a_day() {
    let world = World::new();
    world.mailer.refuse("a@example.com", MailerError::Transient("450".to_owned()));
    post(&world, "a@example.com").await;
    let mut dead = 0;
    for _ in 0..60 {
        dead += usize::from(world.deliver_due_mail().await.unwrap() == [Delivery::Dead]);
        world.advance(Duration::minutes(30));
    }
    assert_eq!(dead, 1);
    assert_eq!(world.app.outbox_stats().await.unwrap().dead, 1);
}

#[tokio::test]
async fn a_permanent_refusal_goes_to_the_dead_letters_at_once() {
    let world = World::new();
    world.mailer.refuse("a@example.com", MailerError::Permanent("550".to_owned()));
    post(&world, "a@example.com").await;
    post(&world, "b@example.com").await;
    let delivered = world.deliver_due_mail().await.unwrap();
    assert!(delivered.len() == 2 && delivered.contains(&Delivery::Sent) && delivered.contains(&Delivery::Dead));
    let outbox = world.app.outbox_stats().await.unwrap();
    assert_eq!((outbox.waiting, outbox.dead), (0, 1));
}

#[tokio::test]
async fn the_content_lies_sealed_in_the_outbox() {
    let world = World::new();
    post(&world, "a@example.com").await;
    let mut unit = world.store.write().await.unwrap();
    let now = vestibule_ports::Clock::now(&*world.clock);
    let mails = unit.outbox().lease(now, now + Duration::seconds(60), 10).await.unwrap();
    let sealed = String::from_utf8_lossy(&mails[0].sealed_content).into_owned();
    assert!(!sealed.contains("Mail works"), "{sealed}");
}

#[tokio::test]
async fn a_mail_sealed_under_another_secret_waits_for_a_node_that_has_it() {
    let world = World::new();
    let now = vestibule_ports::Clock::now(&*world.clock);
    let mail = vestibule_domain::mail::OutboxMail {
        id: vestibule_domain::MailId::new(now, [1; 6]),
        to: email("a@example.com"),
        sealed_content: b"sealed by a stranger".to_vec(),
        attempts: 0,
        created_at: now,
        due_at: now,
        expires_at: now + Duration::hours(1),
    };
    let mut unit = world.store.write().await.unwrap();
    unit.outbox().insert(&mail).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(world.deliver_due_mail().await.unwrap(), [Delivery::Postponed]);
    world.advance(Duration::seconds(30));
    let now = vestibule_ports::Clock::now(&*world.clock);
    let mut unit = world.store.write().await.unwrap();
    let waiting = unit.outbox().lease(now, now + Duration::seconds(60), 10).await.unwrap();
    assert_eq!(waiting[0].sealed_content, mail.sealed_content);
}

#[tokio::test]
async fn the_local_mailbox_has_a_mail_as_soon_as_its_cause_is_done() {
    let world = World::with_local_mailbox();
    post(&world, "a@example.com").await;
    world.advance(Duration::seconds(1));
    post(&world, "b@example.com").await;
    let all = world.app.list_mailbox(None).await.unwrap();
    let addresses: Vec<&str> = all.iter().map(|received| received.mail.to.as_str()).collect();
    assert_eq!(addresses, ["b@example.com", "a@example.com"]);
    assert_eq!(world.app.list_mailbox(Some(&email("a@example.com"))).await.unwrap().len(), 1);
}

#[tokio::test]
async fn tidying_up_removes_what_has_had_its_time() {
    let world = World::new();
    world.register("a@example.com").await.unwrap();
    let _ = world.sign_in("a@example.com", "a wrong guess", 1).await;
    assert_eq!(world.app.tidy_up().await.unwrap(), 0);
    world.advance(Duration::hours(24));
    assert_eq!(world.app.tidy_up().await.unwrap(), 0, "another node's clock may be behind");
    world.advance(CLOCK_SKEW);
    assert_eq!(world.app.tidy_up().await.unwrap(), 1, "the throttle whose window has ended");
}
