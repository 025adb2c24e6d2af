//! A database file that is lost, moved or inaccessible, and a secret that is no longer secret.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
    time::Duration,
};

use serde_json::json;

use crate::support::{
    PASSWORD, PATIENCE, Setup, assert_failed,
    contacts::{email, forgot_password, login, me, registration},
    within,
};

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_that_is_taken_away_is_told_as_such_and_used_again() {
    let setup = Setup::sqlite().unlimited();
    let server = setup.start();
    let account = server.register(&email());
    let names = ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"];
    let move_all = |from: &Path, to: &Path| {
        fs::create_dir_all(to).unwrap();
        for name in names {
            fs::rename(from.join(name), to.join(name)).unwrap();
        }
    };
    let (data, away) = (setup.data_dir(), setup.path("away"));
    move_all(&data, &away);
    // How long a read may rely on an earlier check.
    thread::sleep(Duration::from_millis(60));
    for request in
        [me(&account.token), registration(&email()), login(&account.email, PASSWORD), forgot_password(&account.email)]
    {
        assert_failed(&server.call(&request), 503, "Service unavailable");
    }
    let ready = server.get("/health/ready");
    assert_eq!((ready.status, ready.json()), (503, json!({ "status": "unready", "store": "unavailable" })));
    assert!(!setup.database_file().exists(), "a new file took the place of the lost one");

    move_all(&away, &data);
    assert_eq!(server.me(&account.token), 200);
    assert_eq!(server.login(&account.email, PASSWORD), 200);
    server.register(&email());
    assert_eq!(server.get("/health/ready").status, 200);
    server.stop();
}

#[test]
fn a_directory_that_becomes_read_only_makes_no_internal_error() {
    let setup = Setup::sqlite().unlimited().unprivileged();
    let server = setup.start();
    let account = server.register(&email());
    for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"] {
        set_mode(&setup.data_dir().join(name), 0o400);
    }
    set_mode(&setup.data_dir(), 0o500);
    for request in
        [me(&account.token), registration(&email()), login(&account.email, PASSWORD), forgot_password(&account.email)]
    {
        let reply = server.call(&request);
        // What was open stays open.
        if !matches!(reply.status, 200 | 201) {
            assert_failed(&reply, 503, "Service unavailable");
        }
    }
    // Load balancers are told, although open connections can still read.
    within(PATIENCE, "unreadiness", || (server.get("/health/ready").status == 503).then_some(()));
    set_mode(&setup.data_dir(), 0o700);
    within(PATIENCE, "readiness", || (server.get("/health/ready").status == 200).then_some(()));
    server.stop();

    // Now the file must be opened anew.
    setup.run(&["serve"]).expect_refusal(4, "vestibule.db cannot be used: Permission denied");
    set_mode(&setup.database_file(), 0o600);
    let server = setup.start();
    assert_eq!(server.me(&account.token), 200);
    server.stop();
}

#[test]
fn a_lost_file_is_not_silently_replaced() {
    let setup = Setup::sqlite();
    setup.start().stop();
    fs::remove_file(setup.database_file()).unwrap();
    for arguments in [&["serve"][..], &["user", "list"], &["migrate"]] {
        setup.run(arguments).expect_refusal(3, "was made before and is missing or empty; restore it, or delete");
        assert!(!setup.database_file().exists(), "{arguments:?}");
    }
    fs::write(setup.database_file(), "").unwrap();
    setup.run(&["serve"]).expect_refusal(3, "is missing or empty");
    fs::remove_file(setup.data_dir().join("initialised")).unwrap();
    setup.start().stop();
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let setup = Setup::sqlite();
    setup.start().stop();
    fs::write(setup.database_file(), "This is no database at all. ".repeat(500)).unwrap();
    let outcome = setup.run(&["serve"]).expect(3);
    assert!(outcome.stderr.contains("put it back from a backup"), "{outcome:?}");
}

#[test]
fn a_lost_secret_is_not_silently_replaced() {
    let setup = Setup::sqlite();
    setup.start().stop();
    let secret = setup.data_dir().join("secret");
    let kept = fs::read(&secret).unwrap();
    fs::remove_file(&secret).unwrap();
    setup.run(&["serve"]).expect_refusal(3, "is missing, but");
    assert!(!secret.exists());
    fs::write(&secret, "short").unwrap();
    set_mode(&secret, 0o600);
    setup.run(&["serve"]).expect_refusal(3, "does not hold a secret of at least 32 bytes; restore it");
    fs::write(&secret, kept).unwrap();
    setup.start().stop();
}

#[test]
fn a_secret_that_everybody_may_read_is_refused() {
    let setup = Setup::sqlite();
    setup.start().stop();
    let secret = setup.data_dir().join("secret");
    for mode in [0o644, 0o604] {
        set_mode(&secret, mode);
        setup.run(&["serve"]).expect_refusal(3, "run `chmod 600 ");
    }
    for mode in [0o640, 0o600] {
        set_mode(&secret, mode);
        setup.start().stop();
    }
}
