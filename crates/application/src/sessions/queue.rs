//! Uses of refresh tokens that come while others are on their way to the store go there together: a store makes many
//! small changes durable about as fast as one.

use std::{
    collections::HashSet,
    mem,
    pin::pin,
    sync::{Mutex, PoisonError},
};

use futures_util::future::{Either, select};
use tokio::sync::oneshot;
use vestibule_ports::{Advance, AdvanceSessions, Advanced, StoreError};

/// How many uses share a transaction at most.
const MOST: usize = 64;

/// Who waits to use a refresh token. One of them at a time sends for all; nobody waits for company.
#[derive(Default)]
pub(crate) struct AdvanceQueue {
    waiting: Mutex<Vec<Waiting>>,
    turn: tokio::sync::Mutex<()>,
}

struct Waiting {
    advance: Advance,
    answer: oneshot::Sender<Option<Advanced>>,
}

impl AdvanceQueue {
    /// Advances a session, with whatever else waits.
    pub(crate) async fn advance(
        &self,
        store: &dyn AdvanceSessions,
        advance: Advance,
    ) -> Result<Option<Advanced>, StoreError> {
        let (sender, mut answer) = oneshot::channel();
        self.change(|waiting| waiting.push(Waiting { advance, answer: sender }));
        loop {
            match select(&mut answer, pin!(self.turn.lock())).await {
                Either::Left((Ok(advanced), _)) => return Ok(advanced),
                // Whoever sent it has gone, or the store failed: alone it is told why, and is not taken down by others.
                Either::Left((Err(_), _)) => return Ok(store.advance(&[advance]).await?.pop().flatten()),
                Either::Right((turn, _)) => {
                    self.send(store).await;
                    drop(turn);
                }
            }
        }
    }

    async fn send(&self, store: &dyn AdvanceSessions) {
        let together = self.take();
        let advances: Vec<_> = together.iter().map(|waiting| waiting.advance).collect();
        if advances.is_empty() {
            return;
        }
        if let Ok(answers) = store.advance(&advances).await {
            for (waiting, answer) in together.into_iter().zip(answers) {
                // Who has gone is not told.
                let _ = waiting.answer.send(answer);
            }
        }
    }

    /// Takes a batch: at most one use of each session, and no use whose request was cancelled.
    fn take(&self) -> Vec<Waiting> {
        let (mut together, mut sessions) = (Vec::new(), HashSet::new());
        self.change(|waiting| {
            for next in mem::take(waiting) {
                if next.answer.is_closed() {
                    continue;
                }
                if together.len() < MOST && sessions.insert(next.advance.session) {
                    together.push(next);
                } else {
                    waiting.push(next);
                }
            }
        });
        together
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Waiting>)) {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use futures_util::{FutureExt, future::join_all};
    use time::macros::datetime;
    use tokio::sync::Semaphore;
    use vestibule_domain::{SessionId, TokenUse, id::Id96};

    use super::*;

    /// A store that answers nothing but counts who comes, each time with a permit, and fails where it is told to.
    struct Door {
        permits: Semaphore,
        came: Mutex<Vec<Vec<Advance>>>,
        refuses_company: bool,
    }

    impl Door {
        fn new(permits: usize) -> Self {
            Self { permits: Semaphore::new(permits), came: Mutex::default(), refuses_company: false }
        }

        /// How many came together each time.
        fn sizes(&self) -> Vec<usize> {
            self.came.lock().unwrap().iter().map(Vec::len).collect()
        }
    }

    #[async_trait]
    impl AdvanceSessions for Door {
        async fn advance(&self, uses: &[Advance]) -> Result<Vec<Option<Advanced>>, StoreError> {
            self.came.lock().unwrap().push(uses.to_vec());
            tokio::task::yield_now().await;
            self.permits.acquire().await.unwrap().forget();
            if self.refuses_company && uses.len() > 1 {
                return Err(StoreError::Busy(None));
            }
            Ok(vec![None; uses.len()])
        }
    }

    fn a_use(session: u8) -> Advance {
        let session = SessionId::from(Id96::from_bytes([session; 12]));
        Advance { session, counter: 0, this: TokenUse::new(None, datetime!(2026-03-01 12:00 UTC)) }
    }

    #[tokio::test]
    async fn uses_that_come_while_one_is_on_its_way_go_together() {
        let (queue, door) = (AdvanceQueue::default(), Door::new(0));
        let mut all = pin!(join_all((0..10).map(|session| queue.advance(&door, a_use(session)))));
        assert!((&mut all).now_or_never().is_none());
        assert_eq!(door.sizes(), [1], "the first waits for no company");
        door.permits.add_permits(2);
        assert!(all.await.into_iter().all(|answer| answer.is_ok()));
        assert_eq!(door.sizes(), [1, 9]);
    }

    #[tokio::test]
    async fn no_two_uses_of_one_session_and_no_more_than_fit_go_together() {
        let (queue, door) = (AdvanceQueue::default(), Door::new(100));
        let sessions = [1, 2, 2, 2].into_iter().chain(10..110);
        join_all(sessions.map(|session| queue.advance(&door, a_use(session)))).await;
        for together in door.came.lock().unwrap().iter() {
            let sessions: HashSet<_> = together.iter().map(|this| this.session).collect();
            assert_eq!(sessions.len(), together.len());
        }
        assert_eq!(door.sizes(), [1, MOST, 104 - 1 - MOST - 1, 1]);
    }

    #[tokio::test]
    async fn whoever_is_sent_by_somebody_that_goes_away_is_sent_again() {
        let (queue, door) = (AdvanceQueue::default(), Door::new(0));
        let mut first = Box::pin(queue.advance(&door, a_use(1)));
        assert!((&mut first).now_or_never().is_none());
        let mut second = Box::pin(queue.advance(&door, a_use(2)));
        let mut third = Box::pin(queue.advance(&door, a_use(3)));
        assert!((&mut second).now_or_never().is_none() && (&mut third).now_or_never().is_none());
        door.permits.add_permits(1);
        assert!(first.await.is_ok());
        assert!((&mut second).now_or_never().is_none(), "it has sent both");
        drop(second);
        door.permits.add_permits(1);
        assert!(third.await.is_ok());
        assert_eq!(door.sizes(), [1, 2, 1]);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_sent() {
        let (queue, door) = (AdvanceQueue::default(), Door::new(0));
        let mut first = Box::pin(queue.advance(&door, a_use(1)));
        assert!((&mut first).now_or_never().is_none());
        assert!(queue.advance(&door, a_use(2)).now_or_never().is_none());
        door.permits.add_permits(2);
        first.await.unwrap();
        queue.advance(&door, a_use(3)).await.unwrap();
        assert_eq!(door.sizes(), [1, 1]);
    }

    #[tokio::test]
    async fn a_failure_of_all_is_found_out_by_each_alone() {
        let (queue, door) = (AdvanceQueue::default(), Door { refuses_company: true, ..Door::new(100) });
        let answers = join_all((0..4).map(|session| queue.advance(&door, a_use(session)))).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(door.sizes(), [1, 3, 1, 1, 1]);
    }
}
