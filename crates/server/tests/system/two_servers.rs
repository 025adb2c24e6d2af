//! Two servers that start at the same moment on one store.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::support::{Database, PATIENCE, Server, Setup, contacts::email, within};

const ROOT: &str = "root@shop.test";
const ROOT_PASSWORD: &str = "a password for the root";

/// Starts both at once, and checks that they are one system.
fn assert_one_system(setup: &Setup) {
    let mut servers: Vec<Server> = (0..2).map(|_| setup.launch()).collect();
    for server in &mut servers {
        server.wait_until_up();
        assert_eq!(server.get("/health/ready").status, 200);
    }
    let [one, two] = servers.try_into().ok().unwrap();
    let account = one.register(&email());
    assert_eq!(two.me(&account.token), 200, "the servers have different secrets");
    for server in [&one, &two] {
        assert_eq!(server.login(ROOT, ROOT_PASSWORD), 200);
    }
    let roots = setup.run(&["user", "list", "--role", "root", "--json"]).expect(0).json();
    let roots: Vec<&Value> = roots["users"].as_array().unwrap().iter().collect();
    assert!(roots.len() == 1 && roots[0]["email"] == ROOT, "{roots:?}");
    let steps = setup.run(&["migrate", "status", "--json"]).expect(0).json();
    assert!(steps.as_array().unwrap().iter().all(|step| step["applied"] == true), "{steps}");
    one.stop();
    two.stop();
}

fn with_root(setup: Setup) -> Setup {
    setup.unlimited().with("VESTIBULE_ROOT_EMAIL", ROOT).with("VESTIBULE_ROOT_PASSWORD", ROOT_PASSWORD)
}

/// What is said to the second server on a file.
const SERVED: &str = "another server serves from the database";

#[test]
fn on_a_fresh_file_one_serves_and_the_other_is_refused() {
    let setup = with_root(Setup::sqlite());
    let mut servers: Vec<Server> = (0..2).map(|_| setup.launch()).collect();
    let mut refused = within(PATIENCE, "a refusal", || {
        let ended = servers.iter_mut().position(|server| server.ended().is_some())?;
        Some(servers.remove(ended))
    });
    assert_eq!(refused.ended(), Some(3), "{}", refused.log());
    assert!(refused.log().contains(SERVED), "{}", refused.log());
    let mut server = servers.remove(0);
    server.wait_until_up();
    assert_eq!(server.login(ROOT, ROOT_PASSWORD), 200);
    let mut files: Vec<String> =
        fs::read_dir(setup.data_dir()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|file| !file.ends_with("-wal") && !file.ends_with("-shm"));
    files.sort();
    let expected =
        ["initialised", "secret", "vestibule.db", "vestibule.db-lock", "vestibule.db-server", "vestibule.db.blobs"];
    assert_eq!(files, expected);
    for file in files {
        let mode = fs::metadata(setup.data_dir().join(&file)).unwrap().permissions().mode();
        let expected = if file == "vestibule.db.blobs" { 0o700 } else { 0o600 };
        assert_eq!(mode & 0o777, expected, "{file}");
    }
    server.stop();
}

#[test]
fn on_a_file_that_is_served_commands_work_and_another_path_to_it_is_refused() {
    let setup = with_root(Setup::sqlite());
    let mut server = setup.start();
    for command in [&["user", "list"][..], &["migrate"], &["migrate", "status"], &["events", "list"]] {
        setup.run(command).expect(0);
    }
    let path = setup.path("another name.db");
    std::os::unix::fs::symlink(setup.database_file(), &path).unwrap();
    let by_another_path = Setup::sqlite().with("DATABASE_URL", format!("sqlite://{}", path.display()));
    let secret = fs::read_to_string(setup.data_dir().join("secret")).unwrap();
    by_another_path.with("VESTIBULE_SECRET", secret.trim()).run(&["serve"]).expect_refusal(3, SERVED);
    server.kill();
    server.wait(PATIENCE);
    setup.start().stop();
}

#[test]
fn on_a_fresh_database_they_share_a_root() {
    let database = Database::empty();
    assert_one_system(&with_root(Setup::postgres(&database)));
    assert_eq!(database.query("SELECT count(*) FROM accounts WHERE role = 'root'"), "1");
}
