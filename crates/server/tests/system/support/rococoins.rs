//! The requests of the dialect `rococoins`.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

use serde_json::{Value, json};

use super::{Connection, PASSWORD, Reply, Request, Server, Setup};

pub(crate) const ROOT: &str = "root@staff.test";

/// A signed-in person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
    /// The prefix of this person's texts.
    pub(crate) side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    User,
    Staff,
}

impl Side {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::User => "userChats",
            Self::Staff => "adminChats",
        }
    }
}

impl Person {
    /// A request in this person's name.
    pub(crate) fn asks(&self, request: Request) -> Request {
        request.bearer(&self.token)
    }

    /// Writes to the chat of an account.
    pub(crate) fn says(&self, account: &str, text: &str, client_id: &str) -> Request {
        let door = if self.side == Side::User { "user_chat" } else { "admin_chat" };
        let body = json!({ "userId": account, self.side.text(): text, "clientId": client_id });
        self.asks(put(format!("/user/{door}/{account}"), &body))
    }

    /// Follows the chat of an account.
    pub(crate) fn follows(&self, account: &str, after: Option<u64>) -> Request {
        let request = self.asks(Request::get(format!("/user/{account}/chat/events")));
        match after {
            Some(after) => request.header("Last-Event-ID", after.to_string()),
            None => request,
        }
    }

    /// Moves the read cursor of this person's side.
    pub(crate) fn has_read(&self, account: &str, seq: u64) -> Request {
        self.asks(put(format!("/user/{account}/chat/read"), &json!({ "seq": seq })))
    }

    /// A page of the chat of an account.
    pub(crate) fn lists(&self, account: &str, after: u64) -> Request {
        self.asks(Request::get(format!("/user/{account}/chat?after={after}&limit=100")))
    }
}

pub(crate) fn put(path: impl Into<String>, body: &Value) -> Request {
    Request::post(path, body).method("PUT")
}

impl Setup {
    /// With a root, who is staff.
    pub(crate) fn with_staff(self) -> Self {
        self.unlimited().with("VESTIBULE_ROOT_EMAIL", ROOT).with("VESTIBULE_ROOT_PASSWORD", PASSWORD)
    }

    /// On a port that stays the same when the server starts again, and that no outgoing connection is given meanwhile.
    pub(crate) fn on_one_port(self) -> Self {
        self.with("VESTIBULE_LISTEN", format!("127.0.0.1:{}", lasting_port()))
    }
}

/// A port below those of outgoing connections that was free a moment ago.
pub(crate) fn lasting_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() * 37 % 11_000).unwrap();
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Server {
    /// Registers and signs in a person.
    pub(crate) fn customer(&self, name: &str) -> Person {
        let email = format!("{name}@shop.test");
        let body = json!({ "personal": { "username": name, "email": email, "password": PASSWORD } });
        let reply = self.post("/user", &body);
        assert_eq!(reply.status, 201, "{reply:?}");
        self.enter(&email, Side::User)
    }

    /// Signs the root in.
    pub(crate) fn staff(&self) -> Person {
        self.enter(ROOT, Side::Staff)
    }

    /// Signs in a person.
    pub(crate) fn enter(&self, email: &str, side: Side) -> Person {
        let reply = self.post("/user/login", &json!({ "email": email, "password": PASSWORD }));
        assert_eq!(reply.status, 200, "{reply:?}");
        let token = reply.json()["token"].as_str().unwrap().to_owned();
        let reply = self.call(&Request::get("/user/verify").bearer(&token));
        let id = reply.json()["_id"].as_str().unwrap_or_else(|| panic!("{reply:?}")).to_owned();
        Person { id, token, side }
    }
}

/// All messages of the chat of an account, and the last page as it was answered.
pub(crate) fn whole_chat(server: &Server, person: &Person, account: &str) -> (Vec<Value>, Value) {
    let mut connection = server.connect();
    let mut entries: Vec<Value> = Vec::new();
    loop {
        let reply = called(&mut connection, &person.lists(account, entries.len() as u64));
        let page = reply.json();
        let chats = page["chats"].as_array().unwrap();
        if chats.is_empty() {
            return (entries, page);
        }
        entries.extend(chats.iter().cloned());
    }
}

/// A request that succeeds.
pub(crate) fn called(connection: &mut Connection, request: &Request) -> Reply {
    let reply = connection.call(request).unwrap();
    assert_eq!(reply.status, 200, "{request:?}: {reply:?}");
    reply
}
