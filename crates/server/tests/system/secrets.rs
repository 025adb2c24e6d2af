//! A store that was used with another secret than the server has.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};

use vestibule_testkit::PostgresCluster;

use crate::support::{
    Database, PATIENCE, Server, Setup,
    contacts::{email, me},
};

const OTHER: &str = "another secret, of a node that was set up by somebody else";
const REFUSAL: &str = "the store was used with another secret than the configured one";

/// The outcome of a start that is refused, and of one after the new secret was adopted.
fn assert_noticed(first: &Setup, other: &Setup, beside: &str) {
    let server = first.start();
    let account = server.register(&email());
    other.run(&["serve"]).expect_refusal(3, beside);
    assert_eq!(server.me(&account.token), 200, "the refused one has changed something");
    server.stop();
    other.run(&["serve"]).expect_refusal(3, REFUSAL);
    first.start().stop();

    other.run(&["secret", "adopt"]).expect_refusal(2, "--yes");
    other.run(&["serve"]).expect_refusal(3, "run `vestibule secret adopt --yes`");
    let told = other.run(&["secret", "adopt", "--yes"]).expect(0).stdout;
    assert!(told.contains("codes, links and waiting mail of another one are void"), "{told}");
    first.run(&["serve"]).expect_refusal(3, REFUSAL);
    let server = other.start();
    assert_eq!(server.call(&me(&account.token)).status, 401, "a token of before");
    assert_eq!(server.login(&account.email, crate::support::PASSWORD), 200);
    server.stop();
}

#[test]
fn on_postgres_a_node_with_another_secret_does_not_start() {
    let database = Database::empty();
    let first = Setup::postgres(&database).unlimited();
    let other = Setup::postgres(&database).unlimited().with("VESTIBULE_SECRET", OTHER);
    assert_noticed(&first, &other, REFUSAL);
    assert_eq!(database.query("SELECT count(*) FROM secret_fingerprint"), "1");
    let kept = database.query("SELECT convert_from(digest, 'LATIN1') FROM secret_fingerprint");
    assert!(!kept.contains("secret"), "{kept}");
}

#[test]
fn on_a_file_a_changed_secret_does_not_start() {
    let first = Setup::sqlite().unlimited().with("VESTIBULE_SECRET", crate::support::setup::SECRET);
    let url = format!("sqlite://{}", first.database_file().display());
    let other = Setup::sqlite().unlimited().with("DATABASE_URL", url).with("VESTIBULE_SECRET", OTHER);
    assert_noticed(&first, &other, "another server serves");
}

#[test]
fn a_new_secret_in_the_data_directory_is_refused_until_it_is_adopted() {
    let setup = Setup::sqlite();
    setup.start().stop();
    let secret = setup.data_dir().join("secret");
    fs::write(&secret, OTHER).unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    setup.run(&["serve"]).expect_refusal(3, REFUSAL);
    let adopted = setup.run(&["secret", "adopt", "--yes", "--json"]).expect(0).json();
    assert_eq!(adopted, serde_json::json!({ "adopted": true, "servers": [] }));
    setup.start().stop();
}

#[test]
fn of_two_first_starts_with_different_secrets_one_is_refused() {
    let database = Database::empty();
    let setups = [Setup::postgres(&database), Setup::postgres(&database).with("VESTIBULE_SECRET", OTHER)];
    let mut servers: Vec<Server> = setups.iter().map(Setup::launch).collect();
    let refused = crate::support::within(PATIENCE, "the refusal of one", || {
        servers.iter_mut().position(|server| server.ended().is_some())
    });
    assert_eq!(servers[refused].ended(), Some(3), "{}", servers[refused].log());
    assert!(servers[refused].log().contains(REFUSAL), "{}", servers[refused].log());
    let mut winner = servers.swap_remove(1 - refused);
    winner.wait_until_up();
    winner.stop();
}

#[test]
fn a_node_that_finds_out_late_ends() {
    let mut cluster = PostgresCluster::start();
    Setup::at(cluster.url()).start().stop();
    cluster.order("halt");
    let mut server = Setup::at(cluster.url()).with("VESTIBULE_SECRET", OTHER).start();
    cluster.order("resume");
    let status = server.wait(PATIENCE);
    assert_eq!(status.code(), Some(3), "{}", server.log());
    assert!(server.log().contains(REFUSAL), "{}", server.log());
}

#[test]
fn the_memory_store_has_nothing_to_adopt() {
    Setup::memory().run(&["secret", "adopt", "--yes"]).expect_refusal(3, "there is nothing to adopt");
}

#[test]
fn no_core_file_and_no_other_process_can_show_the_secret() {
    let server = Setup::memory().unprivileged().start();
    let limits = fs::read_to_string(server.proc("limits")).unwrap();
    let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let sizes: Vec<_> = cores.split_whitespace().filter(|word| word.parse::<u64>().is_ok()).collect();
    assert_eq!(sizes, ["0", "0"], "{cores}");
    // The files of a traceable process there belong to its user.
    let owner = |path: std::path::PathBuf| std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap());
    assert_eq!(owner(server.proc("mem")), 0);
    if rustix::process::getuid().is_root() {
        assert_ne!(owner(server.proc("task")), 0, "what shows who runs the process, and is not kept from anyone");
    }
}

/// Fails unless a node ends within some seconds once the store has another secret, and takes no token of its own any more.
fn assert_ended_by_adoption(first: &Setup, other: &Setup) {
    let mut server = first.start();
    let account = server.register(&email());
    let connection = server.connect();
    let told = other.run(&["secret", "adopt", "--yes"]).expect(0).stdout;
    let adopted = Instant::now();
    assert!(told.contains("running servers: "), "{told}");
    let status = server.wait(PATIENCE);
    assert!(adopted.elapsed() < Duration::from_secs(5), "{:?}", adopted.elapsed());
    assert_eq!(status.code(), Some(3), "{}", server.log());
    assert!(server.log().contains(REFUSAL), "{}", server.log());
    drop(connection);
    assert!(server.try_call(&me(&account.token)).is_err());
}

#[test]
fn a_node_that_runs_while_another_secret_is_adopted_stops_serving() {
    let first = Setup::sqlite().unlimited().with("VESTIBULE_SECRET", crate::support::setup::SECRET);
    let url = format!("sqlite://{}", first.database_file().display());
    let other = Setup::sqlite().unlimited().with("DATABASE_URL", url).with("VESTIBULE_SECRET", OTHER);
    assert_ended_by_adoption(&first, &other);
    let database = Database::empty();
    let on_postgres = || Setup::postgres(&database).unlimited();
    assert_ended_by_adoption(&on_postgres(), &on_postgres().with("VESTIBULE_SECRET", OTHER));
}

#[test]
fn readiness_tells_that_the_secret_is_another_one() {
    let database = Database::empty();
    let server = Setup::postgres(&database).start();
    // As if it was adopted: the node tells so until it has ended.
    database.query("UPDATE secret_fingerprint SET digest = sha256('another')");
    let ready = server.get("/health/ready");
    assert_eq!((ready.status, &ready.json()["secret"]), (503, &serde_json::json!("another")), "{ready:?}");
}
