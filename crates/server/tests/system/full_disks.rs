//! A store whose disk is full: reads go on, writes get 503, and load balancers are told.

use std::time::Duration;

use vestibule_testkit::PostgresCluster;

use crate::support::{
    PATIENCE, Server, Setup, SmallDisk, assert_failed,
    contacts::{email, registration},
    postgres, within,
};

/// The longest that readiness takes to notice.
const NOTICED: Duration = Duration::from_secs(20);

fn ready(server: &Server) -> u16 {
    server.get("/health/ready").status
}

fn assert_noticed(server: &Server, disk: &SmallDisk) {
    let token = server.register(&email()).token;
    assert_eq!(ready(server), 200);
    disk.fill();
    // Without any write that is refused.
    within(NOTICED, "unreadiness", || (ready(server) == 503).then_some(()));
    let refused = within(PATIENCE, "a refused write", || {
        Some(server.call(&registration(&email()))).filter(|reply| reply.status != 201)
    });
    assert_failed(&refused, 503, "Service unavailable");
    assert_eq!(ready(server), 503);
    assert_eq!(server.me(&token), 200);
    disk.empty();
    within(NOTICED, "readiness", || (ready(server) == 200).then_some(()));
    server.register(&email());
}

#[test]
fn a_full_disk_under_a_sqlite_file_makes_the_server_unready_until_there_is_room() {
    let disk = SmallDisk::of_megabytes(8);
    let data = disk.path().join("data").display().to_string();
    let server = Setup::sqlite().unlimited().with("VESTIBULE_DATA_DIR", data).start();
    assert_noticed(&server, &disk);
    server.stop();
}

#[test]
fn a_full_disk_under_postgresql_makes_the_server_unready_until_there_is_room() {
    let disk = SmallDisk::of_megabytes(32);
    disk.hand_to_postgres();
    let cluster = PostgresCluster::start();
    postgres::query(cluster.url(), &format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display()));
    postgres::query(cluster.url(), "CREATE DATABASE small TABLESPACE small");
    let url = cluster.url().rsplit_once('/').unwrap().0.to_owned() + "/small";
    let server = Setup::at(&url).unlimited().start();
    assert_noticed(&server, &disk);
    server.stop();
}
