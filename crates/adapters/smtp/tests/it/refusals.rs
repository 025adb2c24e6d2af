//! Which refusals are final.

use vestibule_ports::{Mailer, MailerError};

use crate::{mail, mailer, options, server::Server, signed_in};

/// The error of a mail to a server that answers so; it never holds the address or the code.
async fn error(answer: &str) -> MailerError {
    let server = Server::start(&["--answer", answer]);
    let error = mailer(signed_in(options(server.plain), "secret")).send(&mail()).await.unwrap_err();
    let text = error.to_string();
    assert!(!text.contains("alice") && !text.contains("424242"), "{text}");
    assert_eq!(server.end(), 0);
    error
}

#[tokio::test]
async fn an_unknown_mailbox_is_final() {
    let error = error("RCPT=550 5.1.1 <alice@example.com> unknown").await;
    assert_eq!(error, MailerError::Permanent("RCPT TO: refused with 550 5.1.1".to_owned()));
}

#[tokio::test]
async fn refused_content_is_final() {
    let error = error("CONTENT=554 spam: 424242").await;
    assert_eq!(error, MailerError::Permanent("content: refused with 554".to_owned()));
}

#[tokio::test]
async fn a_4xx_is_for_now() {
    for (answer, text) in [
        ("MAIL=421 4.3.2 closing", "MAIL FROM: refused with 421 4.3.2"),
        ("RCPT=450 4.2.1 greylisted, alice@example.com", "RCPT TO: refused with 450 4.2.1"),
        ("CONTENT=451 try later", "content: refused with 451"),
    ] {
        assert_eq!(error(answer).await, MailerError::Transient(text.to_owned()));
    }
}

#[tokio::test]
async fn a_5xx_to_what_is_not_of_this_mail_is_for_now() {
    for (answer, text) in [
        ("EHLO=550 5.7.1 not you", "connect: refused with 550 5.7.1"),
        ("AUTH=535 5.7.8 wrong", "AUTH: refused with 535 5.7.8"),
        ("MAIL=553 5.7.1 not your sender", "MAIL FROM: refused with 553 5.7.1"),
        ("RCPT=530 5.7.0 sign in first", "RCPT TO: refused with 530 5.7.0"),
    ] {
        assert_eq!(error(answer).await, MailerError::Transient(text.to_owned()));
    }
}

#[tokio::test]
async fn one_refusal_does_not_hinder_the_next_mail() {
    let mut server = Server::start(&[]);
    let mailer = mailer(options(server.plain));
    let mut refused = mail();
    refused.to = vestibule_domain::EmailAddress::parse("zoë@example.com").unwrap();
    assert!(mailer.send(&refused).await.is_err());
    mailer.send(&mail()).await.unwrap();
    assert_eq!(server.taken()["to"], serde_json::json!(["alice@example.com"]));
}
