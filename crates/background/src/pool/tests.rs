use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};

use super::{NotDone, Pool, Turns};

const LONG: Duration = Duration::from_mins(1);

fn pool(threads: usize, queue: usize, max_wait: Duration) -> Pool {
    Pool::start("test", Turns::new(threads, queue, max_wait)).unwrap()
}

/// Holds the only turn of a pool until the sender is dropped.
async fn hold(pool: &Arc<Pool>) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (started, start) = tokio::sync::oneshot::channel();
    let pool = Arc::clone(pool);
    tokio::spawn(async move {
        pool.run(move || {
            let _ = started.send(());
            let _ = released.recv();
        })
        .await
    });
    start.await.unwrap();
    release
}

#[tokio::test]
async fn as_many_jobs_run_at_once_as_there_are_threads() {
    let pool = pool(2, 100, LONG);
    let both = Arc::new(Barrier::new(2));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let jobs = (0..30).map(|_| {
        let (both, running, most) = (Arc::clone(&both), Arc::clone(&running), Arc::clone(&most));
        pool.run(move || {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // With fewer threads this would wait forever.
            both.wait();
            running.fetch_sub(1, Ordering::SeqCst);
        })
    });
    assert!(join_all(jobs).await.iter().all(Result::is_ok));
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let pool = Arc::new(pool(1, 2, LONG));
    let release = hold(&pool).await;
    let (mut first, mut second) = (Box::pin(pool.run(|| 1)), Box::pin(pool.run(|| 2)));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    assert_eq!(pool.run(|| 3).now_or_never(), Some(Err(NotDone::Overloaded)));
    drop(release);
    assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
}

#[tokio::test]
async fn a_job_that_waits_too_long_never_runs() {
    let pool = Arc::new(pool(1, 2, Duration::from_millis(10)));
    let release = hold(&pool).await;
    let held = Arc::new(());
    let copy = Arc::clone(&held);
    assert_eq!(pool.run(move || drop(copy)).await, Err(NotDone::Overloaded));
    assert_eq!(Arc::strong_count(&held), 1);
    drop(release);
    assert_eq!(pool.run(|| 1).await, Ok(1));
}

#[tokio::test]
async fn a_job_whose_request_has_gone_gives_its_place_and_its_memory_back() {
    let pool = Arc::new(pool(1, 1, LONG));
    let release = hold(&pool).await;
    let held = Arc::new(());
    for _ in 0..3 {
        let copy = Arc::clone(&held);
        let mut gone = Box::pin(pool.run(move || drop(copy)));
        assert!((&mut gone).now_or_never().is_none());
        drop(gone);
        assert_eq!(Arc::strong_count(&held), 1);
    }
    drop(release);
}

#[tokio::test]
async fn a_panic_is_reported_and_costs_no_thread_and_no_turn() {
    let pool = pool(1, 1, LONG);
    for _ in 0..3 {
        assert_eq!(pool.run(|| panic!("on purpose")).await, Err::<(), _>(NotDone::Lost));
    }
    assert_eq!(pool.run(|| 1).await, Ok(1));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_threads_give_way_to_the_rest_of_the_process() {
    let nice = || rustix::process::getpriority_process(None).unwrap();
    let ours = nice();
    let pool = pool(2, 1, LONG);
    assert_eq!(pool.run(nice).await, Ok((ours + 10).min(19)));
    assert_eq!(nice(), ours);
}
