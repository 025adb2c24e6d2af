use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};
use vestibule_domain::{
    EmailAddress,
    id::Id96,
    mail::{MailContent, OutboxMail},
};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

fn mail(attempts: u32, expires_at: OffsetDateTime) -> OutboxMail {
    OutboxMail {
        id: Id96::from_bytes([0; 12]).into(),
        to: EmailAddress::parse("ada@example.org").unwrap(),
        sealed_content: Vec::new(),
        attempts,
        created_at: NOW,
        due_at: NOW,
        expires_at,
    }
}

#[test]
fn delivery_is_tried_again_after_longer_and_longer_waits() {
    let end = NOW + OutboxMail::MAX_AGE;
    let waits = (1..=8).map(|attempts| (mail(attempts, end).retry_at(NOW).unwrap() - NOW).whole_seconds());
    assert_eq!(waits.collect::<Vec<_>>(), [30, 60, 120, 300, 900, 1800, 1800, 1800]);
}

#[test]
fn delivery_is_not_tried_again_from_the_moment_of_expiry() {
    let wait = Duration::seconds(30);
    assert_eq!(mail(1, NOW + wait).retry_at(NOW), None);
    assert_eq!(mail(1, NOW + wait + Duration::MICROSECOND).retry_at(NOW), Some(NOW + wait));
}

#[test]
fn what_a_mail_says_is_never_printed() {
    let content = MailContent { subject: "code".to_owned(), text: "123456".to_owned(), html: "123456".to_owned() };
    assert_eq!(format!("{content:?}"), "MailContent(…)");
}

proptest! {
    #[test]
    fn a_retry_lies_in_the_future_and_before_the_expiry(attempts: u32, left in 0_i64..100_000) {
        let mail = mail(attempts, NOW + Duration::seconds(left));
        if let Some(at) = mail.retry_at(NOW) {
            prop_assert!(NOW + Duration::seconds(30) <= at && at < mail.expires_at);
        } else {
            prop_assert!(left <= 1800);
        }
    }
}
