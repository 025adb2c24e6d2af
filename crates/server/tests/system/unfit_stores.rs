//! Stores that answer and are not to be worked on.

use std::process::Command;

use vestibule_testkit::PostgresCluster;

use crate::support::{Database, PATIENCE, Setup, postgres};

/// Every command that opens the store.
const COMMANDS: [&[&str]; 8] = [
    &["migrate"],
    &["migrate", "status"],
    &["user", "list"],
    &["events", "list"],
    &["secret", "adopt", "--yes"],
    &["mail", "test", "--to", "alice@example.com"],
    &["mail", "list"],
    &["store", "import", "-"],
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

/// Changes a SQLite file past the server.
fn change(setup: &Setup, sql: &str) {
    let python = std::env::var("VESTIBULE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
    let file = setup.database_file();
    let status = Command::new(python).args(["-c", script]).arg(file).arg(sql).status().unwrap();
    assert!(status.success(), "{sql}");
}

const NEWER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (9999, 'of a later version', true, '', 0)";

#[test]
fn a_store_that_is_newer_than_the_program_is_refused() {
    let database = Database::empty();
    for (setup, is_file) in [(Setup::sqlite(), true), (Setup::postgres(&database), false)] {
        setup.run(&["migrate"]).expect(0);
        if is_file {
            change(&setup, NEWER);
        } else {
            database.query(NEWER);
        }
        let told = setup.run(&["migrate", "status"]).expect(0).stdout;
        assert!(told.contains("\nunknown  9999  of a later version"), "{told}");
        let told = setup.run(&["migrate", "status", "--json"]).expect(0).json();
        assert_eq!((&told[1]["version"], &told[1]["known"]), (&9999.into(), &false.into()), "{told}");
        for migrate in ["on", "off"] {
            let setup = setup.again().with("VESTIBULE_MIGRATE", migrate);
            let words = "the database is newer than this program: step 9999";
            let mut server = setup.launch();
            assert_eq!(server.wait(PATIENCE).code(), Some(3), "{}", server.log());
            assert!(server.log().contains(words), "{}", server.log());
            for command in COMMANDS.iter().filter(|command| **command != ["migrate", "status"]) {
                setup.run(command).expect_refusal(3, words);
            }
        }
    }
}

#[test]
fn a_store_of_another_version_in_development_is_refused() {
    let setup = Setup::sqlite();
    setup.run(&["migrate"]).expect(0);
    change(&setup, "UPDATE _sqlx_migrations SET checksum = x'00'");
    setup.run(&["migrate"]).expect_refusal(3, "step 1 of the schema of the database is not that of this program");
    let off = setup.again().with("VESTIBULE_MIGRATE", "off");
    off.run(&["serve"]).expect_refusal(3, "step 1 of the schema of the database is not that of this program");
}

#[test]
fn a_role_that_does_not_own_the_database_is_refused_with_one_code_everywhere() {
    let cluster = PostgresCluster::start();
    postgres::query(cluster.url(), "CREATE ROLE guest LOGIN");
    let setup = Setup::at(&cluster.url().replace("postgres@", "guest@"));
    let told = setup.run(&["migrate"]).expect(3);
    assert!(told.stderr.contains("it must own the database") && !told.stderr.contains("at line"), "{told:?}");
    setup.run(&["user", "list"]).expect_refusal(3, "it must own the database");
    let mut server = setup.launch();
    assert_eq!(server.wait(PATIENCE).code(), Some(3), "{}", server.log());
}

#[test]
fn a_file_that_is_no_database_is_refused_with_one_code_everywhere() {
    let setup = Setup::sqlite();
    setup.start().stop();
    std::fs::write(setup.database_file(), "This is no database at all. ".repeat(500)).unwrap();
    for command in COMMANDS.into_iter().chain([&["serve"][..]]) {
        setup.run(command).expect_refusal(3, "put it back from a backup");
    }
}
