//! Many who write at once.

use std::thread;

use crate::support::{
    Database, EventStream, PATIENCE, Person, Server, Setup,
    rococoins::{called, whole_chat},
};

const SENDERS: usize = 8;
const MESSAGES: usize = 50;
const ALL: u64 = 400;

/// Writes one message after the other on one connection.
fn send(server: &Server, person: &Person, account: &str, sender: usize) {
    let mut connection = server.connect();
    for number in 0..MESSAGES {
        let name = format!("{sender}-{number}");
        called(&mut connection, &person.says(account, &name, &name));
    }
}

/// Reads live until the last message; their texts.
fn listen(mut stream: EventStream) -> Vec<String> {
    let events = (1..=ALL).map(|seq| {
        let event = stream.event(PATIENCE);
        assert_eq!((event.name.as_str(), event.id, event.data["seq"].as_u64()), ("message", Some(seq), Some(seq)));
        text(&event.data)
    });
    events.collect()
}

fn text(entry: &serde_json::Value) -> String {
    entry.get("userChats").or_else(|| entry.get("adminChats")).and_then(|text| text.as_str()).unwrap().to_owned()
}

fn assert_numbered_without_a_gap(setup: Setup) {
    let server = setup.with_staff().start();
    let (user, admin) = (server.customer("alice"), server.staff());
    let account = &user.id;
    let streams = [&user, &admin].map(|person| EventStream::follow(server.address(), &person.follows(account, None)));
    let heard = thread::scope(|scope| {
        let listeners = streams.map(|stream| scope.spawn(|| listen(stream)));
        for sender in 0..SENDERS {
            let (server, person) = (&server, [&user, &admin][sender % 2]);
            scope.spawn(move || send(server, person, account, sender));
        }
        listeners.map(|listener| listener.join().unwrap())
    });
    let (entries, page) = whole_chat(&server, &user, account);
    let numbers: Vec<u64> = entries.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=ALL).collect::<Vec<_>>());
    assert_eq!((page["lastSeq"].as_u64(), page["unread"].as_u64()), (Some(ALL), Some(ALL / 2)));
    let texts: Vec<String> = entries.iter().map(text).collect();
    assert_eq!(heard, [texts.clone(), texts.clone()]);
    // Everything once, and each sender's in the order in which it was sent.
    for sender in 0..SENDERS {
        let mine = texts.iter().filter(|text| text.starts_with(&format!("{sender}-")));
        assert!(
            mine.eq((0..MESSAGES).map(|number| format!("{sender}-{number}")).collect::<Vec<_>>().iter()),
            "{texts:?}"
        );
    }
    server.stop();
}

#[test]
fn concurrent_senders_are_numbered_without_a_gap_on_sqlite() {
    assert_numbered_without_a_gap(Setup::sqlite());
}

#[test]
fn concurrent_senders_are_numbered_without_a_gap_on_postgres() {
    let database = Database::empty();
    assert_numbered_without_a_gap(Setup::postgres(&database));
}
