//! Promises of the local mailbox.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    EmailAddress,
    mail::{Mail, MailContent, ReceivedMail},
};
use vestibule_ports::Store;

use crate::support::{NANOSECONDS, NOW, RACERS, committed, numbered, race};

/// The mail with this number to an address, received this many seconds after [`NOW`].
pub(crate) fn received(number: u32, to: &str, seconds: i64) -> ReceivedMail {
    ReceivedMail {
        mail: Mail {
            id: numbered(number).into(),
            to: EmailAddress::parse(to).unwrap(),
            content: MailContent {
                subject: format!("Grüße № {number}"),
                text: format!("Code: 00{number}\r\n'quoted' \"twice\" \\ 🦆\n"),
                html: format!("<p>{number} &amp; more</p>"),
            },
        },
        from: "Vestibule <no-reply@example.test>".to_owned(),
        received_at: NOW + Duration::seconds(seconds),
    }
}

pub(crate) async fn insert(store: &Arc<dyn Store>, mails: &[ReceivedMail]) {
    committed(store, async |unit| {
        for mail in mails {
            unit.mailbox().insert(mail).await.unwrap();
        }
    })
    .await;
}

/// Every field of a received mail comes back, its time in whole microseconds.
pub(crate) async fn every_field_of_a_received_mail_comes_back(store: Arc<dyn Store>) {
    let mut mails = [received(1, "ada@example.test", 0), received(2, "ada@example.test", -1)];
    mails[1].mail.content = MailContent { subject: String::new(), text: String::new(), html: "x".repeat(100_000) };
    mails[1].from = String::new();
    let uncut = mails.clone().map(|mail| ReceivedMail { received_at: mail.received_at + NANOSECONDS, ..mail });
    insert(&store, &uncut).await;
    assert_eq!(store.read().mailbox().list(None, 10).await.unwrap(), mails);
}

/// Mail is listed newest first, of one address or of all, up to the limit.
pub(crate) async fn mail_is_listed_newest_first_and_by_address(store: Arc<dyn Store>) {
    let (ada, bob) = ("ada@example.test", "bob@example.test");
    let mails = [received(1, ada, 20), received(2, bob, 40), received(3, ada, 30), received(4, ada, 10)];
    insert(&store, &mails).await;
    let [first, second, third, fourth] = mails;
    let read = store.read().mailbox();
    let (ada, bob) = (EmailAddress::parse(ada).unwrap(), EmailAddress::parse(bob).unwrap());
    let nobody = EmailAddress::parse("nobody@example.test").unwrap();
    assert_eq!(read.list(Some(&ada), 10).await.unwrap(), [third.clone(), first.clone(), fourth.clone()]);
    assert_eq!(read.list(Some(&ada), 2).await.unwrap(), [third.clone(), first.clone()]);
    assert_eq!(read.list(Some(&bob), 10).await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(read.list(Some(&nobody), 10).await.unwrap(), []);
    assert_eq!(read.list(None, 1).await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(read.list(None, 10).await.unwrap(), [second, third, first, fourth]);
}

/// A mail that is already there changes nothing, even if it arrives many times at once.
pub(crate) async fn a_mail_that_comes_again_changes_nothing(store: Arc<dyn Store>) {
    let mail = received(1, "ada@example.test", 0);
    race(RACERS, async |_| insert(&store, std::slice::from_ref(&mail)).await);
    let mut again = received(2, "bob@example.test", 60);
    again.mail.id = mail.mail.id;
    insert(&store, &[again]).await;
    assert_eq!(store.read().mailbox().list(None, 10).await.unwrap(), [mail]);
}

/// Trimming keeps exactly the newest mails and counts the removed ones, even if mails came at the same moment.
pub(crate) async fn trimming_keeps_the_newest_mails(store: Arc<dyn Store>) {
    let ada = "ada@example.test";
    let mails = [received(1, ada, 5), received(2, ada, 30), received(3, ada, 20), received(4, ada, 5)];
    insert(&store, &mails).await;
    for (keep, removed) in [(5, 0), (4, 0), (3, 1), (2, 1)] {
        let trimmed = committed(&store, async |unit| unit.mailbox().trim(keep).await.unwrap()).await;
        assert_eq!(trimmed, removed, "keeping {keep}");
    }
    let left = store.read().mailbox().list(None, 10).await.unwrap();
    assert_eq!(left, [mails[1].clone(), mails[2].clone()]);
    assert_eq!(committed(&store, async |unit| unit.mailbox().trim(0).await.unwrap()).await, 2);
    assert_eq!(store.read().mailbox().list(None, 10).await.unwrap(), []);
}
