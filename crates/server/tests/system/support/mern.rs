//! The requests of the dialect `mern`, and its envelope.

use serde_json::{Value, json};

use super::{Reply, Request, Server};

pub(crate) const PROFILE: &str = "/api/profiles";
pub(crate) const USERS: &str = "/api/users";

pub(crate) fn sign_in(username: &str, password: &str) -> Request {
    Request::post("/api/auth/signin", &json!({ "username": username, "password": password }))
}

pub(crate) fn put(path: &str, body: &Value) -> Request {
    Request::post(path, body).method("PUT")
}

impl Server {
    /// The token of a sign-in.
    pub(crate) fn token_of(&self, username: &str, password: &str) -> String {
        token(&self.call(&sign_in(username, password)))
    }

    /// What `GET` answers to a token.
    pub(crate) fn get_as(&self, token: &str, path: &str) -> Reply {
        self.call(&Request::get(path).bearer(token))
    }

    /// The token at the end of the link in the newest mail to an address.
    pub(crate) fn mailed_token(&self, email: &str, page: &str) -> String {
        let (mail, page) = (self.mail_to(email), format!("/{page}/"));
        let text = mail["text"].as_str().unwrap();
        let link = text.split_whitespace().find(|word| word.contains(&page));
        let token = link.unwrap_or_else(|| panic!("no link in {text}")).rsplit_once('/').unwrap().1;
        assert!(mail["html"].as_str().unwrap().contains(token), "{mail}");
        token.to_owned()
    }
}

/// The token in the answer to a sign-in.
#[track_caller]
pub(crate) fn token(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["token"].as_str().unwrap().to_owned()
}

#[track_caller]
pub(crate) fn assert_done(reply: &Reply, status: u16, message: &str) {
    assert_eq!((reply.status, reply.json()), (status, json!({ "message": message })), "{reply:?}");
}

/// Fails unless it is this failure, in the envelope; one that asks to come back says when.
#[track_caller]
pub(crate) fn assert_error(reply: &Reply, status: u16, message: &str) {
    assert_eq!((reply.status, reply.json()), (status, json!({ "error": { "message": message } })), "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{reply:?}");
    if matches!(status, 429 | 503) {
        let seconds: u64 = reply.header("retry-after").expect("Retry-After").parse().unwrap();
        assert!(seconds > 0, "{reply:?}");
    }
}
