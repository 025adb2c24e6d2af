//! A PostgreSQL server that is unreachable at first, comes, vanishes and returns.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use vestibule_testkit::PostgresCluster;

use crate::support::{
    Database, PATIENCE, Reply, Request, Server, Setup, assert_failed,
    contacts::{email, forgot_password, login, me, registration},
    postgres, within,
};

/// What the server has to be used again after the store is back.
const RECOVERY: Duration = Duration::from_secs(5);

/// A request to each public door, and to one behind a token.
fn every_request(token: &str) -> [Request; 5] {
    [
        registration(&email()),
        login("alice@example.com", "whatever it is"),
        forgot_password("alice@example.com"),
        me(token),
        Request::post("/api/auth/check-registered", &json!({ "identifiers": ["a@b.test"] })).bearer(token),
    ]
}

fn assert_away(server: &Server, token: &str) {
    let live = server.get("/health/live");
    assert_eq!((live.status, live.json()), (200, json!({ "status": "live" })));
    let ready = server.get("/health/ready");
    assert_eq!((ready.status, ready.header("retry-after")), (503, Some("5")), "{ready:?}");
    assert_eq!(ready.json(), json!({ "status": "unready", "store": "unavailable" }));
    // Each waits for the store, all of them together.
    thread::scope(|scope| {
        for request in every_request(token) {
            scope.spawn(move || assert_failed(&server.call(&request), 503, "Service unavailable"));
        }
    });
    let mailbox = server.get("/dev/mailbox");
    assert_eq!(
        (mailbox.status, mailbox.header("content-type")),
        (503, Some("application/problem+json")),
        "{mailbox:?}"
    );
    assert!(mailbox.header("retry-after").is_some(), "{mailbox:?}");
}

#[test]
fn a_server_starts_without_its_store_and_serves_once_that_is_there() {
    let mut cluster = PostgresCluster::start();
    let setup = Setup::at(cluster.url()).unlimited();
    let server = setup.start();
    let token = server.register(&email()).token;
    server.stop();
    // The schema goes too: the server brings it back by itself.
    let psql = |sql: &str| postgres::query(cluster.url(), sql);
    psql("DROP SCHEMA public CASCADE");
    psql("CREATE SCHEMA public");
    cluster.order("halt");

    let server = setup.start();
    assert_eq!(server.fact("root"), "not known yet: the store is not ready");
    assert_away(&server, &token);
    setup.run(&["user", "list"]).expect_refusal(4, "DATABASE_URL");
    setup.run(&["migrate", "status"]).expect_refusal(4, "DATABASE_URL");

    cluster.order("resume");
    within(RECOVERY, "readiness", || (server.get("/health/ready").status == 200).then_some(()));
    let account = server.register(&email());
    assert_eq!(server.me(&account.token), 200);
    // Signed for an account that no longer exists.
    assert_failed(&server.call(&me(&token)), 404, "User not found");
    server.stop();
}

#[test]
fn a_store_that_goes_away_under_load_is_told_as_such_and_used_again() {
    let mut cluster = PostgresCluster::start();
    let server = Setup::at(cluster.url()).unlimited().start();
    let token = server.register(&email()).token;
    let (done, good, away) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    let count = |reply: &Reply| match reply.status {
        200 | 201 => good.fetch_add(1, Ordering::SeqCst),
        _ => {
            assert_failed(reply, 503, "Service unavailable");
            away.fetch_add(1, Ordering::SeqCst)
        }
    };
    thread::scope(|scope| {
        for client in 0..4 {
            let (server, token, done, count) = (&server, &token, &done, &count);
            scope.spawn(move || {
                while !done.load(Ordering::SeqCst) {
                    let request = if client == 0 { registration(&email()) } else { me(token) };
                    count(&server.call(&request));
                }
            });
        }
        // Whatever fails here, the clients have to end.
        let outage = thread::scope(|scope| {
            scope
                .spawn(|| {
                    within(PATIENCE, "load", || (good.load(Ordering::SeqCst) > 100).then_some(()));
                    cluster.order("halt");
                    within(PATIENCE, "refusals", || (away.load(Ordering::SeqCst) >= 8).then_some(()));
                    cluster.order("resume");
                    let returned = Instant::now();
                    let before = good.load(Ordering::SeqCst);
                    within(RECOVERY, "use", || (good.load(Ordering::SeqCst) > before + 20).then_some(()));
                    within(RECOVERY, "readiness", || (server.get("/health/ready").status == 200).then_some(()));
                    assert!(returned.elapsed() < RECOVERY, "{:?}", returned.elapsed());
                })
                .join()
        });
        done.store(true, Ordering::SeqCst);
        outage.unwrap();
    });
    server.stop();
}

#[test]
fn a_store_that_takes_no_writes_is_not_ready_and_serves_reads() {
    let database = Database::empty();
    let server = Setup::at(&database.url()).unlimited().start();
    let token = server.register(&email()).token;
    // Only for later sessions: the shared test server stays as it is. Present sessions are ended once the change is
    // committed, so every later one has the new setting.
    let fence = |change: &str| {
        let alter = format!(
            "SET transaction_read_only = off;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {change}', current_database()); END $$"
        );
        postgres::query(&database.url(), &alter);
        let terminated = "SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
        assert_ne!(postgres::query(&database.url(), terminated), "f");
    };
    fence("SET default_transaction_read_only = on");
    let ready = server.get("/health/ready");
    assert_eq!((ready.status, ready.header("retry-after")), (503, Some("5")), "{ready:?}");
    assert_eq!(ready.json(), json!({ "status": "unready", "store": "unavailable" }));
    within(PATIENCE, "the cause", || server.log().contains("takes no writes").then_some(()));
    assert_failed(&server.call(&registration(&email())), 503, "Service unavailable");
    assert_eq!(server.me(&token), 200);

    fence("RESET default_transaction_read_only");
    server.register(&email());
    assert_eq!(server.get("/health/ready").status, 200);
    server.stop();
}

#[test]
fn a_store_that_accepts_connections_and_says_nothing_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://nobody@{}/nothing", listener.local_addr().unwrap());
    let began = Instant::now();
    let server = Setup::at(&url).unlimited().start();
    assert_failed(&server.call(&forgot_password("alice@example.com")), 503, "Service unavailable");
    assert_eq!(server.get("/health/ready").status, 503);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    server.stop();
}

#[test]
fn an_outage_has_a_line_at_its_beginning_and_one_at_its_end() {
    let mut cluster = PostgresCluster::start();
    let server = Setup::at(cluster.url()).unlimited().start();
    let token = server.register(&email()).token;
    let lines = |message: &str| {
        let all = server.log_lines();
        all.into_iter().filter(|line| line["message"].as_str().unwrap().starts_with(message)).collect::<Vec<_>>()
    };
    cluster.order("halt");
    within(PATIENCE, "the beginning", || (!lines("the store cannot be used").is_empty()).then_some(()));
    // Requests and health checks meanwhile log nothing more.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(7) {
        assert_eq!(server.get("/health/ready").status, 503);
        assert_eq!(server.me(&token), 503);
        thread::sleep(Duration::from_millis(200));
    }
    cluster.order("resume");
    within(PATIENCE, "the end", || (!lines("the store is back").is_empty()).then_some(()));
    let beginning = lines("the store cannot be used");
    assert_eq!((beginning.len(), &beginning[0]["level"]), (1, &json!("ERROR")), "{beginning:?}");
    assert!(beginning[0]["error"].as_str().unwrap().contains("refused"), "{beginning:?}");
    let end = lines("the store is back");
    assert!(end.len() == 1 && end[0]["seconds"].as_u64().unwrap() >= 6, "{end:?}");
    // Of the driver there is one for each connection that breaks.
    let is_loud = |line: &Value| line["level"] != "INFO" && line["target"].as_str().unwrap().starts_with("vestibule");
    let loud: Vec<Value> = server.log_lines().into_iter().filter(is_loud).collect();
    // Two about the settings, one about the other nodes, the beginning, and one of the requests.
    assert!(loud.len() <= 5, "{loud:#?}");
    server.stop();
}
