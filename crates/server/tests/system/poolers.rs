//! `PgBouncer` between the servers and PostgreSQL.

use std::{thread, time::Instant};

use serde_json::json;

use crate::{
    chat::nodes::{BY_LOOKING, BY_NOTIFICATIONS, Pair, VOLLEYS},
    support::{
        Database, PASSWORD, PATIENCE, Proxy, Server, Setup,
        contacts::{email, login},
    },
};

const USERS: &str = "/api/v1/users";
/// The staff.
const ROOT: &str = "root@staff.test";
/// Twice as many as the pooler has sessions.
const CLIENTS: usize = 10;
const ROUNDS: usize = 15;

/// The URL of the database by way of a pooler.
fn by_way_of(pooler: &Proxy, database: &Database, parameters: &str) -> String {
    let url = database.url();
    let name = url.rsplit_once('/').unwrap().1;
    format!("postgres://postgres@{}/{name}{parameters}", pooler.address())
}

/// Many clients at once: each signs up, signs in, and uses a refresh token time after time.
fn assert_serves(server: &Server) {
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let account = server.register(&email());
                let mut token = session(server);
                for _ in 0..ROUNDS {
                    assert_eq!(server.me(&account.token), 200);
                    token = refresh(server, &token);
                }
                assert_eq!(server.call(&login(&account.email, PASSWORD)).status, 200);
                assert_eq!(server.call(&login(&account.email, "another password")).status, 401);
            });
        }
    });
}

fn session(server: &Server) -> String {
    let body = json!({ "email": ROOT, "password": PASSWORD });
    let reply = server.post(&format!("{USERS}/login"), &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["data"]["token"]["refreshToken"].as_str().unwrap().to_owned()
}

fn refresh(server: &Server, token: &str) -> String {
    let reply = server.post(&format!("{USERS}/refresh-token"), &json!({ "refreshToken": token }));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["data"]["token"]["refreshToken"].as_str().unwrap().to_owned()
}

fn assert_commands_work(setup: &Setup) {
    for _ in 0..3 {
        setup.run(&["migrate"]).expect(0);
    }
    setup.run(&["user", "list"]).expect(0);
    setup.run(&["events", "list"]).expect(0);
}

/// Fails unless the commands and a server work.
fn assert_works(setup: &Setup) {
    assert_commands_work(setup);
    let server = setup.start();
    assert_serves(&server);
    server.stop();
}

fn setup(url: &str) -> Setup {
    Setup::at(url).with_staff().with("VESTIBULE_DATABASE_POOL", "6")
}

#[test]
fn behind_a_pooler_in_session_mode_all_is_as_without_it() {
    let database = Database::empty();
    // A session for each connection, and one more for each server that listens.
    let pooler = Proxy::pgbouncer(&database.url(), "session", 20);
    let setup = setup(&by_way_of(&pooler, &database, ""));
    assert_works(&setup);

    let mut pair = Pair::start(setup);
    let mut streams = pair.follow(0);
    pair.volley(&mut streams, 2);
    let began = Instant::now();
    let longest = pair.volley(&mut streams, VOLLEYS);
    assert!(began.elapsed() < BY_NOTIFICATIONS, "{:?}, the longest {longest:?}", began.elapsed());
    for node in &pair.nodes {
        assert!(!node.log().contains("cannot be heard of"), "{}", node.log());
    }
}

#[test]
fn a_pooler_in_transaction_mode_that_is_not_told_of_is_refused() {
    let database = Database::empty();
    let pooler = Proxy::pgbouncer(&database.url(), "transaction", 5);
    for migrate in ["on", "off"] {
        let setup = setup(&by_way_of(&pooler, &database, "")).with("VESTIBULE_MIGRATE", migrate);
        let mut server = setup.launch();
        assert_eq!(server.wait(PATIENCE).code(), Some(3), "{}", server.log());
        assert!(server.log().contains("`pgbouncer=true`"), "{}", server.log());
        setup.run(&["migrate"]).expect_refusal(3, "`pgbouncer=true`");
        setup.run(&["user", "list"]).expect_refusal(3, "`pgbouncer=true`");
    }
}

#[test]
fn behind_a_pooler_in_transaction_mode_all_works_and_messages_from_other_nodes_come_soon() {
    let database = Database::empty();
    let pooler = Proxy::pgbouncer(&database.url(), "transaction", 5);
    let setup = setup(&by_way_of(&pooler, &database, "?pgbouncer=true"));
    assert_works(&setup);

    let mut pair = Pair::start(setup);
    let mut streams = pair.follow(0);
    let longest = pair.volley(&mut streams, 6);
    assert!(longest < BY_LOOKING, "{longest:?}");
    for node in &pair.nodes {
        let log = node.log();
        assert!(log.contains("does not pass on what is told by NOTIFY"), "{log}");
        assert!(!log.contains("a request failed"), "{log}");
    }
    // Nothing is left in a session that another transaction could meet.
    let locks = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                 WHERE locktype = 'advisory' AND datname = current_database()";
    assert_eq!(database.query(locks), "0");
}
