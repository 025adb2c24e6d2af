//! Stores that answer and are not to be worked on.

use crate::support::{Database, PATIENCE, Setup};

/// Every command that opens the store.
const COMMANDS: [&[&str]; 6] = [
    &["migrate"],
    &["migrate", "status"],
    &["user", "list"],
    &["events", "list"],
    &["secret", "adopt", "--yes"],
    &["mail", "test", "--to", "alice@example.com"],
];

/// Fails unless the server and every command end with the code of a wrong configuration, and say this.
fn assert_refused_everywhere(setup: &Setup, words: &str) {
    let mut server = setup.launch();
    assert_eq!(server.wait(PATIENCE).code(), Some(3), "{}", server.log());
    assert!(server.log().contains(words), "{}", server.log());
    for command in COMMANDS {
        setup.run(command).expect_refusal(3, words);
    }
}

#[test]
fn a_database_that_is_not_in_utf8_is_refused_with_what_to_do() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let database = Database::made(&format!("ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"));
        for migrate in ["on", "off"] {
            let setup = Setup::postgres(&database).with("VESTIBULE_MIGRATE", migrate);
            assert_refused_everywhere(&setup, "ENCODING 'UTF8' TEMPLATE template0");
        }
        assert_eq!(database.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
    }
}
