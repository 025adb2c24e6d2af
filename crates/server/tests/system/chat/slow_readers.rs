//! Clients that follow a chat and stop reading.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::support::{Database, EventStream, PATIENCE, Setup, rococoins::called};

const READERS: usize = 8;
const MESSAGES: u64 = 2_000;
/// Held for each of the readers, the messages would take 60 MiB.
const FEW: u64 = 16 * 1_024 * 1_024;

#[test]
fn messages_pile_up_in_the_store_and_not_in_memory() {
    let database = Database::empty();
    let server = Setup::postgres(&database).with_staff().start();
    let (alice, admin) = (server.customer("alice"), server.staff());
    let account = &alice.id;
    let mut connection = server.connect();
    called(&mut connection, &alice.says(account, &"x".repeat(4_000), "1"));
    let stuck: Vec<TcpStream> = (0..READERS)
        .map(|_| {
            let mut reader = TcpStream::connect(server.address()).unwrap();
            reader.write_all(&admin.follows(account, Some(0)).bytes()).unwrap();
            // The beginning of the answer, and nothing more.
            reader.read_exact(&mut [0; 15]).unwrap();
            reader
        })
        .collect();
    let mut reader = EventStream::follow(server.address(), &alice.follows(account, Some(0)));
    assert_eq!(reader.event(PATIENCE).id, Some(1));
    let before = server.memory();
    // The first message repeatedly, because answers to that many requests would take longer than everything else.
    database.query(&format!(
        "BEGIN;
        UPDATE conversations SET written_seq = {MESSAGES}, written_by_user = {MESSAGES};
        INSERT INTO messages (conversation_id, seq, by_user, id, side, author, created_at, text)
            SELECT conversation_id, number, number, id, side, author, created_at, text
            FROM messages, generate_series(2, {MESSAGES}) number;
        COMMIT"
    ));
    for seq in 2..=MESSAGES {
        let event = reader.event(PATIENCE);
        assert_eq!((event.id, event.data["userChats"].as_str().map(str::len)), (Some(seq), Some(4_000)));
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < FEW, "{grown} bytes more for {READERS} readers that do not read");
    // They do not block others.
    called(&mut connection, &admin.says(account, "still there", "1"));
    assert_eq!(reader.event(PATIENCE).id, Some(MESSAGES + 1));
    eprintln!("{grown} bytes more");
    drop(stuck);
}
