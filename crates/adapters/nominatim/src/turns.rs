//! When the server may be asked.

use std::time::Duration;

use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, sleep_until},
};

use crate::failure::Failure;

/// Lets one request go at a time, an interval after the one before; the others wait in order of arrival.
#[derive(Debug)]
pub(crate) struct Turns {
    interval: Duration,
    waiting: Semaphore,
    next: Mutex<Option<Instant>>,
    quiet: Mutex<Option<Instant>>,
}

impl Turns {
    /// With this many waiting, none waits longer than that number of intervals.
    pub(crate) fn new(interval: Duration, max_waiting: usize) -> Self {
        Self { interval, waiting: Semaphore::new(max_waiting), next: Mutex::new(None), quiet: Mutex::new(None) }
    }

    /// Waits for a turn and uses it; gives up at once if too many wait, or the server wants a pause.
    pub(crate) async fn take(&self) -> Result<(), Failure> {
        self.check_quiet().await?;
        let _place = self.waiting.try_acquire().map_err(|_| Failure::TooManyWait)?;
        // Tokio's lock is fair: first come, first served.
        let mut next = self.next.lock().await;
        if let Some(next) = *next {
            sleep_until(next).await;
        }
        // The server may have asked for a pause meanwhile: then no turn is used.
        self.check_quiet().await?;
        *next = Some(Instant::now() + self.interval);
        Ok(())
    }

    /// Pauses requests to the server for a while.
    pub(crate) async fn pause(&self, time: Duration) {
        let mut quiet = self.quiet.lock().await;
        *quiet = quiet.max(Some(Instant::now() + time));
    }

    async fn check_quiet(&self) -> Result<(), Failure> {
        let is_quiet = self.quiet.lock().await.is_some_and(|until| Instant::now() < until);
        if is_quiet { Err(Failure::AskedToWait) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn turns_are_an_interval_apart_and_in_order() {
        let turns = Arc::new(Turns::new(SECOND, 5));
        let begin = Instant::now();
        let takers: Vec<_> = (0..5)
            .map(|_| {
                let turns = Arc::clone(&turns);
                tokio::spawn(async move { turns.take().await.map(|()| begin.elapsed().as_secs()) })
            })
            .collect();
        for (second, taker) in (0_u64..).zip(takers) {
            assert_eq!(taker.await.unwrap().unwrap(), second);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_too_many_does_not_wait() {
        let turns = Arc::new(Turns::new(SECOND, 2));
        turns.take().await.unwrap();
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let turns = Arc::clone(&turns);
                tokio::spawn(async move { turns.take().await })
            })
            .collect();
        tokio::task::yield_now().await;
        let begin = Instant::now();
        assert!(matches!(turns.take().await, Err(Failure::TooManyWait)));
        assert_eq!(begin.elapsed(), Duration::ZERO);
        for taker in waiting {
            taker.await.unwrap().unwrap();
        }
        turns.take().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_gives_up_takes_no_turn() {
        let turns = Turns::new(SECOND, 5);
        let begin = Instant::now();
        turns.take().await.unwrap();
        assert!(tokio::time::timeout(SECOND / 2, turns.take()).await.is_err());
        turns.take().await.unwrap();
        assert_eq!(begin.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asked_to_wait_is_left_alone() {
        let turns = Turns::new(SECOND, 5);
        turns.pause(SECOND * 10).await;
        turns.pause(SECOND).await;
        assert!(matches!(turns.take().await, Err(Failure::AskedToWait)));
        tokio::time::advance(SECOND * 10).await;
        turns.take().await.unwrap();
    }
}
