//! What many cases do.

use std::sync::Arc;

use time::OffsetDateTime;
use tokio::sync::Barrier;
use vestibule_domain::Account;
use vestibule_ports::Store;
use vestibule_testkit::{AccountBuilder, FixedClock};

/// The time at which cases begin.
pub(crate) const NOW: OffsetDateTime = FixedClock::START;
/// How many tasks race where the number does not matter.
pub(crate) const RACERS: usize = 16;

/// Stores accounts, in a unit of its own.
pub(crate) async fn insert_accounts(store: &Arc<dyn Store>, accounts: &[Account]) {
    let mut unit = store.write().await.unwrap();
    for account in accounts {
        unit.accounts().insert(account).await.unwrap();
    }
    unit.commit().await.unwrap();
}

/// Stores so many plain accounts, numbered from 0.
pub(crate) async fn some_accounts(store: &Arc<dyn Store>, count: u32) -> Vec<Account> {
    let accounts: Vec<_> = (0..count).map(|number| AccountBuilder::numbered(number).build()).collect();
    insert_accounts(store, &accounts).await;
    accounts
}

/// Starts so many tasks at one moment and gives what each of them made.
pub(crate) async fn race<T, Task>(count: usize, task: impl Fn(usize) -> Task) -> Vec<T>
where
    T: Send + 'static,
    Task: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let racers: Vec<_> = (0..count)
        .map(|number| {
            let (start, task) = (Arc::clone(&start), task(number));
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut made = Vec::with_capacity(count);
    for racer in racers {
        made.push(racer.await.unwrap());
    }
    made
}
