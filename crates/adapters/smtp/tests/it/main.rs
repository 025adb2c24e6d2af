//! The mailer against a real SMTP server (`scripts/lib/smtp-server.py`), and against none.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

mod certificates;
mod content;
mod encryption;
mod probe;
mod refusals;
mod server;
mod silence;

use std::path::Path;

use time::macros::datetime;
use vestibule_domain::{
    EmailAddress, MailId,
    mail::{Mail, MailContent},
};
use vestibule_smtp::{SmtpMailer, SmtpOptions, SmtpTimeouts, TlsMode};

/// A mail with a code that must not be found in any error.
fn mail() -> Mail {
    Mail {
        id: MailId::new(datetime!(2026-02-03 04:05:06 UTC), *b"\x01\x02\x03\x04\x05\x06"),
        to: EmailAddress::parse("alice@example.com").unwrap(),
        content: MailContent {
            subject: "Your code".to_owned(),
            text: "The code is 424242.".to_owned(),
            html: "<p>The code is <b>424242</b>.</p>".to_owned(),
        },
    }
}

fn options(port: u16) -> SmtpOptions {
    SmtpOptions {
        host: "localhost".to_owned(),
        port,
        user: None,
        password: None,
        from: "Vestibule <no-reply@vestibule.test>".to_owned(),
        ca_file: None,
        ehlo_name: None,
        tls: None,
        timeouts: SmtpTimeouts::default(),
    }
}

fn encrypted(port: u16, tls: TlsMode, ca_file: &Path) -> SmtpOptions {
    SmtpOptions { tls: Some(tls), ca_file: Some(ca_file.to_owned()), ..options(port) }
}

fn signed_in(options: SmtpOptions, password: &str) -> SmtpOptions {
    SmtpOptions { user: Some("user".to_owned()), password: Some(password.into()), ..options }
}

fn mailer(options: SmtpOptions) -> SmtpMailer {
    SmtpMailer::new(options).unwrap()
}
