//! What the server gets to read.

use vestibule_domain::{EmailAddress, mail::Mail};
use vestibule_ports::{Mailer, MailerError};
use vestibule_smtp::{SmtpConfigError, SmtpMailer, SmtpOptions};

use crate::{mail, mailer, options, server::Server};

/// The headers of a message, unfolded.
fn headers(content: &str) -> Vec<String> {
    let (head, _) = content.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn a_mail_has_text_html_and_the_headers_of_an_automatic_message() {
    let mut server = Server::start(&[]);
    mailer(options(server.plain)).send(&mail()).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken["from"], "no-reply@vestibule.test");
    assert_eq!(taken["to"], serde_json::json!(["alice@example.com"]));
    let content = taken["content"].as_str().unwrap();
    let headers = headers(content);
    for expected in [
        "From: Vestibule <no-reply@vestibule.test>",
        "To: alice@example.com",
        "Subject: Your code",
        "Date: Tue, 03 Feb 2026 04:05:06 +0000",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ] {
        assert!(headers.iter().any(|header| header == expected), "{expected} is not in {headers:#?}");
    }
    let id = format!("Message-ID: <{}@vestibule.test>", mail().id.hex());
    assert!(headers.contains(&id), "{headers:#?}");
    assert!(headers.iter().any(|header| header.starts_with("Content-Type: multipart/alternative;")), "{headers:#?}");
    let (text, html) = (content.find("The code is 424242.").unwrap(), content.find("<b>424242</b>").unwrap());
    assert!(content[..text].contains("Content-Type: text/plain"));
    assert!(content[text..html].contains("Content-Type: text/html"));
}

#[tokio::test]
async fn a_second_delivery_has_the_same_id_and_date() {
    let mut server = Server::start(&[]);
    let mailer = mailer(options(server.plain));
    let mut seen = Vec::new();
    for _ in 0..2 {
        mailer.send(&mail()).await.unwrap();
        let taken = server.taken();
        let mut headers = headers(taken["content"].as_str().unwrap());
        headers.retain(|header| header.starts_with("Message-ID:") || header.starts_with("Date:"));
        assert_eq!(headers.len(), 2);
        seen.push(headers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_subject_cannot_add_headers_or_recipients() {
    let mut server = Server::start(&[]);
    let mut mail = mail();
    mail.content.subject = "Hi\r\nBcc: eve@example.com\r\n\r\nbody\n\u{0}\u{85}é".to_owned();
    mailer(options(server.plain)).send(&mail).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken["to"], serde_json::json!(["alice@example.com"]));
    let headers = headers(taken["content"].as_str().unwrap());
    assert!(!headers.iter().any(|header| header.to_lowercase().starts_with("bcc")), "{headers:#?}");
    assert_eq!(headers.iter().filter(|header| header.starts_with("Subject:")).count(), 1);
}

#[tokio::test]
async fn a_body_cannot_end_the_message_or_speak_smtp() {
    let mut server = Server::start(&[]);
    let mut mail = mail();
    mail.content.text = "before\r\n.\r\nRCPT TO:<eve@example.com>\r\n.after\n.\nend 日本".to_owned();
    mailer(options(server.plain)).send(&mail).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken["to"], serde_json::json!(["alice@example.com"]));
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn an_address_that_the_server_cannot_take_is_refused_for_good() {
    let server = Server::start(&[]);
    let mut mail = mail();
    mail.to = EmailAddress::parse("zoë@example.com").unwrap();
    let error = mailer(options(server.plain)).send(&mail).await.unwrap_err();
    assert!(matches!(&error, MailerError::Permanent(text) if text.contains("SMTPUTF8")), "{error}");
    assert_eq!(server.end(), 0);
}

#[tokio::test]
async fn a_domain_beyond_ascii_needs_nothing_of_the_server() {
    let mut server = Server::start(&[]);
    let mut options = options(server.plain);
    options.from = "\u{200b}B\u{fc}cher <No-Reply@b\u{fc}cher.example>".to_owned();
    let mailer = mailer(options);
    for to in [EmailAddress::parse("info@b\u{fc}cher.example"), EmailAddress::from_store("info@b\u{fc}cher.example")] {
        let mail = Mail { to: to.unwrap(), ..mail() };
        mailer.send(&mail).await.unwrap();
        let taken = server.taken();
        assert_eq!(taken["to"], serde_json::json!(["info@xn--bcher-kva.example"]));
        assert_eq!(taken["from"], "No-Reply@xn--bcher-kva.example");
    }
}

#[test]
fn a_sender_that_no_mail_can_come_from_is_refused() {
    for from in
        ["a@127.0.0.1", "Shop <a@example.123>", "a@[127.0.0.1]", "a@localhost", "a\u{200b}b@shop.test", "a@xn--a.test"]
    {
        assert!(vestibule_smtp::check_sender(from).is_err(), "{from}");
    }
    for from in ["a@shop.test", "Shop <a@b\u{fc}cher.example>", "\"A, B\" <zo\u{eb}@shop.test>"] {
        assert!(vestibule_smtp::check_sender(from).is_ok(), "{from}");
    }
}

#[tokio::test]
async fn a_sender_that_is_encoded_already_is_the_same_as_in_plain_words() {
    let mut heads = Vec::new();
    for from in [
        "Bücher <a@vestibule.test>",
        "=?UTF-8?B?QsO8Y2hlcg==?= <a@vestibule.test>",
        "=?utf-8?Q?B=C3=BCcher?= <a@vestibule.test>",
    ] {
        let mut server = Server::start(&[]);
        mailer(SmtpOptions { from: from.to_owned(), ..options(server.plain) }).send(&mail()).await.unwrap();
        let taken = server.taken();
        let content = taken["content"].as_str().unwrap();
        heads.push(content.lines().find(|line| line.starts_with("From:")).unwrap().to_owned());
    }
    assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
    let unreadable =
        SmtpMailer::new(SmtpOptions { from: "=?koi8-r?B?8A==?= <a@vestibule.test>".to_owned(), ..options(25) });
    assert!(matches!(unreadable, Err(SmtpConfigError::FromName)));
}
