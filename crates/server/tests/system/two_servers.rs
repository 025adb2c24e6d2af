//! Two servers that start at the same moment on one store.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::support::{Database, Server, Setup, contacts::email};

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

#[test]
fn on_a_fresh_file_they_share_a_secret_and_a_root() {
    let setup = with_root(Setup::sqlite());
    assert_one_system(&setup);
    let mut files: Vec<String> =
        fs::read_dir(setup.data_dir()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["initialised", "secret", "vestibule.db", "vestibule.db-lock", "vestibule.db.blobs"]);
    for file in files {
        let mode = fs::metadata(setup.data_dir().join(&file)).unwrap().permissions().mode();
        let expected = if file == "vestibule.db.blobs" { 0o700 } else { 0o600 };
        assert_eq!(mode & 0o777, expected, "{file}");
    }
}

#[test]
fn on_a_fresh_database_they_share_a_root() {
    let database = Database::empty();
    assert_one_system(&with_root(Setup::postgres(&database)));
    assert_eq!(database.query("SELECT count(*) FROM accounts WHERE role = 'root'"), "1");
}
