//! Units of work that wait for each other share a commit, and nothing else.

use std::{sync::Arc, time::Duration};

use tokio::task::{JoinHandle, yield_now};
use vestibule_ports::{AccountFilter, RandomnessExt, Store, StoreError, UniqueKey, UnitOfWork};
use vestibule_sqlite::SqliteStore;
use vestibule_testkit::{AccountBuilder, SeededRandomness};

use crate::{database, open};

type Unit = Box<dyn UnitOfWork>;

/// A unit that has to wait for another.
async fn waiting(store: &Arc<SqliteStore>) -> JoinHandle<Unit> {
    let store = Arc::clone(store);
    let unit = tokio::spawn(async move { store.write().await.unwrap() });
    yield_now().await;
    assert!(!unit.is_finished());
    unit
}

/// A commit that has begun.
async fn committing(unit: Unit) -> JoinHandle<Result<(), StoreError>> {
    let commit = tokio::spawn(unit.commit());
    yield_now().await;
    commit
}

async fn insert(unit: &mut Unit, number: u32) -> Result<(), StoreError> {
    unit.accounts().insert(&AccountBuilder::numbered(number).build()).await
}

async fn count(store: &SqliteStore) -> u64 {
    store.read().accounts().count(AccountFilter::default()).await.unwrap()
}

async fn exists(store: &SqliteStore, number: u32) -> bool {
    store.read().accounts().find(AccountBuilder::numbered(number).build().id()).await.unwrap().is_some()
}

/// A unit that has inserted the account 1 and is being committed, and one that joined it.
async fn a_group(store: &Arc<SqliteStore>) -> (JoinHandle<Result<(), StoreError>>, Unit) {
    let mut first = store.write().await.unwrap();
    insert(&mut first, 1).await.unwrap();
    let second = waiting(store).await;
    let first = committing(first).await;
    (first, second.await.unwrap())
}

#[tokio::test]
async fn nothing_is_visible_or_acknowledged_before_the_shared_commit() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&database(&directory)).await);
    let (first, mut second) = a_group(&store).await;

    let conflict = insert(&mut second, 1).await;
    assert!(matches!(conflict, Err(StoreError::Conflict(UniqueKey::AccountId))), "{conflict:?}");
    insert(&mut second, 2).await.unwrap();
    assert_eq!(count(&store).await, 0);
    assert!(!first.is_finished());

    second.commit().await.unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(count(&store).await, 2);
}

#[tokio::test]
async fn a_unit_that_is_dropped_leaves_nothing_and_the_others_stay() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&database(&directory)).await);
    let (first, mut dropped) = a_group(&store).await;
    let (third, last) = (waiting(&store).await, waiting(&store).await);
    insert(&mut dropped, 2).await.unwrap();
    assert!(insert(&mut dropped, 1).await.is_err());
    drop(dropped);
    let mut third = third.await.unwrap();
    insert(&mut third, 3).await.unwrap();
    let third = committing(third).await;
    let mut last = last.await.unwrap();
    insert(&mut last, 4).await.unwrap();
    drop(last);

    first.await.unwrap().unwrap();
    third.await.unwrap().unwrap();
    assert_eq!(count(&store).await, 2);
    assert!(exists(&store, 1).await && exists(&store, 3).await);
}

#[tokio::test]
async fn a_shared_commit_that_fails_fails_for_every_unit() {
    let directory = tempfile::tempdir().unwrap();
    let (path, elsewhere) = (database(&directory), directory.path().join("elsewhere.db"));
    let store = Arc::new(open(&path).await);
    let (first, mut second) = a_group(&store).await;
    insert(&mut second, 2).await.unwrap();
    std::fs::rename(&path, &elsewhere).unwrap();
    let answers = [second.commit().await, first.await.unwrap()];
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Unavailable(Some(_))))), "{answers:?}");

    std::fs::rename(&elsewhere, &path).unwrap();
    assert_eq!(count(&store).await, 0);
    let mut unit = store.write().await.unwrap();
    insert(&mut unit, 3).await.unwrap();
    unit.commit().await.unwrap();
}

#[tokio::test]
async fn a_unit_that_is_cancelled_while_it_is_committed_takes_no_other_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&database(&directory)).await);
    let (first, mut second) = a_group(&store).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    insert(&mut second, 2).await.unwrap();
    second.commit().await.unwrap();
    assert_eq!(count(&store).await, 2);
}

#[tokio::test]
async fn a_unit_that_is_cancelled_while_it_waits_holds_up_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&database(&directory)).await);
    let mut first = store.write().await.unwrap();
    insert(&mut first, 1).await.unwrap();
    // The first is cancelled before its turn, the second when it is about to begin, or soon after.
    let (second, third, fourth) = (waiting(&store).await, waiting(&store).await, waiting(&store).await);
    second.abort();
    let first = committing(first).await;
    third.abort();
    let mut fourth = fourth.await.unwrap();
    insert(&mut fourth, 4).await.unwrap();
    fourth.commit().await.unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(count(&store).await, 2);

    let held = store.write().await.unwrap();
    let (next, last) = (waiting(&store).await, waiting(&store).await);
    drop(held);
    next.abort();
    drop(last.await.unwrap());
    store.write().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_group_is_committed_though_units_still_wait() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&database(&directory)).await);
    let (first, mut unit) = a_group(&store).await;
    let mut commits = vec![first];
    for number in 2..=70 {
        let next = waiting(&store).await;
        insert(&mut unit, number).await.unwrap();
        commits.push(committing(unit).await);
        unit = next.await.unwrap();
    }
    assert!(count(&store).await > 0);
    drop(unit);
    for commit in commits {
        commit.await.unwrap().unwrap();
    }
    assert_eq!(count(&store).await, 70);
}

#[test]
fn a_process_that_ends_before_the_shared_commit_loses_what_it_did_not_acknowledge() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (ending, unit) = (runtime(), runtime());
    let left = ending.block_on(async {
        let store = Arc::new(open(&database(&directory)).await);
        let (first, mut second) = a_group(&store).await;
        insert(&mut second, 2).await.unwrap();
        assert!(!first.is_finished());
        second
    });
    drop(ending);
    unit.block_on(async {
        assert!(matches!(left.commit().await, Err(StoreError::Unavailable(_))), "its group has ended");
        assert_eq!(count(&open(&database(&directory)).await).await, 0);
    });
}

/// The result of the unit that inserted an account.
#[derive(Debug, PartialEq)]
enum Fate {
    Committed,
    Dropped,
    Cancelled,
}

/// Inserts an account, and commits, drops or cancels its unit.
async fn live(store: &SqliteStore, number: u32, dice: [u8; 2]) -> Fate {
    let unit = async {
        let mut unit = store.write().await.unwrap();
        insert(&mut unit, number).await.unwrap();
        if dice[0] < 64 {
            return Fate::Dropped;
        }
        unit.commit().await.unwrap();
        Fate::Committed
    };
    let patience = if dice[0] > 192 { Duration::from_micros(u64::from(dice[1]) * 20) } else { Duration::from_mins(1) };
    tokio::time::timeout(patience, unit).await.unwrap_or(Fate::Cancelled)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_unit_is_there_if_and_only_if_it_was_committed_however_others_end() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&database(&directory)).await);
    let tasks = (0..16).map(|task| {
        let (store, dice) = (Arc::clone(&store), SeededRandomness::new(task.into()));
        tokio::spawn(async move {
            let mut fates = Vec::new();
            for number in (task * 40)..(task * 40 + 40) {
                fates.push((number, live(&store, number, dice.bytes()).await));
            }
            fates
        })
    });
    let mut cancelled = 0;
    for task in tasks.collect::<Vec<_>>() {
        for (number, fate) in task.await.unwrap() {
            cancelled += u32::from(fate == Fate::Cancelled);
            if fate != Fate::Cancelled {
                assert_eq!(exists(&store, number).await, fate == Fate::Committed, "{number}");
            }
        }
    }
    assert!(cancelled > 0);
    store.write().await.unwrap().commit().await.unwrap();
}
