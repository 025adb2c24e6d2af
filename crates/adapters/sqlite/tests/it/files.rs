//! One file: made, shared, missing, replaced, damaged.

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use tokio::sync::Barrier;
use vestibule_domain::Account;
use vestibule_ports::{AccountFilter, PoolUsage, Store, StoreError};
use vestibule_sqlite::{SqliteOptions, SqliteStore};
use vestibule_testkit::AccountBuilder;

use crate::{database, open};

async fn insert(store: &SqliteStore, number: u32) -> Account {
    let account = AccountBuilder::numbered(number).build();
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&account).await.unwrap();
    unit.commit().await.unwrap();
    account
}

async fn find(store: &SqliteStore, account: &Account) -> Result<Option<Account>, StoreError> {
    store.read().accounts().find(account.id()).await
}

/// An error and what caused it, as one text.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

/// Renames a database with its log, as an operator does who knows SQLite.
fn rename(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let with_suffix = |path: &Path| format!("{}{suffix}", path.display());
        let _ = std::fs::remove_file(with_suffix(to));
        let _ = std::fs::rename(with_suffix(from), with_suffix(to));
    }
}

#[tokio::test]
async fn a_missing_file_is_refused_and_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let error = SqliteStore::open(&path, SqliteOptions::default()).await.err().unwrap();
    assert!(chain(&error).contains("there is no database at"), "{}", chain(&error));
    assert!(chain(&error).contains(path.to_str().unwrap()), "{}", chain(&error));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_and_its_log_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let store = open(&database(&directory)).await;
    insert(&store, 1).await;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{names:?}");
    }
    names.sort();
    assert_eq!(names, ["vestibule.db", "vestibule.db-lock", "vestibule.db-shm", "vestibule.db-wal"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stores_that_start_at_once_on_a_new_file_all_migrate_it() {
    let directory = tempfile::tempdir().unwrap();
    let start = Arc::new(Barrier::new(8));
    let starting = (0..8).map(|number| {
        let (start, path) = (Arc::clone(&start), database(&directory));
        tokio::spawn(async move {
            start.wait().await;
            let store = open(&path).await;
            insert(&store, number).await;
            store.close().await;
        })
    });
    for started in starting.collect::<Vec<_>>() {
        started.await.unwrap();
    }
    let store = open(&database(&directory)).await;
    assert_eq!(store.read().accounts().count(AccountFilter::default()).await.unwrap(), 8);
}

#[tokio::test]
async fn a_second_store_on_the_file_sees_each_commit_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let one = open(&database(&directory)).await;
    let other = open(&database(&directory)).await;
    for number in 0..50 {
        let (writer, reader) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let account = insert(writer, number).await;
        assert_eq!(find(reader, &account).await.unwrap().as_ref(), Some(&account));
    }
}

#[tokio::test]
async fn a_file_without_its_schema_is_unavailable_until_somebody_migrates_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let options = SqliteOptions { create: true, ..SqliteOptions::default() };
    let store = SqliteStore::open(&path, options).await.unwrap();
    let account = AccountBuilder::numbered(1).build();

    let read = find(&store, &account).await;
    assert!(chain(read.as_ref().unwrap_err()).contains("has not been migrated"));
    assert!(is_unavailable(&read));
    assert!(is_unavailable(&store.write().await));
    assert!(store.migrations().await.unwrap().iter().all(|migration| !migration.applied));

    open(&path).await.close().await;
    assert_eq!(find(&store, &account).await.unwrap(), None);
    assert!(store.write().await.is_ok());
    assert!(store.migrations().await.unwrap().iter().all(|migration| migration.applied));
}

#[tokio::test]
async fn a_file_that_is_moved_away_is_unavailable_until_it_is_back() {
    let directory = tempfile::tempdir().unwrap();
    let (path, elsewhere) = (database(&directory), directory.path().join("elsewhere.db"));
    let store = open(&path).await;
    let account = insert(&store, 1).await;
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&AccountBuilder::numbered(2).build()).await.unwrap();

    rename(&path, &elsewhere);
    assert!(is_unavailable(&unit.commit().await), "what is written to a lost file must not be acknowledged");
    assert!(is_unavailable(&find(&store, &account).await));
    assert!(is_unavailable(&store.write().await));
    assert!(is_unavailable(&store.ping().await));
    assert!(!path.exists(), "a lost database must not come back empty");

    rename(&elsewhere, &path);
    assert_eq!(find(&store, &account).await.unwrap().as_ref(), Some(&account));
    assert_eq!(store.read().accounts().count(AccountFilter::default()).await.unwrap(), 1);
    insert(&store, 3).await;
}

#[tokio::test]
async fn a_file_put_in_the_place_of_another_is_used_from_the_next_look_on() {
    let directory = tempfile::tempdir().unwrap();
    let (path, backup) = (database(&directory), directory.path().join("backup.db"));
    let other = open(&backup).await;
    let kept = insert(&other, 1).await;
    other.close().await;
    let store = open(&path).await;
    let lost = insert(&store, 2).await;

    rename(&backup, &path);
    store.ping().await.unwrap();
    assert_eq!(find(&store, &kept).await.unwrap().as_ref(), Some(&kept));
    assert_eq!(find(&store, &lost).await.unwrap(), None);
    let added = insert(&store, 3).await;
    store.close().await;

    let store = open(&path).await;
    assert_eq!(find(&store, &kept).await.unwrap().as_ref(), Some(&kept));
    assert_eq!(find(&store, &added).await.unwrap().as_ref(), Some(&added));
}

#[tokio::test]
async fn a_file_that_goes_while_there_are_only_reads_is_missed_soon() {
    let directory = tempfile::tempdir().unwrap();
    let (path, elsewhere) = (database(&directory), directory.path().join("elsewhere.db"));
    let store = open(&path).await;
    let account = insert(&store, 1).await;

    rename(&path, &elsewhere);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(is_unavailable(&find(&store, &account).await));

    rename(&elsewhere, &path);
    assert_eq!(find(&store, &account).await.unwrap().as_ref(), Some(&account));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_with_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(database(&directory), "not a database ".repeat(1_000)).unwrap();
    let error = SqliteStore::open(&database(&directory), SqliteOptions::default()).await.err().unwrap();
    assert!(matches!(error, StoreError::Unfit(_)));
    assert!(chain(&error).contains("from a backup"), "{}", chain(&error));
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_refused_with_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("nowhere").join("vestibule.db");
    let options = SqliteOptions { create: true, ..SqliteOptions::default() };
    let error = SqliteStore::open(&path, options).await.err().unwrap();
    assert!(chain(&error).contains(path.to_str().unwrap()), "{}", chain(&error));
}

#[tokio::test]
async fn a_closed_store_is_unavailable_and_leaves_no_log() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&database(&directory)).await;
    let account = insert(&store, 1).await;
    store.close().await;
    store.close().await;
    assert!(is_unavailable(&find(&store, &account).await));
    assert!(is_unavailable(&store.write().await));
    assert_eq!(store.pool_usage(), PoolUsage { open: 0, idle: 0, limit: 9, writers: 1 });
    assert!(!directory.path().join("vestibule.db-wal").exists());
}
