use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};

use super::{NotDone, Pool};

const LONG: Duration = Duration::from_mins(1);

fn pool(threads: usize, queue_limit: usize, max_wait: Duration) -> Arc<Pool> {
    Arc::new(Pool::start(threads, queue_limit, max_wait).unwrap())
}

/// Holds the only thread of a pool until the sender is dropped or sends.
async fn hold(pool: &Arc<Pool>) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (start, started) = tokio::sync::oneshot::channel();
    let pool = Arc::clone(pool);
    tokio::spawn(async move {
        pool.run(move || {
            start.send(()).unwrap();
            let _ = released.recv();
        })
        .await
    });
    started.await.unwrap();
    release
}

#[tokio::test]
async fn as_many_jobs_run_at_once_as_there_are_threads() {
    let pool = pool(3, 100, LONG);
    let all_three = Arc::new(Barrier::new(3));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let jobs = (0..30).map(|_| {
        let (all_three, running, most) = (Arc::clone(&all_three), Arc::clone(&running), Arc::clone(&most));
        pool.run(move || {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // With fewer threads this would wait forever.
            all_three.wait();
            running.fetch_sub(1, Ordering::SeqCst);
        })
    });
    assert!(join_all(jobs).await.iter().all(Result::is_ok));
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let pool = pool(1, 2, LONG);
    let release = hold(&pool).await;
    let mut first = Box::pin(pool.run(|| 1));
    let mut second = Box::pin(pool.run(|| 2));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    assert_eq!(pool.queued(), 2);
    assert_eq!(pool.run(|| 3).now_or_never(), Some(Err(NotDone::Overloaded)));
    drop(release);
    assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
    assert_eq!(pool.queued(), 0);
}

#[tokio::test]
async fn a_job_that_waits_too_long_is_refused_and_never_runs() {
    let pool = pool(1, 2, Duration::from_millis(10));
    let release = hold(&pool).await;
    let ran = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&ran);
    assert_eq!(pool.run(move || flag.store(true, Ordering::SeqCst)).await, Err(NotDone::Overloaded));
    assert_eq!(pool.queued(), 0);
    // Only its withdrawn job held the other half.
    assert_eq!(Arc::strong_count(&ran), 1);
    assert!(!ran.load(Ordering::SeqCst));
    drop(release);
}

#[tokio::test]
async fn the_wait_ends_where_the_job_begins() {
    let pool = pool(1, 2, Duration::from_secs(1));
    let (start, started) = tokio::sync::oneshot::channel::<()>();
    let (release, released) = mpsc::channel::<()>();
    let slow = pool.run(move || {
        drop(start);
        let _ = released.recv();
        "done"
    });
    let releasing = async {
        let _ = started.await;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        drop(release);
    };
    assert_eq!(tokio::join!(slow, releasing).0, Ok("done"));
}

#[tokio::test]
async fn a_job_whose_requester_has_gone_never_runs() {
    let pool = pool(1, 2, LONG);
    let release = hold(&pool).await;
    let held = Arc::new(());
    let copy = Arc::clone(&held);
    let mut gone = Box::pin(pool.run(move || drop(copy)));
    assert!((&mut gone).now_or_never().is_none());
    drop(gone);
    assert_eq!((pool.queued(), Arc::strong_count(&held)), (0, 1));
    drop(release);
}

#[tokio::test]
async fn a_panic_is_reported_and_costs_no_thread() {
    let pool = pool(1, 2, LONG);
    for _ in 0..3 {
        assert_eq!(pool.run(|| panic!("on purpose")).await, Err::<(), _>(NotDone::Lost));
    }
    assert_eq!(pool.run(|| 1).await, Ok(1));
}

#[tokio::test]
async fn dropping_the_pool_ends_its_threads() {
    let pool = pool(4, 2, LONG);
    let turn = pool.reserve().await.unwrap();
    drop(pool);
    // Each thread could have run it.
    assert_eq!(turn.run(|| 1).await, Err(NotDone::Lost));
}

#[tokio::test]
async fn a_turn_that_is_given_back_is_the_next_ones() {
    let pool = pool(1, 2, LONG);
    let turn = pool.reserve().await.unwrap();
    let mut next = Box::pin(pool.run(|| 1));
    assert!((&mut next).now_or_never().is_none());
    assert_eq!(pool.queued(), 1);
    drop(turn);
    assert_eq!((next.await, pool.queued()), (Ok(1), 0));
}

#[tokio::test]
async fn a_reserved_turn_is_used_without_a_further_wait() {
    let pool = pool(1, 1, Duration::from_millis(10));
    let turn = pool.reserve().await.unwrap();
    assert_eq!(pool.reserve().await.err(), Some(NotDone::Overloaded));
    assert_eq!(turn.run(|| 1).await, Ok(1));
    assert_eq!(pool.run(|| 2).await, Ok(2));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn only_threads_that_give_way_are_nicer_than_the_process_was_started() {
    let nice = || rustix::process::getpriority_process(None).unwrap();
    let held_up = crate::priority::Effort { began: std::time::Instant::now(), took: LONG, on_core: Duration::ZERO };
    let first = nice();
    for more in [0, 5, 15] {
        let before = (first + more).min(19);
        // This thread alone, of which the pool's inherit.
        rustix::process::setpriority_process(None, before).unwrap();
        let pool = pool(1, 2, LONG);
        assert_eq!(pool.run(nice).await, Ok((before + 10).min(19)));
        pool.lanes.pressure.note(held_up);
        assert_eq!(pool.run(nice).await, Ok(before));
        assert_eq!(nice(), before);
        assert_eq!(std::thread::spawn(nice).join().unwrap(), before);
    }
}
