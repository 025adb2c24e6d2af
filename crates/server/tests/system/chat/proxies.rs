//! nginx and `HAProxy` between a reader and the server.

use std::{
    io,
    net::SocketAddr,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{
    Connection, EventStream, PATIENCE, Person, Proxy, Server, Setup, Told, proxies::IDLE_SECONDS, rococoins::called,
};

/// A proxy that held events back until it had a buffer full of them would take for ever.
const LIVE: Duration = Duration::from_secs(3);

struct Chat {
    server: Server,
    user: Person,
    admin: Person,
    /// The number of the last message.
    last: u64,
}

impl Chat {
    fn start() -> Self {
        let server = Setup::sqlite().with_staff().start();
        let (user, admin) = (server.customer("alice"), server.staff());
        Self { server, user, admin, last: 0 }
    }

    /// Sends by an address.
    fn send(&mut self, address: SocketAddr) {
        self.last += 1;
        let name = self.last.to_string();
        let mut connection = Connection::open(address).unwrap();
        called(&mut connection, &self.admin.says(&self.user.id, &name, &name));
    }

    fn follow(&self, address: SocketAddr, after: u64) -> EventStream {
        EventStream::follow(address, &self.user.follows(&self.user.id, Some(after)))
    }

    /// Sends a message and hears it at once.
    fn assert_live(&mut self, stream: &mut EventStream, address: SocketAddr) {
        self.send(address);
        let event = stream.event(LIVE);
        assert_eq!((event.id, event.data["adminChats"].as_str()), (Some(self.last), Some(&*self.last.to_string())));
    }
}

fn assert_works(mut chat: Chat, mut proxy: Proxy, reloads: bool) {
    let address = proxy.address();
    let mut stream = chat.follow(address, 0);
    assert!(stream.has_header("content-type: text/event-stream"));
    for _ in 0..3 {
        chat.assert_live(&mut stream, address);
    }
    assert_bodies_arrive(&mut chat, address);
    assert_eq!(stream.event(LIVE).id, Some(4));
    assert_eq!(stream.event(LIVE).id, Some(5));

    // For longer than the proxy's timeout only comments are sent; a stream without comments is closed.
    let (began, mut comments) = (Instant::now(), 0);
    let longer = Duration::from_secs(IDLE_SECONDS) + Duration::from_millis(1_500);
    while began.elapsed() < longer {
        match stream.next(longer.saturating_sub(began.elapsed())) {
            Some(Told::Comment) => comments += 1,
            None => {}
            other => panic!("{other:?} after {:?}", began.elapsed()),
        }
    }
    assert!(comments >= 2, "{comments} comments");
    chat.assert_live(&mut stream, address);

    if reloads {
        proxy.reload();
        sleep(Duration::from_millis(500));
        chat.assert_live(&mut stream, address);
    }
    proxy.restart();
    while !matches!(stream.next(PATIENCE).unwrap(), Told::End { .. }) {}
    // Sent while the reader was cut off.
    let read = chat.last;
    for _ in 0..3 {
        chat.send(chat.server.address());
    }
    let mut stream = chat.follow(address, read);
    for seq in read + 1..=chat.last {
        assert_eq!(stream.event(LIVE).id, Some(seq));
    }
    chat.assert_live(&mut stream, address);
}

/// A body that waits for `100 Continue`, and one of unknown length.
fn assert_bodies_arrive(chat: &mut Chat, address: SocketAddr) {
    let account = &chat.user.id;
    let head = format!(
        "PUT /user/admin_chat/{account} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\n",
        chat.admin.token
    );
    let body = |text: &str| json!({ "userId": account, "adminChats": text }).to_string();
    let waits = |connection: &mut Connection| -> io::Result<()> {
        let body = body("expected");
        connection.send(format!("{head}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len()))?;
        assert_eq!(connection.reply()?.status, 100);
        connection.send(body)
    };
    let chunked = |connection: &mut Connection| -> io::Result<()> {
        connection.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n"))?;
        for chunk in body("in chunks").as_bytes().chunks(7) {
            connection.send(format!("{:x}\r\n{}\r\n", chunk.len(), str::from_utf8(chunk).unwrap()))?;
            sleep(Duration::from_millis(2));
        }
        connection.send("0\r\n\r\n")
    };
    let mut connection = Connection::open(address).unwrap();
    for (send, text) in [(&waits as &dyn Fn(&mut Connection) -> io::Result<()>, "expected"), (&chunked, "in chunks")] {
        send(&mut connection).unwrap();
        let reply = connection.reply().unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        let chats = reply.json()["chats"].clone();
        assert_eq!(chats.as_array().unwrap().last().unwrap()["adminChats"], text);
        chat.last += 1;
    }
}

#[test]
fn a_chat_is_live_and_lasting_behind_nginx() {
    let chat = Chat::start();
    let proxy = Proxy::nginx(chat.server.address());
    assert_works(chat, proxy, true);
}

#[test]
fn a_chat_is_live_and_lasting_behind_haproxy() {
    let chat = Chat::start();
    let proxy = Proxy::haproxy(chat.server.address());
    assert_works(chat, proxy, false);
}
