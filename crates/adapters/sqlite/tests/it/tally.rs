//! The tally of accounts agrees with counting them.

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use vestibule_domain::{Account, AccountStatus, Permission, PermissionSet, Role};
use vestibule_ports::{AccountFilter, RandomnessExt, Store, StoreError, UnitOfWork};
use vestibule_testkit::{AccountBuilder, FixedClock, SeededRandomness};

use crate::{database, open};

type Kind = (String, String, bool, i64, i64);

/// A random generator with the same sequence in every run.
struct Dice(SeededRandomness);

impl Dice {
    fn below(&self, bound: u16) -> u16 {
        u16::from_be_bytes(self.0.bytes()) % bound
    }

    fn one<T: Copy>(&self, values: &[T]) -> T {
        values[usize::from(self.below(u16::try_from(values.len()).unwrap()))]
    }

    /// One of few accounts, of any kind, so that ids, addresses and kinds often coincide.
    fn account(&self) -> Account {
        let flags = [Permission::UserRead, Permission::PostRead, Permission::UserModify];
        AccountBuilder::numbered(self.below(40).into())
            .email(&format!("account-{}@example.test", self.below(60)))
            .role(self.one(&[Role::User, Role::User, Role::Admin, Role::Root]))
            .status(self.one(&[AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled]))
            .mailbox_proven_at(self.one(&[None, Some(FixedClock::START)]))
            .permissions(self.one(&[PermissionSet::default(), PermissionSet::EMPTY.with(self.one(&flags))]))
            .build()
    }

    async fn change(&self, unit: &mut dyn UnitOfWork) {
        let account = self.account();
        let outcome = match self.below(7) {
            0..3 => unit.accounts().insert(&account).await,
            3..5 => unit.accounts().update(&account).await.map(drop),
            5 => unit.accounts().remove(account.id()).await.map(drop),
            _ => unit.accounts().remove_provisional(account.email()).await.map(drop),
        };
        assert!(matches!(outcome, Ok(()) | Err(StoreError::Conflict(_))), "{outcome:?}");
    }
}

/// The file beside the store, as another program sees it.
async fn beside(directory: &TempDir) -> SqliteConnection {
    SqliteConnectOptions::new().filename(database(directory)).create_if_missing(true).connect().await.unwrap()
}

async fn counted(connection: &mut SqliteConnection) -> Vec<Kind> {
    let count = "SELECT role, status, mailbox_proven_at IS NOT NULL AS proven, permissions, count(*) FROM accounts \
                 GROUP BY role, status, proven, permissions ORDER BY role, status, proven, permissions";
    sqlx::query_as(count).fetch_all(connection).await.unwrap()
}

async fn tallied(connection: &mut SqliteConnection) -> Vec<Kind> {
    let tally = "SELECT role, status, mailbox_proven, permissions, accounts FROM account_tally WHERE accounts > 0 \
                 ORDER BY role, status, mailbox_proven, permissions";
    sqlx::query_as(tally).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn the_tally_follows_every_change() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&database(&directory)).await;
    let (dice, mut beside) = (Dice(SeededRandomness::new(1)), beside(&directory).await);
    let mut most = 0;
    for _ in 0..200 {
        let mut unit = store.write().await.unwrap();
        for _ in 0..=dice.below(8) {
            dice.change(unit.as_mut()).await;
        }
        if dice.below(4) > 0 {
            unit.commit().await.unwrap();
        } else {
            drop(unit);
        }
        let kinds = counted(&mut beside).await;
        assert_eq!(tallied(&mut beside).await, kinds);
        most = most.max(kinds.len());
        let all: i64 = kinds.iter().map(|kind| kind.4).sum();
        let count = store.read().accounts().count(AccountFilter::default()).await.unwrap();
        assert_eq!(i64::try_from(count).unwrap(), all);
    }
    assert!(most > 10, "there were never more than {most} kinds of accounts");
}

#[tokio::test]
async fn an_update_of_nothing_that_is_counted_leaves_the_tally_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&database(&directory)).await;
    let account = AccountBuilder::numbered(1);
    let mut unit = store.write().await.unwrap();
    unit.accounts().insert(&account.clone().build()).await.unwrap();
    unit.commit().await.unwrap();
    let mut beside = beside(&directory).await;
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON account_tally BEGIN SELECT raise(ABORT, 'touched'); END";
    sqlx::query(refuse).execute(&mut beside).await.unwrap();

    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().update(&account.clone().email("another@example.test").build()).await.unwrap());
    unit.commit().await.unwrap();
    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().update(&account.role(Role::Root).build()).await.is_err(), "nothing was refused");
}
