//! Promises of concurrent units: no unit waits for another without a limit.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Barrier, time::timeout};
use vestibule_domain::AccountId;
use vestibule_ports::{Store, StoreError};

use crate::support::{committed, race, some_accounts};

/// Longer than any store lets one unit wait for another.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// How long one unit lets another take its first lock, where both can hold one.
const MEETING: Duration = Duration::from_millis(200);

/// A unit that needs a locked row waits for a limited time and then gets `Busy`; readers do not wait, and once the first
/// unit is dropped others go on.
pub(crate) async fn a_held_unit_makes_the_next_wait_for_a_limited_time(store: Arc<dyn Store>) {
    let account = some_accounts(&store, 1).await.remove(0);
    let mut held = store.write().await.unwrap();
    held.accounts().find_for_update(account.id()).await.unwrap().unwrap();
    let began = Instant::now();
    let waited = timeout(LONGEST_WAIT, lock_all(&store, &[account.id()], None)).await;
    let waited = waited.unwrap_or_else(|_| panic!("a unit waits for another for more than {LONGEST_WAIT:?}"));
    assert!(matches!(waited, Err(StoreError::Busy(_))), "{waited:?} after {:?}", began.elapsed());
    assert_eq!(store.read().accounts().find(account.id()).await.unwrap().as_ref(), Some(&account));
    held.commit().await.unwrap();
    lock_all(&store, &[account.id()], None).await.unwrap();
}

/// Two units that lock two accounts in opposite orders both end, with success or `Busy`, and at least one succeeds.
pub(crate) async fn units_that_lock_crosswise_all_end(store: Arc<dyn Store>) {
    let accounts: Vec<_> = some_accounts(&store, 2).await.iter().map(vestibule_domain::Account::id).collect();
    let orders = [[accounts[0], accounts[1]], [accounts[1], accounts[0]]];
    for round in 0..3 {
        let meeting = Barrier::new(2);
        let ended = race(2, async |racer| {
            let order = &orders[usize::from(racer == 1)];
            timeout(LONGEST_WAIT, lock_all(&store, order, Some(&meeting))).await
        });
        let ended: Vec<_> = ended.into_iter().map(|ended| ended.expect("two units wait for each other")).collect();
        assert!(ended.iter().any(Result::is_ok), "round {round}: {ended:?}");
        assert!(
            ended.iter().all(|ended| matches!(ended, Ok(()) | Err(StoreError::Busy(_)))),
            "round {round}: {ended:?}"
        );
    }
    committed(&store, async |unit| {
        for id in accounts {
            assert!(unit.accounts().find_for_update(id).await.unwrap().is_some());
        }
    })
    .await;
}

/// Locks accounts one after the other in a unit that is committed, and after the first lets another unit catch up if it
/// can.
async fn lock_all(store: &Arc<dyn Store>, ids: &[AccountId], meeting: Option<&Barrier>) -> Result<(), StoreError> {
    let mut unit = store.write().await?;
    for (place, id) in ids.iter().enumerate() {
        unit.accounts().find_for_update(*id).await?.unwrap();
        if let Some(meeting) = meeting.filter(|_| place == 0) {
            // Units that run one at a time do not meet.
            drop(timeout(MEETING, meeting.wait()).await);
        }
    }
    unit.commit().await
}
