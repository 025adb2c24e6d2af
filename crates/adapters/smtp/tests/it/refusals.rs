//! Which refusals are final.

use std::{
    io,
    sync::{Arc, Mutex},
};

use vestibule_ports::{Mailer, MailerError};
use vestibule_smtp::{SmtpConfigError, SmtpMailer, SmtpOptions};

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
        ("RCPT=504 5.5.2 <box>: need fully-qualified hostname", "RCPT TO: refused with 504 5.5.2"),
        ("RCPT=553 5.7.1 not owned by user", "RCPT TO: refused with 553 5.7.1"),
        ("RCPT=554 5.7.1 <alice@example.com>: relay access denied", "RCPT TO: refused with 554 5.7.1"),
        ("RCPT=550 5.1.8 unknown domain of the sender", "RCPT TO: refused with 550 5.1.8"),
        ("CONTENT=550 5.7.26 unauthenticated: alice@example.com", "content: refused with 550 5.7.26"),
    ] {
        assert_eq!(error(answer).await, MailerError::Transient(text.to_owned()));
    }
}

#[tokio::test]
async fn a_mailbox_that_is_refused_with_the_content_is_final() {
    let error = error("CONTENT=550 5.1.1 alice@example.com is not here").await;
    assert_eq!(error, MailerError::Permanent("content: refused with 550 5.1.1".to_owned()));
}

/// Collects log lines.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_refusal_of_us_is_said_once_in_the_log_with_what_to_look_at() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::start(&["--answer", "RCPT=504 5.5.2 <alice@example.com>: need fully-qualified hostname"]);
    let mailer = mailer(options(server.plain));
    for _ in 0..3 {
        assert!(matches!(mailer.send(&mail()).await, Err(MailerError::Transient(_))));
    }
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("does not take mail from us").count(), 1, "{log}");
    assert!(log.contains("VESTIBULE_EMAIL_EHLO_NAME") && !log.contains("alice"), "{log}");
}

#[tokio::test]
async fn a_sender_that_the_server_cannot_take_does_not_end_a_mail() {
    let server = Server::start(&[]);
    let sender = SmtpOptions { from: "zoë@vestibule.test".to_owned(), ..options(server.plain) };
    let error = mailer(sender).send(&mail()).await.unwrap_err();
    assert!(matches!(&error, MailerError::Transient(text) if text.contains("SMTPUTF8")), "{error}");
}

#[tokio::test]
async fn the_configured_name_is_given_with_ehlo() {
    for name in ["mail.example.org", "[192.0.2.1]"] {
        let mut server = Server::start(&[]);
        let named = SmtpOptions { ehlo_name: Some(name.to_owned()), ..options(server.plain) };
        mailer(named).send(&mail()).await.unwrap();
        assert_eq!(server.taken()["hello"], name);
    }
    for name in ["", "two words", "192.0.2.1", "[mail]", "a..b", "mail.example.org\r\nRSET"] {
        let refused = SmtpMailer::new(SmtpOptions { ehlo_name: Some(name.to_owned()), ..options(25) });
        assert!(matches!(refused, Err(SmtpConfigError::EhloName)), "{name}");
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
