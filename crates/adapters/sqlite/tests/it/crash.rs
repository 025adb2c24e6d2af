//! Whatever a killed process has acknowledged is there afterwards.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::Arc,
};

use vestibule_domain::AccountId;
use vestibule_ports::{AccountFilter, Store, StoreError};
use vestibule_sqlite::SqliteStore;
use vestibule_testkit::AccountBuilder;

use crate::{database, open};

/// Tells the killed process where the database is.
const VICTIM: &str = "VESTIBULE_TEST_VICTIM";
/// What it prints before the id of each account that it has committed.
const ACKNOWLEDGED: &str = "acknowledged ";
/// How many concurrent units it has, which share commits.
const WRITERS: u32 = 8;
/// After how many acknowledged accounts it is killed.
const ENOUGH: usize = 100;

/// Commits one account; its store has nothing else in it.
async fn commit(store: &SqliteStore, number: u32) -> Result<AccountId, StoreError> {
    let account = AccountBuilder::numbered(number).build();
    let mut unit = store.write().await?;
    unit.accounts().insert(&account).await?;
    unit.commit().await?;
    Ok(account.id())
}

/// Not a test by itself: the process that the next test kills.
#[tokio::test]
#[ignore = "runs until it is killed"]
async fn the_victim() {
    let Ok(path) = std::env::var(VICTIM) else { return };
    let store = Arc::new(open(path.as_ref()).await);
    let writers = (0..WRITERS).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in (writer..).step_by(WRITERS as usize) {
                let id = commit(&store, number).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "\n{ACKNOWLEDGED}{}", id.hex()).unwrap();
                out.flush().unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn what_a_killed_process_acknowledged_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = database(&directory);
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::the_victim", "--ignored", "--nocapture"])
        .env(VICTIM, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut acknowledged = Vec::new();
    for line in lines {
        let Some(id) = line.strip_prefix(ACKNOWLEDGED) else { continue };
        acknowledged.push(AccountId::from_hex(id).unwrap());
        if acknowledged.len() == ENOUGH {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    assert!(acknowledged.len() >= ENOUGH, "the victim ended by itself");

    let store = open(&path).await;
    for id in acknowledged {
        assert!(store.read().accounts().find(id).await.unwrap().is_some(), "{} is lost", id.hex());
    }
}

#[tokio::test]
async fn a_store_that_was_never_closed_leaves_what_it_committed_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&database(&directory)).await;
    let id = commit(&store, 1).await.unwrap();
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&AccountBuilder::numbered(2).build()).await.unwrap();
    drop(unit);
    drop(store);

    let store = open(&database(&directory)).await;
    assert!(store.read().accounts().find(id).await.unwrap().is_some());
    assert_eq!(store.read().accounts().count(AccountFilter::default()).await.unwrap(), 1);
}
