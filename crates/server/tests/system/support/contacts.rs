//! The requests of the dialect `contacts`, and its envelope.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::{PATIENCE, Reply, Request, Server, within};

/// The password of accounts whose password does not matter.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// An account, as its registration answered.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
}

impl Account {
    /// Reads an answer to a registration or a login.
    pub(crate) fn from_reply(reply: &Reply) -> Self {
        let data = data(reply);
        let text = |name: &str| data[name].as_str().unwrap_or_else(|| panic!("{name} in {data}")).to_owned();
        Self { id: text("_id"), email: text("email"), token: text("token") }
    }
}

/// An address that no other test of this process uses.
pub(crate) fn email() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("person-{}@shop.test", NUMBER.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn registration(email: &str) -> Request {
    let body = json!({ "fullName": "Alice Martin", "email": email, "password": PASSWORD });
    Request::post("/api/auth/register", &body)
}

pub(crate) fn login(email: &str, password: &str) -> Request {
    Request::post("/api/auth/login", &json!({ "email": email, "password": password }))
}

pub(crate) fn me(token: &str) -> Request {
    Request::get("/api/auth/me").bearer(token)
}

pub(crate) fn forgot_password(email: &str) -> Request {
    Request::post("/api/auth/forgot-password", &json!({ "email": email }))
}

pub(crate) fn verify_otp(email: &str, code: &str) -> Request {
    Request::post("/api/auth/verify-otp", &json!({ "email": email, "otp": code }))
}

impl Server {
    /// Registers an account.
    pub(crate) fn register(&self, email: &str) -> Account {
        let reply = self.call(&registration(email));
        assert_eq!(reply.status, 201, "{reply:?}");
        Account::from_reply(&reply)
    }

    /// The status of a login.
    pub(crate) fn login(&self, email: &str, password: &str) -> u16 {
        self.call(&login(email, password)).status
    }

    /// The status of `me`.
    pub(crate) fn me(&self, token: &str) -> u16 {
        self.call(&me(token)).status
    }

    /// The newest mail to an address in the local mailbox, waiting for it.
    pub(crate) fn mail_to(&self, email: &str) -> Value {
        within(PATIENCE, "a mail in the local mailbox", || {
            let mails = self.get(&format!("/dev/mailbox/messages?to={email}"));
            assert_eq!(mails.status, 200, "{mails:?}");
            mails.json().get(0).cloned()
        })
    }
}

/// The six digits in the text of a mail.
pub(crate) fn code_in(text: &str) -> String {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split_whitespace().find(is_code).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

/// The data of a success.
pub(crate) fn data(reply: &Reply) -> Value {
    let envelope = envelope(reply);
    assert_eq!(envelope["status"], true, "{reply:?}");
    envelope["data"].clone()
}

/// Fails unless it is this failure, in the envelope; one that asks to come back says when.
pub(crate) fn assert_failed(reply: &Reply, status: u16, message: &str) {
    let envelope = envelope(reply);
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(envelope, json!({ "status": false, "message": message, "data": null }), "{reply:?}");
    if matches!(status, 429 | 503) {
        let seconds: u64 = reply.header("retry-after").expect("Retry-After").parse().unwrap();
        assert!(seconds > 0, "{reply:?}");
    }
}

/// The envelope, which has exactly three keys.
fn envelope(reply: &Reply) -> Value {
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{reply:?}");
    let envelope = reply.json();
    let keys: Vec<&str> = envelope.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(keys.len() == 3 && ["status", "message", "data"].iter().all(|key| keys.contains(key)), "{reply:?}");
    envelope
}
