use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::join_all};
use tokio::sync::Notify;

use super::{NotDone, Pool, Turns};
use crate::{effort::Effort, priority::Priority};

const LONG: Duration = Duration::from_mins(1);

fn pool(threads: usize, queue_limit: usize, max_wait: Duration) -> Arc<Pool> {
    Arc::new(Pool::start(Turns::new(threads, queue_limit, max_wait)).unwrap())
}

/// A pool whose jobs all run at normal priority for as long as a test takes.
fn equal_pool(threads: usize, queue_limit: usize, max_wait: Duration) -> Arc<Pool> {
    let pool = pool(threads, queue_limit, max_wait);
    pool.lanes.pressure.note(Effort { began: Instant::now(), took: LONG, on_core: Duration::ZERO });
    pool
}

/// Keeps every attempt of a job from ending until the sender is dropped.
fn latch() -> (mpsc::Sender<()>, impl Fn() + Send + Sync + 'static) {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let wait = move || {
        let _ = released.lock().unwrap().recv();
    };
    (release, wait)
}

/// Holds the only turn of a pool until the sender is dropped.
async fn hold(pool: &Arc<Pool>) -> mpsc::Sender<()> {
    let (release, wait) = latch();
    let (pool, started) = (Arc::clone(pool), Arc::new(Notify::new()));
    let start = Arc::clone(&started);
    tokio::spawn(async move {
        pool.run(move || {
            start.notify_one();
            wait();
        })
        .await
    });
    started.notified().await;
    release
}

#[tokio::test]
async fn as_many_jobs_run_at_once_as_there_are_threads() {
    let pool = equal_pool(3, 100, LONG);
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
    let (release, wait) = latch();
    let started = Arc::new(Notify::new());
    let start = Arc::clone(&started);
    let slow = pool.run(move || {
        start.notify_one();
        wait();
        "done"
    });
    let releasing = async {
        started.notified().await;
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
    let mut gone = Box::pin(pool.run(move || _ = Arc::clone(&copy)));
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
mod giving_way {
    use std::thread;

    use tokio::time::timeout;

    use super::*;

    fn nice() -> i32 {
        rustix::process::getpriority_process(None).unwrap()
    }

    /// A job that stalls on the thread that starts it first; its count of attempts; and the sender that ends the stall.
    fn held_up() -> (impl Fn() -> i32 + Send + Sync + 'static, Arc<AtomicUsize>, mpsc::Sender<()>) {
        let (release, wait) = latch();
        let attempts = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&attempts);
        let job = move || {
            if count.fetch_add(1, Ordering::SeqCst) == 0 {
                wait();
            }
            nice()
        };
        (job, attempts, release)
    }

    /// Ends the period in which jobs run at normal priority.
    fn quick() -> Effort {
        Effort { began: Instant::now(), took: LONG, on_core: LONG }
    }

    /// Waits until the only low-priority thread has finished its queue.
    async fn none_gives_way(pool: &Pool) {
        let (done, told) = tokio::sync::oneshot::channel();
        pool.lanes.gives_way.send(Some(Box::new(move |_| done.send(()).unwrap()))).unwrap();
        told.await.unwrap();
    }

    #[tokio::test]
    async fn only_threads_that_give_way_are_nicer_than_the_process_was_started() {
        let first = nice();
        for more in [0, 5, 15] {
            let before = (first + more).min(19);
            // This thread alone, whose priority the pool's threads inherit.
            rustix::process::setpriority_process(None, before).unwrap();
            let mut giving_way = Pool::start(Turns::new(1, 2, LONG)).unwrap();
            // Other work on this machine is not to matter.
            Arc::get_mut(&mut giving_way.lanes).unwrap().look = LONG;
            assert_eq!(giving_way.run(nice).await, Ok((before + 10).min(19)));
            assert_eq!(equal_pool(1, 2, LONG).run(nice).await, Ok(before));
            assert_eq!(nice(), before);
            assert_eq!(thread::spawn(nice).join().unwrap(), before);
        }
    }

    #[tokio::test]
    async fn a_job_that_is_held_up_is_begun_again_at_equal_priority_and_holds_up_no_other() {
        let pool = pool(1, 2, LONG);
        let (job, attempts, release) = held_up();
        let both = timeout(LONG, async { tokio::join!(pool.run(job), pool.run(nice)) });
        assert_eq!(both.await, Ok((Ok(nice()), Ok(nice()))));
        assert_eq!(attempts.load(Ordering::SeqCst), 2);
        pool.lanes.pressure.note(quick());
        drop(release);
        none_gives_way(&pool).await;
        // Its end must be ignored and give back no second turn.
        assert_eq!(pool.lanes.pressure.priority(Instant::now()), Priority::GivesWay);
        let _turn = pool.reserve().await.unwrap();
        assert!(pool.reserve().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_job_for_which_every_thread_that_gives_way_is_held_up_runs_once_at_equal_priority() {
        let pool = pool(1, 2, LONG);
        let (job, _, release) = held_up();
        assert_eq!(timeout(LONG, pool.run(job)).await, Ok(Ok(nice())));
        pool.lanes.pressure.note(quick());
        let ran = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ran);
        let next = pool.run(move || {
            count.fetch_add(1, Ordering::SeqCst);
            nice()
        });
        assert_eq!(timeout(LONG, next).await, Ok(Ok(nice())));
        drop(release);
        none_gives_way(&pool).await;
        assert_eq!(ran.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_job_that_is_held_up_gives_back_the_turn_of_a_request_that_has_gone() {
        let pool = pool(1, 2, LONG);
        let (job, attempts, _release) = held_up();
        let mut gone = Box::pin(pool.run(job));
        assert!((&mut gone).now_or_never().is_none());
        while attempts.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        drop(gone);
        assert_eq!(timeout(LONG, pool.run(nice)).await, Ok(Ok(nice())));
        assert_eq!(attempts.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn dropping_the_pool_does_not_wait_for_a_job_that_is_held_up() {
        let pool = pool(1, 2, LONG);
        let (job, _, _release) = held_up();
        assert_eq!(timeout(LONG, pool.run(job)).await, Ok(Ok(nice())));
        let (done, told) = tokio::sync::oneshot::channel();
        thread::spawn(move || {
            drop(pool);
            done.send(()).unwrap();
        });
        assert_eq!(timeout(LONG, told).await, Ok(Ok(())));
    }
}
