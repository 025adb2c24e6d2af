//! What removed accounts leave in conversations.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use crate::support::{Database, PATIENCE, Request, Setup, rococoins::called};

#[test]
fn messages_of_a_removed_account_are_erased_also_after_a_crash_and_whatever_its_dossier_is_like() {
    let database = Database::empty();
    let setup = Setup::postgres(&database).with_staff();
    let mut server = setup.start();
    let (alice, bob) = (server.customer("alice"), server.customer("bob"));
    let mut connection = server.connect();
    for person in [&alice, &bob] {
        for number in 1..=3 {
            called(&mut connection, &person.says(&person.id, "Hello", &number.to_string()));
        }
    }
    database.query(
        "INSERT INTO dossiers (account_id, fields, review_state, review)
        SELECT id, '{\"nonsense\":1}', 'draft', '{\"round\":1}' FROM accounts WHERE email = 'alice@shop.test'
        ON CONFLICT (account_id) DO UPDATE SET fields = excluded.fields",
    );
    called(&mut connection, &server.staff().asks(Request::get("/user")));
    called(&mut connection, &alice.asks(Request::get(format!("/user/{}", alice.id)).method("DELETE")));
    server.kill();
    server.wait(PATIENCE);
    let server = setup.start();
    let began = Instant::now();
    while database.query("SELECT count(*) FROM messages") != "3" {
        assert!(began.elapsed() < PATIENCE, "{}", server.log());
        sleep(Duration::from_millis(20));
    }
    assert_eq!(database.query("SELECT count(account_id) || ' of ' || count(*) FROM conversations"), "1 of 1");
    server.stop();
}
