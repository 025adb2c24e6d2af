//! How streams end: with the right to them, with their server, and with their client.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{
    Database, EventStream, PASSWORD, PATIENCE, Person, Request, Server, Setup, Told,
    rococoins::{Side, called, put},
};

/// How soon streams without the right must end, with some margin for a busy machine.
const REVOKED_WITHIN: Duration = Duration::from_secs(5 + 2);
/// How soon a server has ended whose streams do not keep it, which may take 10 s.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

fn change(by: &Person, whom: &Person, what: &serde_json::Value) -> Request {
    by.asks(put(format!("/user/admin/{}", whom.id), what))
}

/// Streams of one person to a chat, on each node.
fn on_each(nodes: &[Server; 2], person: &Person, account: &str) -> [EventStream; 2] {
    nodes.each_ref().map(|node| EventStream::follow(node.address(), &person.follows(account, None)))
}

#[test]
fn streams_end_on_every_node_soon_after_the_right_to_them() {
    let database = Database::empty();
    let setup = Setup::postgres(&database).with_staff();
    let nodes = [setup.start(), setup.start()];
    let [node, _] = &nodes;
    let (root, alice, bob, carol) =
        (node.staff(), node.customer("alice"), node.customer("bob"), node.customer("carol"));
    let carol = Person { side: Side::Staff, ..carol };
    let mut connection = node.connect();
    called(&mut connection, &change(&root, &carol, &json!({ "role": "admin" })));
    let mut stay = [on_each(&nodes, &root, &alice.id), on_each(&nodes, &carol, &carol.id)];
    let mut end = |what: &str, person: &Person, account: &str, request: &Request| {
        let streams = on_each(&nodes, person, account);
        called(&mut connection, request);
        let changed = Instant::now();
        for mut stream in streams {
            let rest = stream.rest(REVOKED_WITHIN);
            assert_eq!(rest, [Told::Retry(2_000)], "{what}");
            assert!(changed.elapsed() < REVOKED_WITHIN, "{what}: {:?}", changed.elapsed());
        }
    };
    let password = json!({ "personal": { "password": "another long password" }, "currentPassword": PASSWORD });
    let password = alice.asks(put(format!("/user/{}", alice.id), &password));
    end("another password", &alice, &alice.id, &password);
    end("a suspension", &bob, &bob.id, &change(&root, &bob, &json!({ "status": "suspended" })));
    end("a demotion", &carol, &alice.id, &change(&root, &carol, &json!({ "role": "user" })));
    for stream in stay.iter_mut().flatten() {
        assert!(matches!(stream.next(Duration::from_millis(50)), None | Some(Told::Comment)));
    }
    // They still hear something.
    called(&mut connection, &root.says(&alice.id, "to Alice", "1"));
    called(&mut connection, &root.says(&carol.id, "to Carol", "1"));
    for stream in stay.iter_mut().flatten() {
        assert_eq!(stream.event(PATIENCE).id, Some(1));
    }
}

#[test]
fn a_server_that_ends_ends_its_streams_at_once_and_says_when_to_come_back() {
    let setup = Setup::sqlite().with_staff();
    let mut server = setup.start();
    let people = [server.customer("alice"), server.staff()];
    let account = &people[0].id;
    let follow = |person: &Person| EventStream::follow(server.address(), &person.follows(account, Some(0)));
    let mut streams: Vec<EventStream> = people.iter().flat_map(|person| (0..10).map(|_| follow(person))).collect();
    assert_eq!(server.call(&people[1].says(account, "Hello", "1")).status, 200);
    for stream in &mut streams {
        assert_eq!(stream.event(PATIENCE).id, Some(1));
    }
    server.terminate();
    let asked = Instant::now();
    for stream in &mut streams {
        let told = stream.rest(STOPPED_WITHIN);
        assert_eq!(told.last(), Some(&Told::Retry(2_000)), "{told:?}");
        assert_eq!(stream.next(PATIENCE), Some(Told::End { complete: true }));
    }
    assert_eq!(server.wait(STOPPED_WITHIN).code(), Some(0), "{}", server.log());
    assert!(asked.elapsed() < STOPPED_WITHIN, "{:?}", asked.elapsed());
}

#[test]
fn a_client_that_comes_back_again_and_again_finds_its_place_free() {
    let server = Setup::memory().unlimited().start();
    let alice = server.customer("alice");
    // Nothing is said, so that the server learns of the end from the connection alone.
    for _ in 0..20 {
        let _stream = EventStream::follow(server.address(), &alice.follows(&alice.id, None));
        // Paging is not faster than that.
        sleep(Duration::from_millis(250));
    }
}
