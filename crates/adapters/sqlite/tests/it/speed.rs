//! How many reads a second there are; not a test.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use vestibule_ports::Store;
use vestibule_testkit::AccountBuilder;

use crate::{database, open};

/// Run with `cargo test --profile bench-loop -p vestibule-sqlite speed -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure, not a test"]
async fn reads_a_second() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&database(&directory)).await);
    let accounts: Vec<_> = (0..1_000).map(|number| AccountBuilder::numbered(number).build()).collect();
    let mut unit = store.write().await.unwrap();
    for account in &accounts {
        unit.accounts().insert(account).await.unwrap();
    }
    unit.commit().await.unwrap();
    let ids: Arc<[_]> = accounts.iter().map(vestibule_domain::Account::id).collect();
    for tasks in [1, 8, 64] {
        let end = Instant::now() + Duration::from_secs(2);
        let reading = (0..tasks).map(|task| {
            let (store, ids) = (Arc::clone(&store), Arc::clone(&ids));
            tokio::spawn(async move {
                let mut reads = 0_u32;
                for id in ids.iter().cycle().skip(task * 100) {
                    if Instant::now() >= end {
                        break;
                    }
                    assert!(store.read().accounts().find(*id).await.unwrap().is_some());
                    reads += 1;
                }
                reads
            })
        });
        let mut reads = 0;
        for task in reading.collect::<Vec<_>>() {
            reads += task.await.unwrap();
        }
        println!("{tasks} tasks: {} reads a second", reads / 2);
    }
}
