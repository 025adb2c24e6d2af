//! Units that collide: an answer within the time limit, and nothing broken.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Barrier;
use vestibule_domain::{Account, AccountId, CodeId, Digest, OneTimeCode, TokenPurpose};
use vestibule_ports::{Store, StoreError, UnitOfWork};
use vestibule_postgres::{PostgresOptions, PostgresStore};
use vestibule_testkit::{AccountBuilder, FixedClock};

use crate::database::Database;

async fn with_accounts(store: &PostgresStore, numbers: &[u32]) -> Vec<Account> {
    let accounts: Vec<_> = numbers.iter().map(|number| AccountBuilder::numbered(*number).build()).collect();
    let mut unit = store.write().await.unwrap();
    for account in &accounts {
        unit.accounts().insert(account).await.unwrap();
    }
    unit.commit().await.unwrap();
    accounts
}

fn code(account: AccountId) -> OneTimeCode {
    OneTimeCode {
        id: CodeId::new(FixedClock::START, [1; 6]),
        account,
        purpose: TokenPurpose::PasswordReset,
        digest: Digest::new([7; 32]),
        tries_left: OneTimeCode::TRIES,
        expires_at: FixedClock::START + Duration::from_mins(10),
        waiting_password: None,
    }
}

#[tokio::test]
async fn a_lock_that_is_not_given_in_time_is_busy() {
    let database = Database::migrated().await;
    let store =
        database.store_with(PostgresOptions { lock_timeout: Duration::from_millis(50), ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1]).await;
    let mut holder = store.write().await.unwrap();
    holder.accounts().find_for_update(accounts[0].id()).await.unwrap().unwrap();

    let mut waiter = store.write().await.unwrap();
    let refused = waiter.accounts().find_for_update(accounts[0].id()).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    drop(waiter);
    holder.commit().await.unwrap();
    let mut next = store.write().await.unwrap();
    assert!(next.accounts().find_for_update(accounts[0].id()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_unit_with_a_failed_statement_is_not_committed() {
    let database = Database::migrated().await;
    let store =
        database.store_with(PostgresOptions { lock_timeout: Duration::from_millis(50), ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1]).await;
    let mut holder = store.write().await.unwrap();
    holder.accounts().find_for_update(accounts[0].id()).await.unwrap().unwrap();

    let newcomer = AccountBuilder::numbered(2).build();
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&newcomer).await.unwrap();
    assert!(unit.accounts().find_for_update(accounts[0].id()).await.is_err());
    assert!(unit.commit().await.is_err());
    assert_eq!(store.read().accounts().find(newcomer.id()).await.unwrap(), None);
}

#[tokio::test]
async fn a_unit_whose_update_was_undone_is_committed_without_it() {
    let database = Database::migrated().await;
    let store =
        database.store_with(PostgresOptions { lock_timeout: Duration::from_millis(50), ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1]).await;
    let mut holder = store.write().await.unwrap();
    holder.accounts().find_for_update(accounts[0].id()).await.unwrap().unwrap();

    let newcomer = AccountBuilder::numbered(2).build();
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&newcomer).await.unwrap();
    let refused = unit.accounts().update(&accounts[0]).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    unit.commit().await.unwrap();
    assert_eq!(store.read().accounts().find(newcomer.id()).await.unwrap(), Some(newcomer));
}

#[tokio::test]
async fn a_statement_that_runs_for_too_long_is_busy() {
    let database = Database::migrated().await;
    let store = database
        .store_with(PostgresOptions { statement_timeout: Duration::from_millis(50), ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1]).await;
    let mut holder = store.write().await.unwrap();
    holder.accounts().find_for_update(accounts[0].id()).await.unwrap().unwrap();

    let mut waiter = store.write().await.unwrap();
    let refused = waiter.accounts().remove(accounts[0].id()).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
}

#[tokio::test]
async fn a_commit_waits_for_the_disk_whatever_the_database_has_as_its_default() {
    let database = Database::migrated().await;
    database
        .execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$;
            CREATE FUNCTION refuse_unless_synchronous() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF current_setting('synchronous_commit') <> 'on' THEN RAISE 'this commit may be lost'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER synchronous BEFORE INSERT ON accounts
                FOR EACH ROW EXECUTE FUNCTION refuse_unless_synchronous()",
        )
        .await;
    with_accounts(&database.store(), &[1]).await;
}

#[tokio::test]
async fn one_of_two_units_that_wait_for_each_other_is_busy_and_the_other_goes_on() {
    let database = Database::migrated().await;
    // Longer than the second after which the server looks for deadlocks.
    let store =
        database.store_with(PostgresOptions { lock_timeout: Duration::from_secs(20), ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1, 2]).await;
    let both_hold = Barrier::new(2);
    let lock = async |first: AccountId, second: AccountId| {
        let mut unit = store.write().await.unwrap();
        unit.accounts().find_for_update(first).await.unwrap();
        both_hold.wait().await;
        unit.accounts().find_for_update(second).await.map(drop)
    };
    let (one, other) = tokio::join!(lock(accounts[0].id(), accounts[1].id()), lock(accounts[1].id(), accounts[0].id()));
    assert!(
        matches!((&one, &other), (Ok(()), Err(StoreError::Busy(_))) | (Err(StoreError::Busy(_)), Ok(()))),
        "{one:?}, {other:?}"
    );
}

#[tokio::test]
async fn a_locked_account_can_be_given_a_code_by_another_unit() {
    let database = Database::migrated().await;
    let store =
        database.store_with(PostgresOptions { lock_timeout: Duration::from_millis(50), ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1]).await;
    let mut holder = store.write().await.unwrap();
    holder.accounts().find_for_update(accounts[0].id()).await.unwrap().unwrap();
    holder.accounts().update(&accounts[0]).await.unwrap();

    let mut other = store.write().await.unwrap();
    other.codes().replace(&code(accounts[0].id())).await.unwrap();
    other.commit().await.unwrap();
    holder.commit().await.unwrap();
}

#[tokio::test]
async fn a_code_for_an_account_that_another_unit_removed_is_busy() {
    let database = Database::migrated().await;
    let store = database.store();
    let mut unit = store.write().await.unwrap();
    let refused = unit.codes().replace(&code(AccountBuilder::numbered(9).build().id())).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
}

#[tokio::test]
async fn more_work_than_connections_waits_its_turn() {
    let database = Database::migrated().await;
    let store = database.store_with(PostgresOptions { max_connections: 2, ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1]).await;
    let readers: Vec<_> = (0..50)
        .map(|_| {
            let (store, id) = (store.clone(), accounts[0].id());
            tokio::spawn(async move { store.read().accounts().find(id).await })
        })
        .collect();
    for reader in readers {
        assert!(reader.await.unwrap().unwrap().is_some());
    }
    assert!(store.pool_usage().open <= 2, "{:?}", store.pool_usage());
    assert_eq!(store.pool_usage().limit, 2);
}

#[tokio::test]
async fn a_pool_whose_connections_are_all_taken_is_unavailable_after_the_wait() {
    let database = Database::migrated().await;
    let store = database.store_with(PostgresOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_millis(500),
        ..PostgresOptions::default()
    });
    let holder: Box<dyn UnitOfWork> = store.write().await.unwrap();
    let refused = store.ping().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    drop(holder);
    store.ping().await.unwrap();
}

#[tokio::test]
async fn what_is_cut_off_leaves_its_connection_usable() {
    let database = Database::migrated().await;
    let store = database.store_with(PostgresOptions { max_connections: 1, ..PostgresOptions::default() });
    let accounts = with_accounts(&store, &[1]).await;
    for _ in 0..20 {
        // Each is sent but not awaited, unless its answer is there at once: a read, the beginning of a unit, a change in a
        // unit, the end of one.
        drop(store.read().accounts().find(accounts[0].id()).now_or_never());
        drop(store.write().now_or_never());
        let mut unit = store.write().await.unwrap();
        drop(unit.accounts().remove(accounts[0].id()).now_or_never());
        drop(unit);
        let mut unit = store.write().await.unwrap();
        unit.accounts().update(&accounts[0]).await.unwrap();
        drop(unit.commit().now_or_never());
        assert_eq!(store.read().accounts().find(accounts[0].id()).await.unwrap(), Some(accounts[0].clone()));
    }
    assert_eq!(store.pool_usage().open, 1);
}

#[tokio::test]
async fn who_gives_up_waiting_loses_no_connection() {
    let database = Database::migrated().await;
    let store = database.store_with(PostgresOptions { max_connections: 1, ..PostgresOptions::default() });
    let mut holder = store.write().await.unwrap();
    for _ in 0..20 {
        // The first gives up before its turn, the second when it already has it but does not know yet.
        let (mut first, mut second) = (Box::pin(store.ping()), Box::pin(store.write()));
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        drop(first);
        holder.commit().await.unwrap();
        drop(second);
        holder = store.write().await.unwrap();
    }
    assert_eq!(store.pool_usage().open, 1);
}

#[test]
fn each_runtime_has_connections_of_its_own_as_long_as_there_may_be_more() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (one, other) = (runtime(), runtime());
    let database = one.block_on(Database::migrated());
    let store = database.store_with(PostgresOptions { max_connections: 2, ..PostgresOptions::default() });
    for _ in 0..3 {
        one.block_on(store.ping()).unwrap();
        other.block_on(store.ping()).unwrap();
        assert_eq!(store.pool_usage().open, 2);
    }
    // Their connections do not work without their runtimes, which shows when one is used.
    drop((one, other));
    let third = runtime();
    for _ in 0..3 {
        third.block_on(store.ping()).unwrap();
    }
    assert!(store.pool_usage().open <= 2, "{:?}", store.pool_usage());
}

#[test]
fn a_runtime_uses_the_connection_of_another_where_there_may_be_no_more() {
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let database = one.block_on(Database::migrated());
    let store = database.store_with(PostgresOptions { max_connections: 1, ..PostgresOptions::default() });
    other.block_on(store.ping()).unwrap();
    one.block_on(store.ping()).unwrap();
    let holder = other.block_on(store.write()).unwrap();
    let waiter = async { tokio::join!(store.ping(), async { holder.commit().await }) };
    assert!(matches!(one.block_on(waiter), (Ok(()), Ok(()))));
    assert_eq!(store.pool_usage().open, 1);
}
