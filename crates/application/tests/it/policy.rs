//! The numbers of the policy, set to others than the defaults.

use std::num::NonZeroU32;

use time::Duration;
use vestibule_application::{
    CodeTries, Fault, Language, LinkLifetimes, MailboxLimits, NodeLimits, Operator, OutboxTimes, Policy,
    links::{LinkError, LinkPurpose, ResetPasswordByLink, SendLink},
    mail::{Delivery, LinkMail},
    password_reset::{RequestPasswordReset, ResetMeans, VerifyPasswordResetCode},
    sign_in::{Identifier, SignInError},
};
use vestibule_domain::ThrottleRule;
use vestibule_ports::MailerError;

use crate::support::{FORMAT, PASSWORD, World, email, origin, password};

const ALICE: &str = "alice@example.com";

async fn request(world: &World, from: u8) -> Result<(), Fault> {
    let input = RequestPasswordReset {
        origin: origin(from),
        identifier: Identifier::Email(email(ALICE)),
        means: ResetMeans::Code(FORMAT),
    };
    world.app.request_password_reset(input).await.map(drop)
}

async fn verify(world: &World, code: &str) -> bool {
    let input = VerifyPasswordResetCode {
        email: email(ALICE),
        code: code.to_owned(),
        format: FORMAT,
        grant_lifetime: Duration::minutes(15),
    };
    world.app.verify_password_reset_code(input).await.is_ok()
}

/// A code that is another one than this.
fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn codes_have_their_tries_and_their_life() {
    let code_tries = CodeTries { per_code: 2, per_account: ThrottleRule::counted(3, Duration::hours(24)) };
    let policy = Policy { limits: false, code_tries, code_lifetime: Duration::minutes(2), ..Policy::default() };
    let world = World::with(policy);
    world.register(ALICE).await.unwrap();
    request(&world, 1).await.unwrap();
    let code = world.mailed_code().await;
    assert!(!verify(&world, &another(&code)).await && !verify(&world, &another(&code)).await);
    assert!(!verify(&world, &code).await, "two tries have used it up");
    request(&world, 1).await.unwrap();
    let code = world.mailed_code().await;
    assert!(!verify(&world, &another(&code)).await);
    assert!(!verify(&world, &code).await, "three tries have closed the account to codes");
    world.advance(Duration::hours(24));
    request(&world, 1).await.unwrap();
    let code = world.mailed_code().await;
    world.advance(Duration::minutes(2));
    assert!(!verify(&world, &code).await, "two minutes are over");
}

#[tokio::test]
async fn links_work_for_as_long_as_is_said() {
    let links = LinkLifetimes { reset: Duration::minutes(5), verification: Duration::minutes(10) };
    let world = World::with(Policy { limits: false, links, ..Policy::default() });
    world.register(ALICE).await.unwrap();
    for (waited, works) in [(Duration::minutes(5) - Duration::SECOND, true), (Duration::minutes(5), false)] {
        let mail = LinkMail {
            template: "reset-password-link",
            language: Language::English,
            url_prefix: "https://example.org/reset/".to_owned(),
            fields: vec![
                ("title", "Test".to_owned()),
                ("team", "Team".to_owned()),
                ("site", "https://example.org".to_owned()),
            ],
        };
        let input = SendLink { origin: origin(1), email: email(ALICE), purpose: LinkPurpose::ResetPassword, mail };
        world.app.send_link(input).await.unwrap();
        world.deliver_due_mail().await.unwrap();
        let is_link = |text: &String| text.contains("https://example.org/reset/");
        let text = world.mailer.taken().into_iter().map(|mail| mail.content.text).rfind(is_link).unwrap();
        assert!(text.contains("within 5 minutes"), "{text}");
        let token = text.split_whitespace().find_map(|word| word.strip_prefix("https://example.org/reset/")).unwrap();
        world.advance(waited);
        let input = ResetPasswordByLink {
            origin: origin(1),
            token: token.to_owned(),
            email: email(ALICE),
            password: password(PASSWORD),
        };
        let outcome = world.app.reset_password_by_link(input).await;
        assert!(if works { outcome.is_ok() } else { matches!(outcome, Err(LinkError::Invalid)) }, "{outcome:?}");
    }
}

#[tokio::test]
async fn guesses_wait_and_close_as_is_said() {
    let guesses = ThrottleRule {
        window: Duration::hours(24),
        free: 1,
        waits: [Duration::seconds(7), Duration::seconds(8), Duration::seconds(9)],
        limit: 5,
    };
    let world = World::with(Policy { guesses, ..Policy::default() });
    world.register(ALICE).await.unwrap();
    let guess = async |from| match world.sign_in(ALICE, "wrong", from).await {
        Err(SignInError::Fault(Fault::Throttled { retry_after })) => Some(retry_after),
        other => {
            assert!(matches!(other, Err(SignInError::WrongPassword)), "{other:?}");
            None
        }
    };
    assert_eq!((guess(1).await, guess(2).await), (None, None));
    for (from, wait) in [(10, 7), (20, 8), (30, 9)] {
        assert_eq!(guess(from).await, u64::try_from(wait).ok());
        world.advance(Duration::seconds(wait));
        assert_eq!(guess(from + 1).await, None);
    }
    let closed = guess(40).await.expect("closed");
    assert!(closed > 3_600, "until the window of 24 hours ends, not {closed} s");
}

#[tokio::test]
async fn a_mailbox_gets_as_much_mail_as_is_said() {
    let mailbox = MailboxLimits {
        interval: ThrottleRule::counted(1, Duration::seconds(20)),
        hourly: ThrottleRule::counted(2, Duration::hours(1)),
        daily: ThrottleRule::counted(3, Duration::hours(24)),
    };
    let world = World::with(Policy { mailbox, ..Policy::default() });
    let refused = async |from| match request(&world, from).await {
        Err(Fault::Throttled { retry_after }) => Some(retry_after),
        _ => None,
    };
    assert_eq!((refused(1).await, refused(2).await), (None, Some(20)));
    world.advance(Duration::seconds(20));
    assert_eq!(refused(3).await, None);
    world.advance(Duration::seconds(20));
    assert_eq!(refused(4).await, Some(3_560));
    world.advance(Duration::hours(1));
    assert_eq!(refused(5).await, None);
    world.advance(Duration::hours(1));
    assert_eq!(refused(6).await, Some(86_400 - 40 - 7_200));
}

#[tokio::test]
async fn a_source_does_as_much_as_is_said() {
    let one = NonZeroU32::MIN;
    let node = NodeLimits {
        sign_ins_per_minute: one,
        anonymous_sessions_per_minute: one,
        registrations_per_hour: one,
        mails_per_hour: one,
        ..NodeLimits::default()
    };
    let world = World::with(Policy { node, ..Policy::default() });
    world.register(ALICE).await.unwrap();
    assert!(world.register("bob@example.com").await.is_err());
    assert!(world.sign_in(ALICE, PASSWORD, 1).await.is_ok());
    let refused = world.sign_in(ALICE, PASSWORD, 1).await;
    assert!(matches!(refused, Err(SignInError::Fault(Fault::Throttled { retry_after: 60 }))), "{refused:?}");
    request(&world, 1).await.unwrap();
    assert!(matches!(request(&world, 1).await, Err(Fault::Throttled { retry_after: 3_600 })));
}

#[tokio::test]
async fn a_mail_is_given_up_at_the_age_that_is_said() {
    let outbox = OutboxTimes { max_age: Duration::minutes(10), ..OutboxTimes::default() };
    let world = World::with(Policy { outbox, ..Policy::default() });
    world.mailer.refuse("a@example.com", MailerError::Transient("450".to_owned()));
    world.app.post_test_mail(Operator::at_the_console(), email("a@example.com")).await.unwrap();
    let mut dead = 0;
    for _ in 0..10 {
        dead += usize::from(world.deliver_due_mail().await.unwrap() == [Delivery::Dead]);
        world.advance(Duration::minutes(1));
    }
    assert_eq!(dead, 1);
}
