//! Everything from one store into another, by the commands and beside them.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use vestibule_conformance::{copy, everything, furnish};
use vestibule_memory::MemoryStore;
use vestibule_ports::Store;
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_sqlite::{SqliteOptions, SqliteStore};

use crate::support::{Database, PASSWORD, Setup, contacts::email, setup::SECRET};

async fn sqlite(path: &Path) -> Arc<dyn Store> {
    let store = SqliteStore::open(path, SqliteOptions { create: true, ..SqliteOptions::default() }).await.unwrap();
    store.migrate().await.unwrap();
    Arc::new(store)
}

fn on_runtime(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work);
}

/// An installation on SQLite with something of everything; the address of an account that can sign in.
fn installation() -> (Setup, String) {
    let setup = Setup::sqlite().with("VESTIBULE_SECRET", SECRET).unlimited();
    let server = setup.start();
    let account = server.register(&email());
    server.stop();
    // What the suite writes includes a fingerprint of no secret; `secret adopt` puts that right.
    let path = setup.database_file();
    on_runtime(async {
        let store = sqlite(&path).await;
        furnish(&store).await;
        store.close().await;
    });
    setup.run(&["secret", "adopt", "--yes"]).expect(0);
    (setup, account.email)
}

fn on_sqlite() -> Setup {
    Setup::sqlite().with("VESTIBULE_SECRET", SECRET).unlimited()
}

#[test]
fn an_installation_moves_from_sqlite_to_postgresql_and_back() {
    let (first, address) = installation();
    let database = Database::empty();
    let (second, third) = (Setup::postgres(&database).unlimited(), on_sqlite());
    let files = ["first.jsonl", "second.jsonl", "third.jsonl"].map(|name| first.path(name).display().to_string());
    let told = first.run(&["store", "export", &files[0]]).expect(0).stdout;
    assert!(told.starts_with("exported ") && told.contains("  account\n"), "{told}");
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    let told = second.run(&["store", "import", &files[0], "--json"]).expect(0).json();
    assert_eq!(told["kinds"]["account"], 4, "{told}");
    second.run(&["store", "export", &files[1]]).expect(0);
    third.run(&["store", "import", &files[1]]).expect(0);
    let outcome = third.run(&["store", "export", "-"]).expect(0);
    assert!(outcome.stderr.starts_with("exported "), "{}", outcome.stderr);
    let [one, other] = [&files[0], &files[1]].map(|file| fs::read_to_string(file).unwrap());
    assert!(one == other, "what PostgreSQL gives is not what SQLite gave");
    assert!(one == outcome.stdout, "what came back to SQLite is not what it gave");
    for setup in [second, third] {
        let server = setup.start();
        assert_eq!(server.login(&address, PASSWORD), 200);
        assert_eq!(server.get("/health/ready").status, 200);
        server.stop();
    }
}

#[test]
fn everything_is_the_same_in_each_of_the_three_stores() {
    let (directory, database) = (tempfile::tempdir().unwrap(), Database::empty());
    on_runtime(async {
        let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let sqlite = sqlite(&directory.path().join("vestibule.db")).await;
        let postgres = PostgresStore::connect_lazy(&database.url(), PostgresOptions::default()).unwrap();
        postgres.migrate().await.unwrap();
        let postgres: Arc<dyn Store> = Arc::new(postgres);
        let again: Arc<dyn Store> = Arc::new(MemoryStore::new());
        furnish(&memory).await;
        let expected = everything(&memory).await;
        for [from, to] in [[&memory, &postgres], [&postgres, &sqlite], [&sqlite, &again]] {
            copy(from, to).await;
            let found = everything(to).await;
            assert_eq!(found.len(), expected.len());
            let differs = expected.iter().zip(&found).find(|(expected, found)| expected != found);
            assert!(differs.is_none(), "{:?}", differs.map(|(expected, _)| (expected.kind(), expected.key())));
        }
        postgres.close().await;
    });
}

#[test]
fn an_export_replaces_a_file_only_if_told_to() {
    let setup = Setup::sqlite();
    let file = setup.path("export.jsonl").display().to_string();
    let partial = setup.path("export.jsonl.partial");
    setup.run(&["store", "export", &file]).expect_refusal(3, "there is no database at");
    setup.run(&["migrate"]).expect(0);
    fs::write(&file, "precious").unwrap();
    setup.run(&["store", "export", &file]).expect_refusal(6, "exists: choose another file, or use --overwrite");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    fs::write(&partial, "").unwrap();
    setup.run(&["store", "export", &file, "--overwrite"]).expect_refusal(1, "another export to this file is running");
    fs::remove_file(&partial).unwrap();
    setup.run(&["store", "export", &file, "--overwrite"]).expect(0);
    assert!(fs::read_to_string(&file).unwrap().starts_with("{\"record\":\"header\","));
    assert!(!partial.exists());
    let nowhere = setup.path("nowhere/export.jsonl").display().to_string();
    setup.run(&["store", "export", &nowhere]).expect_refusal(1, "cannot be written");
}

#[test]
fn an_import_that_is_refused_says_why_and_changes_nothing() {
    let (from, _) = installation();
    let export = from.run(&["store", "export", "-"]).expect(0).stdout;
    let to = on_sqlite();
    let import = ["store", "import", "-"];
    let cut = &export[..export.len() / 2];
    to.run_with_input(&import, cut).expect_refusal(1, "cut off");
    to.run_with_input(&import, &export.replace("\"version\":1", "\"version\":7")).expect_refusal(1, "has version 7");
    to.run_with_input(&import, &export.replacen("Duckburg", "Gooseburg", 1)).expect_refusal(1, "was changed");
    to.run_with_input(&import, "").expect_refusal(1, "this is no export");
    to.run(&["store", "import", "/nonexistent"]).expect_refusal(1, "cannot be read");
    let other = Setup::sqlite().with("VESTIBULE_SECRET", "another secret, of another installation");
    other.run_with_input(&import, &export).expect_refusal(3, "with another secret than the configured one");
    let unmigrated = Setup::sqlite().with("VESTIBULE_SECRET", SECRET).with("VESTIBULE_MIGRATE", "off");
    unmigrated.run_with_input(&import, &export).expect_refusal(4, "vestibule migrate");
    from.run_with_input(&import, &export).expect_refusal(6, "the store is not empty");
    Setup::memory().run_with_input(&import, &export).expect_refusal(3, "the memory store is inside the server");
    // None of that has left anything.
    to.run_with_input(&import, &export).expect(0);
    assert!(to.run(&["store", "export", "-"]).expect(0).stdout == export);
}

#[test]
fn an_export_beside_a_server_says_that_it_runs() {
    let setup = Setup::sqlite();
    let server = setup.start();
    let outcome = setup.run(&["store", "export", "-"]).expect(0);
    assert!(outcome.stderr.contains("running servers: process "), "{}", outcome.stderr);
    server.stop();
}
