//! Helpers of many cases.

use std::{
    sync::{Arc, Barrier},
    thread,
    time::Instant,
};

use time::{Duration, OffsetDateTime};
use tokio::runtime::Handle;
use vestibule_domain::{
    Account, AccountId, Digest, OneTimeCode, OneTimeToken, Owner, Session, TokenEpoch, TokenPurpose,
};
use vestibule_ports::{RandomnessExt, Store, UnitOfWork};
use vestibule_testkit::{AccountBuilder, FixedClock, SeededRandomness};

use crate::fixture::PATIENCE;

/// The time at which cases begin.
pub(crate) const NOW: OffsetDateTime = FixedClock::START;
/// The finest precision that every store keeps.
pub(crate) const MICROSECOND: Duration = Duration::microseconds(1);
/// Less than a microsecond: a store cuts it off.
pub(crate) const NANOSECONDS: Duration = Duration::nanoseconds(999);
/// How many tasks race unless the number matters.
pub(crate) const RACERS: usize = 16;
/// The most rows that one purge removes.
pub(crate) const PURGE_LIMIT: u32 = 1000;

/// Bounds a loop that ends when the store says so: a broken store would loop for ever and fill the memory.
pub(crate) struct Rounds {
    left: usize,
    until: Instant,
    endless: &'static str,
}

impl Rounds {
    /// At most this many rounds; one more fails with the sentence.
    pub(crate) fn at_most(count: usize, endless: &'static str) -> Self {
        Self { left: count, until: Instant::now() + PATIENCE, endless }
    }

    /// As many rounds as other tasks may need, within the time of a case.
    pub(crate) fn patiently(endless: &'static str) -> Self {
        Self::at_most(usize::MAX, endless)
    }

    /// Counts a round, before it begins.
    pub(crate) fn one_more(&mut self) {
        assert!(self.left > 0 && Instant::now() < self.until, "{}", self.endless);
        self.left -= 1;
    }
}

/// Does work in its own unit and commits it.
pub(crate) async fn committed<T>(store: &Arc<dyn Store>, work: impl AsyncFnOnce(&mut Box<dyn UnitOfWork>) -> T) -> T {
    let mut unit = store.write().await.unwrap();
    let made = work(&mut unit).await;
    unit.commit().await.unwrap();
    made
}

/// Does work in its own unit and drops it.
pub(crate) async fn dropped<T>(store: &Arc<dyn Store>, work: impl AsyncFnOnce(&mut Box<dyn UnitOfWork>) -> T) -> T {
    let mut unit = store.write().await.unwrap();
    work(&mut unit).await
}

/// Stores accounts.
pub(crate) async fn insert_accounts(store: &Arc<dyn Store>, accounts: &[Account]) {
    committed(store, async |unit| {
        for account in accounts {
            unit.accounts().insert(account).await.unwrap();
        }
    })
    .await;
}

/// Stores this many plain accounts, numbered from 0.
pub(crate) async fn some_accounts(store: &Arc<dyn Store>, count: u32) -> Vec<Account> {
    let accounts: Vec<_> = (0..count).map(|number| AccountBuilder::numbered(number).build()).collect();
    insert_accounts(store, &accounts).await;
    accounts
}

/// Stores one plain account and returns its id.
pub(crate) async fn an_account(store: &Arc<dyn Store>) -> AccountId {
    some_accounts(store, 1).await[0].id()
}

/// A code with five tries, valid for ten minutes from [`NOW`]; the number determines its id and digest.
pub(crate) fn code(account: AccountId, purpose: TokenPurpose, number: u32) -> OneTimeCode {
    OneTimeCode {
        id: numbered(number).into(),
        account,
        purpose,
        digest: digest(number),
        tries_left: OneTimeCode::TRIES,
        expires_at: NOW + Duration::minutes(10),
        waiting_password: None,
    }
}

/// A token valid for ten minutes from [`NOW`]; the number determines its digest.
pub(crate) fn token(account: AccountId, purpose: TokenPurpose, number: u32) -> OneTimeToken {
    let expires_at = NOW + Duration::minutes(10);
    OneTimeToken { digest: digest(number), account, purpose, expires_at, waiting_password: None }
}

/// A new session that began at [`NOW`]; the number determines its id and epoch.
pub(crate) fn session(account: AccountId, number: u32) -> Session {
    Session {
        id: numbered(number).into(),
        owner: owner(account, TokenEpoch::new(SeededRandomness::new(number.into()).bytes())),
        counter: 0,
        last_use: None,
        began_at: NOW,
    }
}

/// The same without an account.
pub(crate) fn anonymous(number: u32) -> Session {
    Session { id: numbered(number).into(), owner: Owner::Anonymous, counter: 0, last_use: None, began_at: NOW }
}

/// The owner of a session: an account with a token epoch.
pub(crate) const fn owner(account: AccountId, epoch: TokenEpoch) -> Owner {
    Owner::Account { account, epoch }
}

/// The id for a number.
pub(crate) fn numbered(number: u32) -> vestibule_domain::id::Id96 {
    let [a, b, c, d] = number.to_be_bytes();
    vestibule_domain::id::Id96::new(NOW, [0, 0, a, b, c, d])
}

/// The digest for a number, with bytes of every kind.
pub(crate) fn digest(number: u32) -> Digest {
    Digest::new(SeededRandomness::new(number.into()).bytes())
}

/// Runs this many tasks at once, each on its own thread, and returns their results in order.
pub(crate) fn race<T: Send>(count: usize, task: impl AsyncFn(u32) -> T + Sync) -> Vec<T> {
    let (runtime, start) = (Handle::current(), Barrier::new(count));
    tokio::task::block_in_place(|| {
        thread::scope(|scope| {
            let (runtime, start, task) = (&runtime, &start, &task);
            let run = |number| {
                start.wait();
                runtime.block_on(async { tokio::time::timeout(PATIENCE, task(number)).await })
            };
            let racers: Vec<_> = (0..).take(count).map(|number| scope.spawn(move || run(number))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap().expect("a racer is stuck")).collect()
        })
    })
}

/// The time that a racer read before the race began, by a clock up to two seconds off and in another order than the racers
/// run.
pub(crate) fn read_before(racer: u32) -> OffsetDateTime {
    NOW + Duration::seconds(i64::from(racer % 5) - 2) - Duration::microseconds(i64::from(racer * 7 % 16))
}

/// Checks that a purge removes 1000 rows in its first call and the rest in later calls.
pub(crate) async fn purges_in_parts(
    store: &Arc<dyn Store>,
    rows: u32,
    purge: impl AsyncFn(&mut Box<dyn UnitOfWork>) -> u64,
) {
    assert!(rows > PURGE_LIMIT && rows < 2 * PURGE_LIMIT, "{rows} rows do not show the limit");
    let removed = [committed(store, &purge).await, committed(store, &purge).await, committed(store, &purge).await];
    assert_eq!(removed, [PURGE_LIMIT.into(), (rows - PURGE_LIMIT).into(), 0]);
}
