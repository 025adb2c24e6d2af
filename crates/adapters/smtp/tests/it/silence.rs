//! Servers that are down, slow, or no mail servers at all.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use vestibule_ports::{Mailer, MailerError};
use vestibule_smtp::{SmtpOptions, SmtpTimeouts};

use crate::{mail, mailer, options, server::Server};

const SHORT: Duration = Duration::from_secs(1);

fn impatient(port: u16) -> SmtpOptions {
    SmtpOptions { timeouts: SmtpTimeouts { connect: SHORT, command: SHORT, total: SHORT * 50 }, ..options(port) }
}

async fn transient(options: SmtpOptions) -> String {
    let start = Instant::now();
    let error = mailer(options).send(&mail()).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    match error {
        MailerError::Transient(text) => text,
        MailerError::Permanent(text) => panic!("permanent: {text}"),
    }
}

/// The port of a listener that sends this to every client, then nothing.
async fn says(greeting: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.write_all(greeting.as_bytes()).await;
            held.push(connection);
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_is_down_is_for_now() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let text = transient(options(port)).await;
    assert!(text.starts_with("connect: the connection failed: "), "{text}");
}

#[tokio::test]
async fn a_server_that_never_greets_is_for_now() {
    assert_eq!(transient(impatient(says("").await)).await, "connect: no answer within 2s");
}

#[tokio::test]
async fn a_server_that_greets_with_5xx_is_for_now() {
    assert_eq!(transient(impatient(says("554 go away\r\n").await)).await, "connect: refused with 554");
}

#[tokio::test]
async fn a_server_of_another_kind_is_for_now() {
    let text = transient(impatient(says("HTTP/1.1 400 Bad Request\r\n\r\n").await)).await;
    assert_eq!(text, "connect: the answer is not SMTP, or breaks off");
}

#[tokio::test]
async fn a_server_that_hangs_up_is_for_now() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hanging_up = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        connection.write_all(b"220 hello\r\n").await.unwrap();
        let _ = connection.read(&mut [0; 100]).await;
    });
    let text = transient(impatient(port)).await;
    assert!(text.starts_with("connect: "), "{text}");
    hanging_up.await.unwrap();
}

#[tokio::test]
async fn each_slow_answer_is_for_now() {
    for (stage, step) in [("MAIL", "MAIL FROM"), ("RCPT", "RCPT TO"), ("CONTENT", "content")] {
        let server = Server::start(&["--delay", &format!("{stage}=30")]);
        assert_eq!(transient(impatient(server.plain)).await, format!("{step}: no answer within 1s"));
    }
}

#[tokio::test]
async fn many_slow_answers_do_not_add_up_without_bound() {
    let server = Server::start(&["--delay", "MAIL=0.5", "--delay", "RCPT=0.5", "--delay", "CONTENT=30"]);
    let timeouts = SmtpTimeouts { total: Duration::from_millis(800), ..SmtpTimeouts::default() };
    let text = transient(SmtpOptions { timeouts, ..options(server.plain) }).await;
    assert!(text.ends_with(": no answer within 800ms"), "{text}");
}
